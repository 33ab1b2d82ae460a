/* Customer, instant and kind of a row packed into one number that sorts as they do: instants in units since a first. */
#include "division.h"
#include "loops.h"

/* Whether the unit, whose largest quotient is `largest`, divides the ticks since `first` of all from then on. */
LOOP packing_divides(const int64_t *ticks, int64_t rows, int64_t first, int64_t inverse, int64_t twos, int64_t largest)
{
    for (int64_t row = 0; row < rows; row++)
        if (ticks[row] >= first && quotient((uint64_t)ticks[row] - (uint64_t)first, inverse, twos) > (uint64_t)largest)
            return 0;
    return 1;
}

/* `shift`, the bits below the customer, is less than 64. */
LOOP packing_pack(const uint32_t *customer, const int64_t *ticks, const uint32_t *kind, int64_t rows, int64_t first,
                  int64_t inverse, int64_t twos, int64_t shift, int64_t kind_bits, uint64_t *keys)
{
    for (int64_t row = 0; row < rows; row++)
        keys[row] = (uint64_t)customer[row] << shift |
                    quotient((uint64_t)ticks[row] - (uint64_t)first, inverse, twos) << kind_bits | kind[row];
    return 0;
}

LOOP packing_unpack(const uint64_t *keys, int64_t rows, int64_t first, int64_t unit, int64_t shift, int64_t kind_bits,
                    uint32_t *customer, int64_t *ticks, uint32_t *kind)
{
    uint64_t below = (UINT64_C(1) << shift) - 1, kinds = (UINT64_C(1) << kind_bits) - 1;
    for (int64_t row = 0; row < rows; row++) {
        customer[row] = (uint32_t)(keys[row] >> shift);
        ticks[row] = (int64_t)((uint64_t)first + ((keys[row] & below) >> kind_bits) * (uint64_t)unit);
        kind[row] = (uint32_t)(keys[row] & kinds);
    }
    return 0;
}
