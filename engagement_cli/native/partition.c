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

/* Lists the rows whose `fate` is 0 and where the column is none of the three values that mean nothing, and adds them to
   `counts`; `listed` has room for one more than there are rows. Gives how many they are. */
LOOP partition_filled(const uint64_t *column, const uint64_t *nothing, const uint8_t *fate, const uint16_t *bucket,
                      int64_t rows, uint32_t *listed, int64_t *counts)
{
    uint64_t first = nothing[0], second = nothing[1], third = nothing[2];
    int64_t count = 0;
    for (int64_t row = 0; row < rows; row++) {
        listed[count] = (uint32_t)row;
        count += (column[row] != first) & (column[row] != second) & (column[row] != third) & (fate[row] == 0);
    }
    for (int64_t at = 0; at < count; at++)
        counts[bucket[listed[at]]]++;
    return count;
}
