/* Whole numbers in as few bytes as hold them. The least number of a width stands for a missing one. */
#include "loops.h"

static inline int64_t value_at(const int64_t *values, const uint32_t *at, int all, int64_t row)
{
    return values[all ? row : at[row]];
}

static inline int width_of(const int64_t *values, const uint32_t *at, int all, int64_t rows)
{
    uint64_t bits = 0; /* of all sizes; that of a missing one has the highest alone */
    for (int64_t row = 0; row < rows; row++) {
        uint64_t value = (uint64_t)value_at(values, at, all, row), negative = 0 - (value >> 63);
        bits |= (value ^ negative) - negative;
    }
    bits &= INT64_MAX;
    return bits <= INT8_MAX ? 1 : bits <= INT16_MAX ? 2 : bits <= INT32_MAX ? 4 : 8;
}

#define PUT(type, least)                                                                                               \
    for (int64_t row = 0; row < rows; row++) {                                                                         \
        int64_t value = value_at(values, at, all, row);                                                                \
        ((type *)found)[row] = value == INT64_MIN ? least : (type)value;                                               \
    }

static inline int64_t put(const int64_t *values, const uint32_t *at, int all, int64_t rows, void *found)
{
    int width = width_of(values, at, all, rows);
    switch (width) {
    case 1:
        PUT(int8_t, INT8_MIN)
        break;
    case 2:
        PUT(int16_t, INT16_MIN)
        break;
    case 4:
        PUT(int32_t, INT32_MIN)
        break;
    default:
        PUT(int64_t, INT64_MIN)
    }
    return width;
}

/* The numbers of all rows or of those `at` some places; returns the bytes that each of them takes in `found`, which has
   room for eight. */
LOOP narrow_numbers(const int64_t *values, const uint32_t *at, int64_t all, int64_t rows, uint64_t *found)
{
    return all ? put(values, at, 1, rows, found) : put(values, at, 0, rows, found);
}
