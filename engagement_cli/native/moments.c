/* Sums of x and y, of their squares and of their product, by cell: a cell is a group in a period, and what counts in it
   is what a customer adds up to. Products of 64 bits are summed in two words of 64. */
#include "loops.h"

#define NOBODY UINT32_MAX /* each of its rows stands for itself */
#define UNSORTED (-1)
#define TOO_LARGE (-2)
#define LOW_HALF 0xffffffffu
#define WORDS 10 /* a cell's sums of x, y, x², y², x·y: of each the low word, the high word */

typedef struct {
    const uint32_t *customer;
    const int32_t *period;
    const int64_t *group;  /* NULL: all are of one */
    const int64_t *amount; /* NULL: one each */
    int64_t rows;
    int64_t at;
} Side;

typedef struct {
    uint64_t when; /* customer and period, as one number that rises with them */
    int64_t group;
} Key;

static inline Key key_at(const Side *side, int64_t row)
{
    uint32_t period = (uint32_t)side->period[row] ^ 0x80000000u;
    Key key = {(uint64_t)side->customer[row] << 32 | period, side->group ? side->group[row] : 0};
    return key;
}

static inline int is_before(Key a, Key b)
{
    return a.when < b.when || (a.when == b.when && a.group < b.group);
}

static inline int is_same(Key a, Key b)
{
    return a.when == b.when && a.group == b.group;
}

static inline int is_nobody(Key key)
{
    return key.when >> 32 == NOBODY;
}

/* What the rows of a key add up to, from where the side stands; the side then stands after them. */
static inline int64_t sum_of_key(Side *side, Key key, int64_t *sum)
{
    int64_t begin = side->at, end = begin, total = 0;
    int64_t rows = is_nobody(key) && begin < side->rows ? begin + 1 : side->rows;
    while (end < rows && is_same(key_at(side, end), key))
        end++;
    side->at = end;
    if (end < side->rows && (is_nobody(key) ? side->customer[end] != NOBODY : is_before(key_at(side, end), key)))
        return UNSORTED;
    if (!side->amount)
        total = end - begin;
    else
        for (int64_t row = begin; row < end; row++) {
            int64_t amount = side->amount[row];
            if (amount > 0 ? total > INT64_MAX - amount : total < INT64_MIN - amount)
                return TOO_LARGE;
            total += amount;
        }
    *sum = total;
    return 0;
}

static inline void add_words(uint64_t *sum, uint64_t low, uint64_t high)
{
    sum[0] += low;
    sum[1] += high + (sum[0] < low);
}

static inline void add(uint64_t *sum, int64_t value)
{
    add_words(sum, (uint64_t)value, value < 0 ? UINT64_MAX : 0);
}

static inline uint64_t magnitude(int64_t value)
{
    return value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
}

static inline void add_product(uint64_t *sum, int64_t a, int64_t b)
{
    if (a == (int32_t)a && b == (int32_t)b) {
        add(sum, a * b);
        return;
    }
    uint64_t p = magnitude(a), q = magnitude(b), low = (p & LOW_HALF) * (q & LOW_HALF);
    uint64_t crossed = (p >> 32) * (q & LOW_HALF) + (low >> 32);
    uint64_t other = (p & LOW_HALF) * (q >> 32) + (crossed & LOW_HALF);
    uint64_t high = (p >> 32) * (q >> 32) + (crossed >> 32) + (other >> 32);
    low = (other << 32) | (low & LOW_HALF);
    if ((a < 0) != (b < 0)) {
        low = 0 - low;
        high = ~high + (low == 0);
    }
    add_words(sum, low, high);
}

/* Both sides are sorted by customer, period and group. Sides are paired when they are two amounts of the same rows.
   `sums` has WORDS a cell and `counts` two: customers with any y, and customers; they come as zeros. */
static inline int64_t merge(Side x, Side y, int64_t paired, int64_t first, int64_t periods, int64_t capped, int64_t cap,
                     uint64_t *sums, int64_t *counts)
{
    while (x.at < x.rows || y.at < y.rows) {
        int of_x = y.at == y.rows || (x.at < x.rows && !is_before(key_at(&y, y.at), key_at(&x, x.at)));
        Key key = of_x ? key_at(&x, x.at) : key_at(&y, y.at);
        int alone = is_nobody(key) && !paired;
        int64_t sum_x = 0, sum_y = 0, failed = 0;
        if (of_x || !alone)
            failed = sum_of_key(&x, key, &sum_x);
        if (!failed && !(of_x && alone))
            failed = sum_of_key(&y, key, &sum_y);
        if (failed)
            return failed;
        if (capped && sum_x > cap)
            sum_x = cap;
        int64_t period = (int64_t)(key.when & LOW_HALF) + INT32_MIN;
        int64_t cell = key.group * periods + (period - first);
        uint64_t *sum = sums + WORDS * cell;
        add(sum, sum_x);
        add(sum + 2, sum_y);
        add_product(sum + 4, sum_x, sum_x);
        add_product(sum + 6, sum_y, sum_y);
        add_product(sum + 8, sum_x, sum_y);
        counts[2 * cell] += sum_y != 0;
        counts[2 * cell + 1]++;
    }
    return 0;
}

/* Where all are of one group, `group` is not read; where each row adds one, `amount` is not. */
static Side side(const uint32_t *customer, const int32_t *period, const int64_t *group, int64_t grouped,
                 const int64_t *amount, int64_t weighed, int64_t rows)
{
    Side made = {customer, period, grouped ? group : NULL, weighed ? amount : NULL, rows, 0};
    return made;
}

LOOP moments(const uint32_t *customer_x, const int32_t *period_x, const int64_t *group_x, const int64_t *x,
             int64_t weighed_x, int64_t rows_x, const uint32_t *customer_y, const int32_t *period_y,
             const int64_t *group_y, const int64_t *y, int64_t weighed_y, int64_t rows_y, int64_t grouped, int64_t paired,
             int64_t first, int64_t periods, int64_t capped, int64_t cap, uint64_t *sums, int64_t *counts)
{
    return merge(side(customer_x, period_x, group_x, grouped, x, weighed_x, rows_x),
                 side(customer_y, period_y, group_y, grouped, y, weighed_y, rows_y), paired, first, periods, capped, cap,
                 sums, counts);
}
