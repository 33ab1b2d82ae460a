/* Rows in the order of customer, time and kind: spread over their customers, then each customer's put in order, which
   exports mostly are. */
#include "loops.h"

#define FEW 16

typedef struct {
    int64_t time;
    uint32_t kind;
    uint32_t place;
} Item;

static inline int before(Item one, Item other)
{
    return (one.time < other.time) | ((one.time == other.time) & (one.kind < other.kind));
}

static void insert(Item *items, int64_t count)
{
    for (int64_t i = 1; i < count; i++) {
        Item item = items[i];
        int64_t to = i;
        for (; to > 0 && before(item, items[to - 1]); to--)
            items[to] = items[to - 1];
        items[to] = item;
    }
}

/* Two runs of items, of which the second begins at `middle`, become one; there is room for the first in `spare`. */
static void merge(Item *items, int64_t middle, int64_t count, Item *spare)
{
    if (!before(items[middle], items[middle - 1]))
        return;
    memcpy(spare, items, (size_t)middle * sizeof *items);
    int64_t left = 0, right = middle, to = 0;
    while (left < middle && right < count) { /* no branch: nobody foretells which is next */
        int64_t second = before(items[right], spare[left]);
        const Item *next = second ? &items[right] : &spare[left];
        items[to++] = *next;
        right += second;
        left += 1 - second;
    }
    memcpy(items + to, spare + left, (size_t)(middle - left) * sizeof *items);
}

static void sort(Item *items, int64_t count, Item *spare)
{
    for (int64_t at = 0; at < count; at += FEW)
        insert(items + at, count - at < FEW ? count - at : FEW);
    for (int64_t run = FEW; run < count; run *= 2)
        for (int64_t at = 0; at + run < count; at += 2 * run)
            merge(items + at, run, count - at < 2 * run ? count - at : 2 * run, spare);
}

/* Codes become customers by `ranks`, and kinds become others by `kinds`: -1 if one is not below their number. `ends`, one
   a customer and one more, comes as zeros, and gets where each customer's rows end behind those before. Rows of one
   customer, time and kind stay in their order. `place` gets where each row was, where it is `placed`. */
LOOP sorting_rows(const uint32_t *code, const int64_t *time, const uint32_t *kind, int64_t rows,
                  const uint32_t *ranks, int64_t codes, const uint32_t *kinds, int64_t known_kinds,
                  int64_t customers, int64_t *ends, uint32_t *customer, int64_t *times, uint32_t *new_kind,
                  int64_t placed, uint32_t *place)
{
    int64_t largest = 0;
    for (int64_t row = 0; row < rows; row++) {
        if (code[row] >= codes || kind[row] >= known_kinds)
            return -1;
        ends[ranks[code[row]] + 1]++;
    }
    for (int64_t who = 0; who < customers; who++) {
        largest = ends[who + 1] > largest ? ends[who + 1] : largest;
        ends[who + 1] += ends[who];
    }
    Item *items = malloc((size_t)(2 * largest + 1) * sizeof *items);
    if (!items)
        return NO_ROOM;
    for (int64_t row = 0; row < rows; row++) {
        if (row + SOON < rows) {
            int64_t soon = ends[ranks[code[row + SOON]]];
            SOON_AT(times, soon * 8);
            SOON_AT(new_kind, soon * 4);
            if (placed)
                SOON_AT(place, soon * 4);
        }
        int64_t to = ends[ranks[code[row]]]++;
        times[to] = time[row];
        new_kind[to] = kinds[kind[row]];
        if (placed)
            place[to] = (uint32_t)row;
    }
    for (int64_t who = 0, first = 0; who < customers; first = ends[who++]) {
        int64_t count = ends[who] - first, at = 1;
        for (int64_t to = first; to < ends[who]; to++)
            customer[to] = (uint32_t)who;
        int64_t *ticks = times + first;
        uint32_t *what = new_kind + first, *where = placed ? place + first : 0;
        while (at < count && (ticks[at - 1] < ticks[at] || (ticks[at - 1] == ticks[at] && what[at - 1] <= what[at])))
            at++;
        if (at >= count)
            continue;
        for (at = 0; at < count; at++)
            items[at] = (Item){ticks[at], what[at], where ? where[at] : 0};
        sort(items, count, items + count);
        for (at = 0; at < count; at++) {
            ticks[at] = items[at].time;
            what[at] = items[at].kind;
            if (where)
                where[at] = items[at].place;
        }
    }
    free(items);
    return 0;
}

/* Of rows in order, those that agree with a neighbour in customer, time and kind, each with the number of its run. */
LOOP sorting_tied(const uint32_t *customer, const int64_t *time, const uint32_t *kind, int64_t rows, uint32_t *tied,
                  uint32_t *run)
{
    int64_t found = 0;
    uint32_t runs = 0;
    int same = 0;
    for (int64_t row = 0; row < rows; row++) {
        int next = row + 1 < rows && time[row] == time[row + 1] && customer[row] == customer[row + 1] &&
                   kind[row] == kind[row + 1];
        runs += !same;
        tied[found] = (uint32_t)row;
        run[found] = runs;
        found += same || next;
        same = next;
    }
    return found;
}
