/* When things, such as contents, are first seen. */
#include "loops.h"

/* `first` comes as the largest int64. */
LOOP things_first(const uint32_t *number, const int64_t *time, int64_t rows, int64_t *first)
{
    for (int64_t row = 0; row < rows; row++)
        if (time[row] < first[number[row]])
            first[number[row]] = time[row];
    return 0;
}
