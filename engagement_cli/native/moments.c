/* Sums of x and y, of their squares and of their product, by cell: a cell is a period and group, and what counts in it
   is what a customer adds up to. Products of 64 bits are summed in two words of 64. */
#include "loops.h"
#include "wide.h"

#define NOBODY UINT32_MAX /* each of its rows stands for itself */
#define UNSORTED (-1)
#define TOO_LARGE (-2)
#define LOW_HALF 0xffffffffu
#define WORDS 10 /* a cell's sums of x, y, x², y², x·y: of each the low word, the high word */
#define RUNS 512

/* Rows that add to x or to y. */
typedef struct {
    const uint32_t *customer;
    const int32_t *period;
    const int64_t *group;  /* NULL: all are of one */
    const int64_t *amount; /* NULL: one each */
    int64_t rows;
    int64_t read;
} Side;

/* What a customer's rows in a cell add up to. They are found and merged without a branch a row: nobody foretells how
   long a run is, and which side is next. */
typedef struct {
    int64_t count;
    int64_t merged;
    int64_t failed;
    uint64_t key[RUNS]; /* customer, then cell */
    int64_t sum[RUNS];
} Runs;

typedef struct {
    int64_t first; /* period */
    int64_t groups;
    int64_t capped;
    int64_t cap;     /* of x */
    uint64_t *sums;  /* WORDS a cell */
    int64_t *counts; /* two a cell: customers with any y, and customers */
} Cells;

static inline uint64_t key_at(const Side *side, const Cells *cells, int64_t row)
{
    int64_t cell = (side->period[row] - cells->first) * cells->groups + (side->group ? side->group[row] : 0);
    return (uint64_t)side->customer[row] << 32 | (uint64_t)cell;
}

static inline int64_t amount_at(const Side *side, int64_t row)
{
    return side->amount ? side->amount[row] : 1;
}

/* The runs of rows from `row` on, of which there is one, as many as there is room for. Says where it stopped. */
static inline int64_t gather_runs(const Side side, const Cells cells, int64_t row, uint64_t last, Runs *runs)
{
    uint64_t current = key_at(&side, &cells, row);
    int64_t run = 0, total = 0;
    int unsorted = current < last, too_large = 0;
    for (; row < side.rows && side.customer[row] != NOBODY; row++) {
        uint64_t key = key_at(&side, &cells, row);
        int begins = key != current;
        if (run + begins == RUNS)
            break;
        int64_t before = begins ? 0 : total, amount = amount_at(&side, row);
        total = (int64_t)((uint64_t)before + (uint64_t)amount);
        too_large |= ((before ^ total) & (amount ^ total)) < 0;
        unsorted |= key < current;
        current = key;
        run += begins;
        runs->key[run] = key;
        runs->sum[run] = total;
    }
    runs->count = run + 1;
    runs->failed = unsorted ? UNSORTED : too_large ? TOO_LARGE : 0;
    return row;
}

/* Reads rows until there are no more, or as many runs as there is room for. */
static int64_t read_runs(Side *side, const Cells *cells, Runs *runs)
{
    uint64_t last = runs->count ? runs->key[runs->count - 1] : 0;
    runs->merged = runs->count = runs->failed = 0;
    if (side->read == side->rows || side->customer[side->read] == NOBODY)
        return 0;
    if (side->group || side->amount)
        side->read = gather_runs(*side, *cells, side->read, last, runs);
    else { /* most often, and the compiler makes a loop of its own of it */
        const Side plain = {side->customer, side->period, NULL, NULL, side->rows, 0};
        const Cells single = {cells->first, 1, 0, 0, NULL, NULL};
        side->read = gather_runs(plain, single, side->read, last, runs);
    }
    return runs->failed;
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
    Wide product = product_of(magnitude(a), magnitude(b));
    if ((a < 0) != (b < 0)) {
        product.low = 0 - product.low;
        product.high = ~product.high + (product.low == 0);
    }
    add_words(sum, product.low, product.high);
}

