/* Who joins, stays and leaves from bound to bound, and with what money: summed by group and period in 128 bits. */
#include "loops.h"
#include "search.h"

typedef struct {
    uint64_t low, high; /* two's complement */
} Wide;

typedef struct {
    int64_t active, mrr, group;
} State;

/* The sums of a group and period, in the order of `FIELDS` in movements.py. */
enum {
    START, KEPT, END, MOVED,
    MONEY_START, NEW, REACTIVATION, EXPANSION, CONTRACTION, CHURN, MONEY_MOVED, MONEY_END,
    PAYING, START_SQUARED, END_SQUARED,
    NRR, NRR_SQUARED, NRR_START, GRR, GRR_SQUARED, GRR_START, LOST, LOST_SQUARED, LOST_START,
    FIELDS
};

typedef struct {
    Wide *sums; /* groups × (periods + 1) × FIELDS: what begins to count with a period, and stops with another */
    int64_t periods, low, groups;
} Table;

static Wide wide(int64_t value)
{
    Wide found = {(uint64_t)value, value < 0 ? UINT64_MAX : 0};
    return found;
}

static Wide negative(Wide value)
{
    Wide found = {0 - value.low, ~value.high + (value.low == 0)};
    return found;
}

static void add(Wide *sum, Wide value)
{
    sum->low += value.low;
    sum->high += value.high + (sum->low < value.low);
}

static Wide times(int64_t a, int64_t b)
{
    uint64_t x = a < 0 ? 0 - (uint64_t)a : (uint64_t)a, y = b < 0 ? 0 - (uint64_t)b : (uint64_t)b;
    uint64_t x0 = x & UINT32_MAX, x1 = x >> 32, y0 = y & UINT32_MAX, y1 = y >> 32;
    uint64_t middle = (x0 * y0 >> 32) + (x1 * y0 & UINT32_MAX) + x0 * y1; /* cannot overflow */
    Wide found = {x * y, x1 * y1 + (x1 * y0 >> 32) + (middle >> 32)};
    return (a < 0) != (b < 0) ? negative(found) : found;
}

/* Adds a value to a field in the periods [from, to). */
static void count(const Table *table, int64_t group, int64_t from, int64_t to, int field, Wide value)
{
    if (group < table->low || group >= table->low + table->groups)
        return;
    Wide *row = table->sums + (group - table->low) * (table->periods + 1) * FIELDS + field;
    add(row + from * FIELDS, value);
    add(row + to * FIELDS, negative(value));
}

static void count_moment(const Table *table, int64_t group, int64_t from, int64_t to, int field, int64_t x, int64_t y)
{
    if (x == 0)
        return;
    count(table, group, from, to, field, wide(x));
    count(table, group, from, to, field + 1, times(x, x));
    count(table, group, from, to, field + 2, times(x, y));
}

/* Wraps round where two amounts are further apart than an amount can be. */
static int64_t difference(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a - (uint64_t)b);
}

/* What is there at the start of the periods [from, to), and how much of it is kept. */
static void count_start(const Table *table, int64_t from, int64_t to, State before, State after)
{
    int64_t group = before.group, kept = after.active ? after.mrr : 0;
    int64_t least = !after.active ? 0 : before.mrr < after.mrr ? before.mrr : after.mrr;
    count(table, group, from, to, START, wide(1));
    if (after.active)
        count(table, group, from, to, KEPT, wide(1));
    if (before.mrr != 0) {
        count(table, group, from, to, MONEY_START, wide(before.mrr));
        count(table, group, from, to, START_SQUARED, times(before.mrr, before.mrr));
        count(table, group, from, to, PAYING, wide(1));
    }
    count_moment(table, group, from, to, NRR, kept, before.mrr);
    count_moment(table, group, from, to, GRR, least, before.mrr);
    count_moment(table, group, from, to, LOST, after.active && after.mrr > 0 ? 0 : before.mrr, before.mrr);
}

static void count_end(const Table *table, int64_t from, int64_t to, State after)
{
    count(table, after.group, from, to, END, wide(1));
    if (after.mrr != 0) {
        count(table, after.group, from, to, MONEY_END, wide(after.mrr));
        count(table, after.group, from, to, END_SQUARED, times(after.mrr, after.mrr));
    }
}

/* What changes between the ends of a period; a customer who is there at both may have moved between groups. */
static void count_change(const Table *table, int64_t period, State before, State after, int earlier)
{
    int64_t to = period + 1, more = difference(after.mrr, before.mrr);
    int joins = after.active && (!before.active || (before.mrr <= 0 && after.mrr > 0));
    int stops = before.active && (!after.active || (before.mrr > 0 && after.mrr <= 0));
    if (stops)
        count(table, before.group, period, to, CHURN, negative(wide(more)));
    if (joins)
        count(table, after.group, period, to, earlier ? REACTIVATION : NEW, wide(more));
    if (!before.active || !after.active)
        return;
    if (!joins && !stops && more > 0)
        count(table, after.group, period, to, EXPANSION, wide(more));
    if (!joins && !stops && more < 0)
        count(table, after.group, period, to, CONTRACTION, negative(wide(more)));
    if (before.group != after.group) {
        int64_t left = stops ? after.mrr : before.mrr;
        count(table, before.group, period, to, MOVED, wide(-1));
        count(table, after.group, period, to, MOVED, wide(1));
        count(table, before.group, period, to, MONEY_MOVED, negative(wide(left)));
        count(table, after.group, period, to, MONEY_MOVED, wide(left));
    }
}

