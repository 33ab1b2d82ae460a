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

/* The sums that events add to: those of event e are into[first[e]] .. before into[first[e + 1]]. */
typedef struct {
    const int64_t *first;
    const int64_t *into;
    int64_t count;
    int64_t customers;
    uint64_t *points; /* windows x count x customers */
} Sums;

/* What a row is worth to one event in one window; with a single sum, to which all events add, no list of them is read. */
static inline void add(Sums sums, int single, int64_t window, int64_t event, int64_t who, uint64_t amount)
{
    uint64_t *of_window = sums.points + window * sums.count * sums.customers + who;
    if (single)
        *of_window += amount;
    else
        for (int64_t at = sums.first[event]; at < sums.first[event + 1]; at++)
            of_window[sums.into[at] * sums.customers] += amount;
}

typedef struct {
    const uint32_t *customer;
    const int64_t *time;
    const uint32_t *kind;
    int64_t count;
} Rows;

typedef struct {
    const int64_t *begins;
    const int64_t *ends;
    int64_t count;
} Windows;

static inline void add_rows(Rows rows, Windows windows, const int64_t *first_slot, const int64_t *slots,
                            const Worth *worth, int64_t events, Sums sums, int single)
{
    int64_t open = 0, who = -1; /* the first window that has not ended for this customer */
    for (int64_t row = 0; row < rows.count; row++) {
        int64_t now = rows.time[row];
        if (now < windows.begins[0] || now >= windows.ends[windows.count - 1])
            continue;
        int64_t slot = first_slot[rows.kind[row]], behind = first_slot[rows.kind[row] + 1];
        open = rows.customer[row] == who ? open : 0;
        who = rows.customer[row];
        while (open < windows.count && windows.ends[open] <= now)
            open++;
        for (int64_t window = open; window < windows.count && windows.begins[window] <= now; window++)
            for (int64_t next = slot; next < behind; next++)
                add(sums, single, window, slots[next], who,
                    one_more(worth, window * events + slots[next], slots[next], who));
    }
}

/* Rows are sorted by (customer, time). A row of kind k counts for the events slots[first_slot[k]] .. before
   slots[first_slot[k + 1]]. There is a window, and windows [begins, ends) rise at both ends. `sizes` (windows x events:
   rows counted) and `points` come as zeros. A single sum is one that every event adds to. */
LOOP points_in_windows(const uint32_t *customer, const int64_t *time, const uint32_t *kind, int64_t rows,
                       const int64_t *first_slot, const int64_t *slots, const int64_t *weights, const int64_t *caps,
                       int64_t events, const int64_t *begins, const int64_t *ends, int64_t windows,
                       int64_t customers, const int64_t *first_sum, const int64_t *into, int64_t sums, int64_t single,
                       int64_t *sizes, uint64_t *points)
{
    Cell *cells = malloc((size_t)(windows * events + 1) * sizeof *cells);
    if (cells == NULL)
        return NO_ROOM;
    for (int64_t i = 0; i < windows * events; i++)
        cells[i].customer = -1;
    const Rows all = {customer, time, kind, rows};
    const Windows trailing = {begins, ends, windows};
    const Worth worth = {weights, caps, cells, sizes};
    const Sums added = {first_sum, into, sums, customers, points};
    if (single)
        add_rows(all, trailing, first_slot, slots, &worth, events, added, 1);
    else
        add_rows(all, trailing, first_slot, slots, &worth, events, added, 0);
    free(cells);
    return 0;
}
