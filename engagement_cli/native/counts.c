/* How many rows of each kind customers have in periods, and what such counts add up to. */
#include "loops.h"

#define PAIR 32 /* bits below an entry's pair: how many rows it has */

/* Rows sorted by (customer, period), whose kinds are all below `kinds`. Gives the distinct pairs of customer and period,
   and by kind the pairs that have rows of it, rising, and how many: `ends` comes with where those of each kind begin
   among `entries`, which has as much room for them as there are rows of the kind, and leaves with where they end. There
   is room for as many pairs as rows. Returns how many pairs there are. */
LOOP counts_of_rows(const uint32_t *customer, const int32_t *period, const uint32_t *kind, int64_t rows, int64_t kinds,
                    int64_t *ends, uint32_t *of_customer, int32_t *in_period, uint64_t *entries)
{
    uint32_t *counts = calloc((size_t)kinds + 1, sizeof *counts), *there = malloc((size_t)(kinds + 1) * sizeof *there);
    if (counts == NULL || there == NULL) {
        free(counts);
        free(there);
        return NO_ROOM;
    }
    int64_t pair = 0;
    for (int64_t row = 0; row < rows; pair++) {
        uint32_t who = of_customer[pair] = customer[row], many = 0;
        int32_t when = in_period[pair] = period[row];
        for (; row < rows && (customer[row] == who) & (period[row] == when); row++) {
            uint32_t *count = counts + kind[row];
            there[many] = kind[row];
            many += *count == 0;
            ++*count;
        }
        for (uint32_t i = 0; i < many; i++) {
            int64_t at = ends[there[i]]++;
            entries[at] = (uint64_t)pair << PAIR | counts[there[i]];
            SOON_BEHIND(entries + at, 0);
            counts[there[i]] = 0;
        }
    }
    free(counts);
    free(there);
    return pair;
}

/* Rows of the wanted kinds in each pair, added to `sums`. */
LOOP counts_of_kinds(const int64_t *begins, const int64_t *ends, const uint8_t *wanted, int64_t kinds,
                     const uint64_t *entries, uint32_t *sums)
{
    for (int64_t kind = 0; kind < kinds; kind++)
        for (int64_t at = begins[kind]; wanted[kind] && at < ends[kind]; at++)
            sums[entries[at] >> 32] += (uint32_t)entries[at];
    return 0;
}

#define SUMS 7 /* of x, y, x², y², x·y; pairs with any y; pairs with any row */

/* Two counts of each pair, of which at most so many count, by cell: a cell is group x periods + period - first, and
   where there is one group, none is read. `sums` has SUMS zeros a cell, and 64 bits hold each sum. */
LOOP counts_moments(const int32_t *period, const int64_t *group, int64_t groups, const uint32_t *x, const uint32_t *y,
                    int64_t pairs, int64_t most_x, int64_t most_y, int64_t first, int64_t periods, int64_t *sums)
{
    for (int64_t pair = 0; pair < pairs; pair++) {
        if (!(x[pair] | y[pair]))
            continue;
        int64_t a = x[pair] < most_x ? x[pair] : most_x, b = y[pair] < most_y ? y[pair] : most_y;
        int64_t *sum = sums + SUMS * ((groups > 1 ? group[pair] * periods : 0) + period[pair] - first);
        sum[0] += a;
        sum[1] += b;
        sum[2] += a * a;
        sum[3] += b * b;
        sum[4] += a * b;
        sum[5] += b != 0;
        sum[6]++;
    }
    return 0;
}
