/* What customers' rows in trailing windows are worth, where all rows of an event add the same, up to a cap. */
#include "loops.h"

/* What one row of an event adds, and how many of a customer's rows in a window do; of each window and event, the
   customer whose rows were counted last in the upper half, and how many they were. */
typedef struct {
    const int64_t *weights;
    const int64_t *caps; /* below 2^32 */
    int64_t events;
    uint64_t *counted; /* windows x events */
} Worth;

/* What one more row of a customer adds to a window, without a branch, which would be guessed wrong half of the time. */
static inline uint64_t one_more(const Worth *worth, int64_t window, int64_t event, uint64_t who)
{
    uint64_t *counted = worth->counted + window * worth->events + event;
    uint64_t before = (uint32_t)*counted & -(uint64_t)(*counted >> 32 == who);
    uint64_t counts = before < (uint64_t)worth->caps[event];
    *counted = who << 32 | (before + counts);
    return (uint64_t)worth->weights[event] & (0 - counts);
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

typedef struct {
    const int64_t *first;
    const int64_t *events;
    int alone; /* each kind counts for one event */
} Slots;

static inline void add_row(Slots slots, const Worth *worth, Sums sums, int single, int64_t window, int64_t kind,
                           int64_t who)
{
    int64_t slot = slots.alone ? kind : slots.first[kind], behind = slots.alone ? kind + 1 : slots.first[kind + 1];
    for (; slot < behind; slot++) {
        int64_t event = slots.events[slot];
        add(sums, single, window, event, who, one_more(worth, window, event, (uint64_t)who));
    }
}

/* Most rows lie in one window, the one in which the customer's row before lay. */
static inline void add_rows(Rows rows, Windows windows, Slots slots, const Worth *worth, Sums sums, int single)
{
    int64_t who = -1, open = 0, begins = 0, ends = 0, next = 0; /* of the first window that has not ended */
    for (int64_t row = 0; row < rows.count; row++) {
        int64_t now = rows.time[row];
        if ((rows.customer[row] != who) | (now >= ends)) {
            open = rows.customer[row] == who ? open : 0;
            who = rows.customer[row];
            while (open < windows.count && windows.ends[open] <= now)
                open++;
            begins = open < windows.count ? windows.begins[open] : INT64_MAX;
            ends = open < windows.count ? windows.ends[open] : INT64_MAX;
            next = open + 1 < windows.count ? windows.begins[open + 1] : INT64_MAX;
        }
        if (now < begins || open == windows.count)
            continue;
        add_row(slots, worth, sums, single, open, rows.kind[row], who);
        if (now >= next)
            for (int64_t window = open + 1; window < windows.count && windows.begins[window] <= now; window++)
                add_row(slots, worth, sums, single, window, rows.kind[row], who);
    }
}

/* Rows are sorted by (customer, time). A row of kind k counts for the events slots[first_slot[k]] .. before
   slots[first_slot[k + 1]]. There is a window, and windows [begins, ends) rise at both ends. `points` comes as zeros. A
   single sum is one that every event adds to; with `alone` there is one event of every kind. */
LOOP points_in_windows(const uint32_t *customer, const int64_t *time, const uint32_t *kind, int64_t rows,
                       const int64_t *first_slot, const int64_t *slots, int64_t alone, const int64_t *weights,
                       const int64_t *caps, int64_t events, const int64_t *begins, const int64_t *ends,
                       int64_t windows, int64_t customers, const int64_t *first_sum, const int64_t *into, int64_t sums,
                       int64_t single, uint64_t *points)
{
    uint64_t *counted = malloc((size_t)(windows * events + 1) * sizeof *counted);
    if (counted == NULL)
        return NO_ROOM;
    memset(counted, 0xff, (size_t)(windows * events) * sizeof *counted); /* of nobody */
    const Rows all = {customer, time, kind, rows};
    const Windows trailing = {begins, ends, windows};
    const Worth worth = {weights, caps, events, counted};
    const Sums added = {first_sum, into, sums, customers, points};
    const Slots plain = {NULL, slots, 1}, listed = {first_slot, slots, 0};
    if (single && alone)
        add_rows(all, trailing, plain, &worth, added, 1);
    else if (alone)
        add_rows(all, trailing, plain, &worth, added, 0);
    else
        add_rows(all, trailing, listed, &worth, added, 0);
    free(counted);
    return 0;
}
