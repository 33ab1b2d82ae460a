/* What customers' rows in trailing windows are worth, where all rows of an event add the same, up to a cap. */
#include "loops.h"

typedef struct {
    int64_t counted;
    int64_t customer; /* whose rows were counted */
} Cell;

typedef struct {
    const int64_t *weights;
    const int64_t *caps;
    Cell *cells; /* windows x events, as `sizes` */
    int64_t *sizes;
} Worth;

/* What one more row of a customer adds to a cell, without a branch, which would be guessed wrong half of the time. */
static inline uint64_t one_more(const Worth *worth, int64_t at, int64_t event, int64_t who)
{
    Cell *cell = &worth->cells[at];
    int64_t counted = cell->counted & -(int64_t)(cell->customer == who);
    int64_t counts = counted < worth->caps[event];
    cell->counted = counted + counts;
    cell->customer = who;
    worth->sizes[at] += counts;
    return (uint64_t)worth->weights[event] & (uint64_t)-counts;
}

/* Rows are sorted by (customer, time). A row of kind k counts for the events slots[first_slot[k]] .. before
   slots[first_slot[k + 1]]. There is a window, and windows [begins, ends) rise at both ends. `sizes` (windows x events:
   rows counted) and `points` (windows x customers or, with `apart`, windows x events x customers) come as zeros. */
LOOP points_in_windows(const uint32_t *customer, const int64_t *time, const uint32_t *kind, int64_t rows,
                       const int64_t *first_slot, const int64_t *slots, const int64_t *weights, const int64_t *caps,
                       int64_t events, const int64_t *begins, const int64_t *ends, int64_t windows,
                       int64_t customers, int64_t apart, int64_t *sizes, uint64_t *points)
{
    Cell *cells = malloc((size_t)(windows * events + 1) * sizeof *cells);
    if (cells == NULL)
        return NO_ROOM;
    for (int64_t i = 0; i < windows * events; i++)
        cells[i].customer = -1;
    const Worth worth = {weights, caps, cells, sizes};
    int64_t open = 0, who = -1; /* the first window that has not ended for this customer */
    for (int64_t row = 0; row < rows; row++) {
        int64_t now = time[row];
        if (now < begins[0] || now >= ends[windows - 1])
            continue;
        int64_t slot = first_slot[kind[row]], behind = first_slot[kind[row] + 1];
        open = customer[row] == who ? open : 0;
        who = customer[row];
        while (open < windows && ends[open] <= now)
            open++;
        for (int64_t window = open; window < windows && begins[window] <= now; window++) {
            for (int64_t next = slot; next < behind; next++) {
                int64_t event = slots[next], at = window * events + event;
                points[(apart ? at : window) * customers + who] += one_more(&worth, at, event, who);
            }
        }
    }
    free(cells);
    return 0;
}
