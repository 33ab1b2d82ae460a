/* Distinct (customer, period) pairs with a bit for every selection that matched a row there. */
#include "loops.h"

/* Rows sorted by (customer, period), each with the bits of its kind; the pairs' arrays have room for all rows.
   Every row writes its pair, without a branch: whether a pair is new cannot be foretold. */
LOOP activity_of_rows(const uint32_t *customer, const int32_t *period, const uint32_t *kind, int64_t rows,
                      const uint64_t *bits, uint32_t *of_customer, int32_t *in_period, uint64_t *marks)
{
    int64_t pair = -1;
    uint64_t found = 0;
    for (int64_t row = 0; row < rows; row++) {
        int64_t before = row - (row > 0);
        int new = (row == 0) | (customer[row] != customer[before]) | (period[row] != period[before]);
        pair += new;
        found = (new ? 0 : found) | bits[kind[row]];
        of_customer[pair] = customer[row];
        in_period[pair] = period[row];
        marks[pair] = found;
    }
    return pair + 1;
}

/* The same in coarser periods; `coarser` says of every period in which one it lies. */
LOOP activity_coarser(const uint32_t *customer, const int32_t *period, const uint64_t *mark, int64_t count,
                      const int32_t *coarser, uint32_t *of_customer, int32_t *in_period, uint64_t *marks)
{
    int64_t pair = -1;
    uint64_t found = 0, before = 0;
    for (int64_t i = 0; i < count; i++) {
        int32_t wider = coarser[period[i]];
        uint64_t key = (uint64_t)customer[i] << 32 | (uint32_t)wider;
        int new = (i == 0) | (key != before);
        before = key;
        pair += new;
        found = (found & ((uint64_t)new - 1)) | mark[i];
        of_customer[pair] = customer[i];
        in_period[pair] = wider;
        marks[pair] = found;
    }
    return pair + 1;
}

/* The pairs with a bit; their arrays have room for one more, which saves a branch a pair. */
LOOP activity_chosen(const uint32_t *customer, const int32_t *period, const uint64_t *marks, int64_t count,
                     int64_t bit, uint32_t *of_customer, int32_t *in_period)
{
    int64_t found = 0;
    for (int64_t i = 0; i < count; i++) {
        of_customer[found] = customer[i];
        in_period[found] = period[i];
        found += (int64_t)(marks[i] >> bit & 1);
    }
    return found;
}
