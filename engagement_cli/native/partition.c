/* The bucket of each event row, and how many rows each bucket gets. */
#include "loops.h"

/* A customer's bucket is the hash's upper half, scaled; where that is 0, for nobody, that of `instead` × `factor`. Rows
   whose `fate` is 0 are added to `counts`. */
LOOP partition_buckets(const uint64_t *customer, const uint64_t *instead, int64_t factor, const uint8_t *fate,
                       int64_t rows, int64_t buckets, uint16_t *bucket, int64_t *counts)
{
    for (int64_t row = 0; row < rows; row++) {
        uint64_t spot = customer[row] ? customer[row] : instead[row] * (uint64_t)factor;
        bucket[row] = (uint16_t)(((spot >> 32) * (uint64_t)buckets) >> 32);
        counts[bucket[row]] += fate[row] == 0;
    }
    return 0;
}

/* Keeps the values that are none of the three which mean nothing, of rows whose `fate` is 0, with their rows, and adds
   them to `counts`; `kept` and `kept_row` have room for one more than there are values. Gives how many they are. */
LOOP partition_filled(const uint64_t *value, const uint32_t *row, int64_t count, const uint64_t *nothing,
                      const uint8_t *fate, const uint16_t *bucket, uint64_t *kept, uint32_t *kept_row, int64_t *counts)
{
    uint64_t first = nothing[0], second = nothing[1], third = nothing[2];
    int64_t found = 0;
    for (int64_t at = 0; at < count; at++) {
        kept[found] = value[at];
        kept_row[found] = row[at];
        found += (value[at] != first) & (value[at] != second) & (value[at] != third) & (fate[row[at]] == 0);
    }
    for (int64_t at = 0; at < found; at++)
        counts[bucket[kept_row[at]]]++;
    return found;
}
