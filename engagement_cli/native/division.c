/* Whether instants are whole units since a first. */
#include "division.h"
#include "loops.h"

/* Whether the unit, whose largest quotient is `largest`, divides the ticks since `first` of all from then on. */
LOOP division_leaves_no_rest(const int64_t *ticks, int64_t rows, int64_t first, int64_t inverse, int64_t twos, int64_t largest)
{
    for (int64_t row = 0; row < rows; row++)
        if (ticks[row] >= first && quotient((uint64_t)ticks[row] - (uint64_t)first, inverse, twos) > (uint64_t)largest)
            return 0;
    return 1;
}