static inline void add_customer(const Cells *cells, uint64_t cell, int64_t x, int64_t y)
{
    uint64_t *sum = cells->sums + WORDS * cell;
    x = cells->capped && x > cells->cap ? cells->cap : x;
    add(sum, x);
    add(sum + 2, y);
    add_product(sum + 4, x, x);
    add_product(sum + 6, y, y);
    add_product(sum + 8, x, y);
    cells->counts[2 * cell] += y != 0;
    cells->counts[2 * cell + 1]++;
}

static int64_t merge(Side *side_x, Side *side_y, const Cells *cells)
{
    Runs x = {0}, y = {0};
    for (;;) {
        int64_t failed = x.merged == x.count ? read_runs(side_x, cells, &x) : 0;
        if (!failed && y.merged == y.count)
            failed = read_runs(side_y, cells, &y);
        if (failed || x.count + y.count == 0)
            return failed;
        int64_t at_x = x.merged, at_y = y.merged;
        while (at_x < x.count && at_y < y.count) {
            uint64_t key_x = x.key[at_x], key_y = y.key[at_y];
            int of_x = key_x <= key_y, of_y = key_y <= key_x;
            int64_t sum_x = x.sum[at_x] & -(int64_t)of_x, sum_y = y.sum[at_y] & -(int64_t)of_y;
            add_customer(cells, (of_x ? key_x : key_y) & LOW_HALF, sum_x, sum_y);
            at_x += of_x;
            at_y += of_y;
        }
        for (; y.count == 0 && at_x < x.count; at_x++)
            add_customer(cells, x.key[at_x] & LOW_HALF, x.sum[at_x], 0);
        for (; x.count == 0 && at_y < y.count; at_y++)
            add_customer(cells, y.key[at_y] & LOW_HALF, 0, y.sum[at_y]);
        x.merged = at_x;
        y.merged = at_y;
    }
}

/* The rows behind those of customers. */
static int64_t add_nobody(const Side *x, const Side *y, const Cells *cells, int64_t paired)
{
    for (int64_t row = x->read; row < x->rows; row++) {
        if (x->customer[row] != NOBODY)
            return UNSORTED;
        add_customer(cells, key_at(x, cells, row) & LOW_HALF, amount_at(x, row), paired ? amount_at(y, row) : 0);
    }
    for (int64_t row = y->read; row < y->rows && !paired; row++) {
        if (y->customer[row] != NOBODY)
            return UNSORTED;
        add_customer(cells, key_at(y, cells, row) & LOW_HALF, 0, amount_at(y, row));
    }
    return 0;
}

/* Both sides are sorted by customer, period and group. Where all are of one group, `group` is not read; where each row
   adds one, `amount` is not. Sides are paired when they are two amounts of the same rows. A cell is (period - first) x
   groups + group; there are less than 2^32. `sums` and `counts` come as zeros. */
LOOP moments(const uint32_t *customer_x, const int32_t *period_x, const int64_t *group_x, const int64_t *x,
             int64_t weighed_x, int64_t rows_x, const uint32_t *customer_y, const int32_t *period_y,
             const int64_t *group_y, const int64_t *y, int64_t weighed_y, int64_t rows_y, int64_t paired, int64_t first,
             int64_t groups, int64_t capped, int64_t cap, uint64_t *sums, int64_t *counts)
{
    const int grouped = groups > 1;
    const Cells cells = {first, groups, capped, cap, sums, counts};
    Side of_x = {.customer = customer_x, .period = period_x, .group = grouped ? group_x : NULL,
                 .amount = weighed_x ? x : NULL, .rows = rows_x};
    Side of_y = {.customer = customer_y, .period = period_y, .group = grouped ? group_y : NULL,
                 .amount = weighed_y ? y : NULL, .rows = rows_y};
    int64_t failed = merge(&of_x, &of_y, &cells);
    return failed ? failed : add_nobody(&of_x, &of_y, &cells, paired);
}
