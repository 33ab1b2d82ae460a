/* Funnels in which other events may lie between the steps: the counted attempt of each entity in each period. */
#include "loops.h"
#include "periods.h"

#define MOST_STEPS 30
#define NOT_REACHED INT64_MAX
#define NONE (-1)

/* Rows of one entity at one time, `first .. end - 1`, count in either order. */
typedef struct {
    int64_t time;
    int64_t first;
    int64_t end;
    uint32_t steps; /* that any of the rows matches */
} moment;

/* The moments of one entity. Of moment m and step s, at `m * steps + s`: the next later moment that has the step, and
 * how many steps from it on the rows fill together, once that was asked (else 0). */
typedef struct {
    const uint32_t *mask;
    int steps;
    int64_t count;
    moment *moments;
    int64_t *following;
    int8_t *filled;
} line;

/* How many rows the longest run of one entity has: scratch of that length is enough for any. */
static int64_t longest_run(const uint32_t *entity, int64_t rows)
{
    int64_t longest = 0, begin = 0;
    for (int64_t row = 1; row <= rows; row++)
        if (row == rows || entity[row] != entity[row - 1]) {
            if (row - begin > longest)
                longest = row - begin;
            begin = row;
        }
    return longest;
}

static void read_moments(line *l, const int64_t *time, int64_t begin, int64_t end)
{
    l->count = 0;
    for (int64_t row = begin; row < end; row++) {
        if (l->mask[row] == 0)
            continue;
        if (l->count == 0 || l->moments[l->count - 1].time != time[row])
            l->moments[l->count++] = (moment){time[row], row, row, 0};
        moment *last = l->moments + l->count - 1;
        last->end = row + 1;
        last->steps |= l->mask[row];
    }
}

static void link_moments(line *l)
{
    int64_t next[MOST_STEPS];
    for (int step = 0; step < l->steps; step++)
        next[step] = NONE;
    for (int64_t m = l->count - 1; m >= 0; m--)
        for (int step = 1; step < l->steps; step++) {
            l->following[m * l->steps + step] = next[step];
            if (l->moments[m].steps >> step & 1)
                next[step] = m;
        }
    memset(l->filled, 0, (size_t)(l->count * l->steps));
}

/* Give the step a row of its own, where need be by moving steps already placed (`first` up to `open`) to others. */
static int place(const uint32_t *mask, const moment *m, int step, int first, int open, int64_t *row_of, uint32_t *tried)
{
    for (int64_t row = m->first; row < m->end; row++) {
        if (!(mask[row] >> step & 1))
            continue;
        int holder = NONE;
        for (int other = first; other < open; other++)
            if (row_of[other] == row)
                holder = other;
        if (holder != NONE) {
            if (*tried >> holder & 1)
                continue;
            *tried |= UINT32_C(1) << holder;
            if (!place(mask, m, holder, first, open, row_of, tried))
                continue;
        }
        row_of[step] = row;
        return 1;
    }
    return 0;
}

/* How many steps in a row, from `first` on, distinct rows of the moment fill; it has the first of them. */
static int fill(const line *l, int64_t at, int first)
{
    const moment *m = l->moments + at;
    if (m->end - m->first == 1)
        return 1;
    int8_t *known = l->filled + at * l->steps + first;
    if (*known == 0) {
        int64_t row_of[MOST_STEPS];
        int open = first;
        for (uint32_t tried = 0; open < l->steps && place(l->mask, m, open, first, open, row_of, &tried); tried = 0)
            open++;
        *known = (int8_t)(open - first);
    }
    return *known;
}

/* Follow one entry greedily (the earliest moment for a step is never the wrong one): steps reached, and when. */
static int walk(const line *l, int64_t entry, uint64_t window, int64_t *times)
{
    int64_t at = entry, begun = l->moments[entry].time;
    int depth = 0, reached = fill(l, entry, 0);
    for (;;) {
        while (depth < reached)
            times[depth++] = l->moments[at].time;
        if (depth == l->steps)
            return depth;
        at = l->following[at * l->steps + depth];
        if (at == NONE || (uint64_t)l->moments[at].time - (uint64_t)begun > window)
            return depth;
        reached = depth + fill(l, at, depth);
    }
}

static int64_t first_matching(const line *l, const moment *m)
{
    int64_t row = m->first;
    while (!(l->mask[row] & 1))
        row++;
    return row;
}

/* Period i is `[bounds[i], bounds[i + 1])`; rows outside of all open no attempt. There is room for as many attempts as
 * rows; of each, `times` has one value a step. Gives the number of attempts. */
LOOP funnel_sequential(const uint32_t *entity, const int64_t *time, const uint32_t *mask, int64_t rows, int64_t steps,
                       int64_t window, int64_t first_only, const int64_t *bounds, int64_t periods, int64_t *entry,
                       int32_t *period, int8_t *depth, int64_t *times)
{
    size_t longest = (size_t)longest_run(entity, rows);
    line l = {mask, (int)steps, 0, malloc(longest * sizeof(moment) + 1),
              malloc(longest * (size_t)steps * sizeof(int64_t) + 1), malloc(longest * (size_t)steps + 1)};
    int64_t found = NO_ROOM;
    if (!l.moments || !l.following || !l.filled)
        goto done;
    found = 0;
    for (int64_t begin = 0, end; begin < rows; begin = end) {
        int enters = 0;
        for (end = begin; end < rows && entity[end] == entity[begin]; end++)
            enters |= mask[end] & 1 && time[end] >= bounds[0] && time[end] < bounds[periods];
        if (!enters)
            continue;
        read_moments(&l, time, begin, end);
        link_moments(&l);
        int64_t last_period = NONE; /* of the attempt at found - 1, where it is of this entity */
        for (int64_t m = 0; m < l.count; m++) {
            int64_t when = l.moments[m].time, reached[MOST_STEPS];
            if (!(l.moments[m].steps & 1) || when < bounds[0] || when >= bounds[periods])
                continue;
            int64_t in_period = period_of(bounds, periods, when, last_period);
            int again = in_period == last_period;
            if (again && (first_only || depth[found - 1] == steps))
                continue;
            int deep = walk(&l, m, (uint64_t)window, reached);
            if (again && deep <= depth[found - 1])
                continue;
            found += !again;
            last_period = in_period;
            entry[found - 1] = first_matching(&l, l.moments + m);
            period[found - 1] = (int32_t)in_period;
            depth[found - 1] = (int8_t)deep;
            for (int64_t step = 0; step < steps; step++)
                times[(found - 1) * steps + step] = step < deep ? reached[step] : NOT_REACHED;
        }
    }
done:
    free(l.moments);
    free(l.following);
    free(l.filled);
    return found;
}

/* Rows sorted by (customer, time, kind) less one equal row for each of the others, which are sorted too and all among
 * them: which are kept (`keep` has one value a row). */
LOOP funnel_without(const uint32_t *customer, const int64_t *time, const uint32_t *kind, int64_t rows,
                    const uint32_t *lost_customer, const int64_t *lost_time, const uint32_t *lost_kind, int64_t lost,
                    uint8_t *keep)
{
    int64_t next = 0;
    for (int64_t row = 0; row < rows; row++) {
        keep[row] = next == lost || customer[row] != lost_customer[next] || time[row] != lost_time[next] ||
                    kind[row] != lost_kind[next];
        next += !keep[row];
    }
    return 0;
}
