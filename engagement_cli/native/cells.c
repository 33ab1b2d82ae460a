/* Sums by cell. */
#include "loops.h"

#define TOO_LARGE (-1)

/* `sums` comes as zeros. */
LOOP cells_sum(const int64_t *cell, const int64_t *values, int64_t rows, int64_t *sums)
{
    for (int64_t row = 0; row < rows; row++) {
        int64_t sum = sums[cell[row]], value = values[row];
        if (value > 0 ? sum > INT64_MAX - value : sum < INT64_MIN - value)
            return TOO_LARGE;
        sums[cell[row]] = sum + value;
    }
    return 0;
}
