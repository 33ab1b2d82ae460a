/* Rows spread over buckets: counted, then every column moved once. */
#include "loops.h"

/* `ends` comes as zeros. */
LOOP partition_places(const uint16_t *bucket, int64_t rows, int64_t *ends, int64_t buckets, uint32_t *place)
{
    for (int64_t row = 0; row < rows; row++)
        ends[bucket[row]]++;
    int64_t start = 0;
    for (int64_t b = 0; b < buckets; b++) {
        int64_t count = ends[b];
        ends[b] = start;
        start += count;
    }
    for (int64_t row = 0; row < rows; row++)
        place[row] = (uint32_t)ends[bucket[row]]++;
    return 0;
}

LOOP partition_move8(const uint64_t *column, const uint32_t *place, int64_t rows, uint64_t *moved)
{
    for (int64_t row = 0; row < rows; row++)
        moved[place[row]] = column[row];
    return 0;
}

LOOP partition_move4(const uint32_t *column, const uint32_t *place, int64_t rows, uint32_t *moved)
{
    for (int64_t row = 0; row < rows; row++)
        moved[place[row]] = column[row];
    return 0;
}
