/* Which cells of a column are there, and what they hold. */
#include "arrow.h"
#include "loops.h"

/* Lists the rows, `before` which others are, whose cells are there, and if `has_numbers` what they hold, of 8 bytes.
   Gives how many they are. */
LOOP arrow_filled(int64_t column, int64_t before, int64_t has_numbers, uint32_t *rows, uint64_t *numbers)
{
    const Cells *cells = cells_at(column);
    const uint64_t *given = has_numbers ? (const uint64_t *)cells->buffers[1] + cells->offset : NULL;
    int64_t found = 0;
    for (int64_t start = 0; start < cells->length; start += AT_ONCE) {
        for (uint64_t bits = set_bits(cells, 0, start); bits; bits &= bits - 1) {
            int64_t row = start + lowest(bits);
            if (given)
                numbers[found] = given[row];
            rows[found++] = (uint32_t)(before + row);
        }
    }
    return found;
}

/* Puts values, of 8 bytes, into their rows. */
LOOP arrow_put(const uint64_t *values, const uint32_t *rows, int64_t count, uint64_t *all)
{
    for (int64_t at = 0; at < count; at++)
        all[rows[at]] = values[at];
    return 0;
}
