/* Sessions: where they begin and how long they are; what they add up to, customer by customer. */
#include "loops.h"
#include "wide.h"

/* Rows of kinds that are not `wanted` are passed over. A session ends after a gap above `gap` ticks; where there are
 * days, at the end of one; an event `cap` ticks or more after its first opens another, unless that is 0. There is room
 * for as many sessions as rows: the row that opens one, the time of its last, how many there are. Gives their number. */
LOOP session_cuts(const uint32_t *customer, const int64_t *time, const uint32_t *kind, int64_t rows,
                  const uint8_t *wanted, int64_t gap, int64_t cap, const int32_t *day, int64_t days, int64_t *first,
                  int64_t *last, int64_t *events)
{
    int64_t found = 0, before = -1;
    for (int64_t row = 0; row < rows; row++) {
        if (!wanted[kind[row]])
            continue;
        /* Unsigned, so that a distance past 2^63 ticks is long, not negative. */
        uint64_t now = (uint64_t)time[row];
        if (before < 0 || customer[row] != customer[before] || now - (uint64_t)time[before] > (uint64_t)gap ||
            (days && day[row] != day[before]) || (cap && now - (uint64_t)time[first[found - 1]] >= (uint64_t)cap)) {
            first[found] = row;
            events[found] = 0;
            found++;
        }
        last[found - 1] = time[row];
        events[found - 1]++;
        before = row;
    }
    return found;
}

/* Sums of 128 bits, one a cell. */
typedef struct {
    uint64_t *low;
    uint64_t *high;
} Sums;

static void add_product(Sums sum, int64_t cell, uint64_t a, uint64_t b)
{
    Wide product = {a * b, 0};
    if ((a | b) >> 32)
        product = product_of(a, b);
    sum.low[cell] += product.low;
    sum.high[cell] += product.high + (sum.low[cell] < product.low);
}

enum { SESSIONS, TICKS, EVENTS, SINGLE, PLAIN };
enum { ONE, ITSELF, NUMBER };

/* Sessions of one customer that lie in one cell are next to each other and count as one observation. The sums, which
 * come as zeros, are (12, cells): customers, the plain sums, those of squares, and of products of the others with the
 * number of sessions. */
LOOP session_sums(const uint32_t *customer, const int64_t *cell, const int64_t *ticks, const int64_t *events,
                  int64_t sessions, int64_t cells, uint64_t *low, uint64_t *high)
{
    for (int64_t begin = 0, end; begin < sessions; begin = end) {
        uint64_t each[PLAIN] = {0};
        for (end = begin; end < sessions && customer[end] == customer[begin] && cell[end] == cell[begin]; end++) {
            each[SESSIONS]++;
            each[TICKS] += (uint64_t)ticks[end];
            each[EVENTS] += (uint64_t)events[end];
            each[SINGLE] += events[end] == 1;
        }
        Sums sum = {low, high};
        add_product(sum, cell[begin], 1, 1);
        for (int factor = ONE; factor <= NUMBER; factor++)
            for (int name = factor == NUMBER ? TICKS : SESSIONS; name < PLAIN; name++) {
                sum.low += cells;
                sum.high += cells;
                uint64_t by = factor == ONE ? 1 : factor == ITSELF ? each[name] : each[SESSIONS];
                add_product(sum, cell[begin], each[name], by);
            }
    }
    return 0;
}