typedef struct {
    int64_t *active, *mrr; /* by bound: how many stretches more run from it on, and with how much more money */
    uint8_t *changes;
} Steps;

/* From bound to bound of one customer, whose stretches meet the bounds [low, high). */
static void walk(const Table *table, Steps steps, const int64_t *bounds, const int64_t *group, int64_t low,
                 int64_t high, int64_t first_paid)
{
    State before = {0, 0, 0};
    int64_t since = low, running = 0, last = table->periods;
    uint64_t mrr = 0;
    for (int64_t bound = low; bound <= high && bound <= last; bound++) {
        if (!steps.changes[bound] && (group == NULL || !before.active || group[bound] == before.group))
            continue;
        running += steps.active[bound];
        mrr += (uint64_t)steps.mrr[bound];
        State after = {running > 0, (int64_t)mrr, group == NULL || !running ? 0 : group[bound]};
        if (before.active && since < bound - 1) { /* the periods in which nothing changed */
            count_start(table, since, bound - 1, before, before);
            count_end(table, since, bound - 1, before);
        }
        if (bound > 0) {
            if (before.active)
                count_start(table, bound - 1, bound, before, after);
            if (after.active)
                count_end(table, bound - 1, bound, after);
            count_change(table, bound - 1, before, after, first_paid < bounds[bound - 1]);
        }
        before = after;
        since = bound;
    }
    if (before.active && since < last) {
        count_start(table, since, last, before, before);
        count_end(table, since, last, before);
    }
    for (int64_t bound = low; bound <= high; bound++)
        steps.active[bound] = steps.mrr[bound] = steps.changes[bound] = 0;
}

static void walk_all(const Table *table, Steps steps, const int64_t *first, int64_t customers, const int64_t *begins,
                     const int64_t *ends, const int64_t *mrr, const int64_t *bounds, const int64_t *groups)
{
    int64_t size = table->periods + 1;
    for (int64_t customer = 0; customer < customers; customer++) {
        int64_t low = size, high = 0, first_paid = INT64_MAX;
        for (int64_t i = first[customer]; i < first[customer + 1]; i++) {
            int64_t from = first_from(bounds, 0, size, begins[i]), to = first_from(bounds, 0, size, ends[i]);
            if (mrr[i] > 0 && begins[i] < first_paid)
                first_paid = begins[i];
            if (from >= to)
                continue; /* between two bounds */
            steps.active[from]++;
            steps.active[to]--;
            steps.mrr[from] = difference(steps.mrr[from], difference(0, mrr[i]));
            steps.mrr[to] = difference(steps.mrr[to], mrr[i]);
            steps.changes[from] = steps.changes[to] = 1;
            low = from < low ? from : low;
            high = to > high ? to : high;
        }
        if (low < high)
            walk(table, steps, bounds, groups == NULL ? NULL : groups + customer * size, low, high, first_paid);
    }
}

/* `sums` come as zeros; `groups` are by customer and bound, none where `grouped` is 0: everybody is in group 0. Only the
   groups from `low` on are summed, as many as there is room for. */
LOOP movements_sum(const int64_t *first, int64_t customers, const int64_t *begins, const int64_t *ends,
                   const int64_t *mrr, const int64_t *bounds, int64_t periods, const int64_t *group, int64_t grouped,
                   int64_t low, int64_t groups, uint64_t *sums)
{
    Table table = {(Wide *)sums, periods, low, groups};
    size_t size = (size_t)periods + 2; /* one more for what never ends */
    Steps steps = {calloc(size, sizeof(int64_t)), calloc(size, sizeof(int64_t)), calloc(size, 1)};
    int room = steps.active != NULL && steps.mrr != NULL && steps.changes != NULL;
    if (room)
        walk_all(&table, steps, first, customers, begins, ends, mrr, bounds, grouped ? group : NULL);
    free(steps.active);
    free(steps.mrr);
    free(steps.changes);
    if (!room)
        return NO_ROOM;
    for (int64_t g = 0; g < groups; g++) { /* from steps to sums */
        Wide *row = table.sums + g * (periods + 1) * FIELDS;
        for (int64_t cell = FIELDS; cell < periods * FIELDS; cell++)
            add(row + cell, row[cell - FIELDS]);
    }
    return 0;
}
