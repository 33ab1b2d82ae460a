/* Places in rising numbers, by halving. */
#ifndef ENGAGEMENT_SEARCH_H
#define ENGAGEMENT_SEARCH_H

#include <stdint.h>

/* From `low` to `high`, the first place whose number is not below a value; `high` where all are. */
static inline int64_t first_from(const int64_t *rising, int64_t low, int64_t high, int64_t value)
{
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (rising[middle] < value)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Of rising[low] <= value < rising[high], the last place whose number is not above the value. */
static inline int64_t last_until(const int64_t *rising, int64_t low, int64_t high, int64_t value)
{
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (rising[middle] <= value)
            low = middle;
        else
            high = middle;
    }
    return low;
}

#endif
