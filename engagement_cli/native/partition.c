/* Rows spread over buckets: counted, listed bucket by bucket, then each column is gathered once. */
#include "loops.h"

/* The bucket of each customer: the hash's upper half, scaled. Where that is 0, for nobody, `instead` × `factor`. */
LOOP partition_buckets(const uint64_t *customer, const uint64_t *instead, int64_t factor, int64_t rows, int64_t buckets,
                       uint16_t *bucket)
{
    for (int64_t row = 0; row < rows; row++) {
        uint64_t spot = customer[row] ? customer[row] : instead[row] * (uint64_t)factor;
        bucket[row] = (uint16_t)(((spot >> 32) * (uint64_t)buckets) >> 32);
    }
    return 0;
}

/* Lists the rows whose `fate` is 0; `ends` comes as zeros. Gives how many they are. */
LOOP partition_order(const uint16_t *bucket, const uint8_t *fate, int64_t rows, int64_t *ends, int64_t buckets,
                     uint32_t *order)
{
    for (int64_t row = 0; row < rows; row++)
        ends[bucket[row]] += fate[row] == 0;
    int64_t start = 0;
    for (int64_t b = 0; b < buckets; b++) {
        int64_t count = ends[b];
        ends[b] = start;
        start += count;
    }
    for (int64_t row = 0; row < rows; row++)
        if (fate[row] == 0)
            order[ends[bucket[row]]++] = (uint32_t)row;
    return start;
}

/* Marks the rows where a column is none of the three that mean nothing. */
LOOP partition_mark(const uint64_t *column, const uint64_t *nothing, int64_t rows, uint8_t *marked)
{
    uint64_t first = nothing[0], second = nothing[1], third = nothing[2];
    for (int64_t row = 0; row < rows; row++)
        marked[row] |= (column[row] != first) & (column[row] != second) & (column[row] != third);
    return 0;
}

/* Of the listed rows those that are marked; `order` and `ends` become theirs. `fewer` has room for one more. */
LOOP partition_marked(const uint32_t *order, int64_t *ends, int64_t buckets, const uint8_t *marked, uint32_t *fewer)
{
    int64_t at = 0, count = 0;
    for (int64_t b = 0; b < buckets; b++) {
        for (; at < ends[b]; at++) {
            fewer[count] = order[at];
            count += marked[order[at]] != 0;
        }
        ends[b] = count;
    }
    return count;
}

/* The listed rows' values, those of bucket b from `places[b]` on. */
LOOP partition_take8(const uint64_t *column, const uint32_t *order, const int64_t *ends, int64_t buckets,
                     const int64_t *places, uint64_t *taken)
{
    for (int64_t b = 0, at = 0; b < buckets; b++)
        for (int64_t place = places[b]; at < ends[b]; at++)
            taken[place++] = column[order[at]];
    return 0;
}

LOOP partition_take4(const uint32_t *column, const uint32_t *order, const int64_t *ends, int64_t buckets,
                     const int64_t *places, uint32_t *taken)
{
    for (int64_t b = 0, at = 0; b < buckets; b++)
        for (int64_t place = places[b]; at < ends[b]; at++)
            taken[place++] = column[order[at]];
    return 0;
}
