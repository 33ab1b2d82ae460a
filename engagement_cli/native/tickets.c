/* Tickets of customers: how many were resolved after they were opened, are open, are open for long. */
#include "loops.h"

typedef struct {
    uint64_t thing;
    int64_t opened;   /* first; the largest int64 if never */
    int64_t resolved; /* last; the least int64 if never */
} Ticket;

static int compared(const void *a, const void *b)
{
    uint64_t left = ((const Ticket *)a)->thing, right = ((const Ticket *)b)->thing;
    return (left > right) - (left < right);
}

/* Rows are sorted by customer; `opens` and `resolves` have a flag a kind. A ticket is known that was opened, and resolved
   if it ever was at or after its first opening; one opened before `late` and not resolved is overdue. The counts come as
   zeros. */
LOOP tickets_counts(const uint32_t *customer, const int64_t *time, const uint32_t *kind, const uint64_t *thing,
                    int64_t rows, const uint8_t *opens, const uint8_t *resolves, int64_t late, int64_t *resolved,
                    int64_t *open, int64_t *overdue)
{
    Ticket *tickets = malloc((size_t)(rows + 1) * sizeof *tickets);
    if (tickets == NULL)
        return NO_ROOM;
    for (int64_t row = 0; row < rows;) {
        int64_t who = customer[row], count = 0;
        for (; row < rows && customer[row] == who; row++)
            tickets[count++] = (Ticket){thing[row], opens[kind[row]] ? time[row] : INT64_MAX,
                                        resolves[kind[row]] ? time[row] : INT64_MIN};
        if (count > 1)
            qsort(tickets, (size_t)count, sizeof *tickets, compared);
        for (int64_t i = 0; i < count;) {
            Ticket whole = tickets[i];
            for (i++; i < count && tickets[i].thing == whole.thing; i++) {
                whole.opened = tickets[i].opened < whole.opened ? tickets[i].opened : whole.opened;
                whole.resolved = tickets[i].resolved > whole.resolved ? tickets[i].resolved : whole.resolved;
            }
            if (whole.opened == INT64_MAX)
                continue;
            int still = whole.resolved < whole.opened;
            resolved[who] += !still;
            open[who] += still;
            overdue[who] += still && whole.opened < late;
        }
    }
    free(tickets);
    return 0;
}
