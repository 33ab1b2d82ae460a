/* Things, such as contents, known by 64-bit hashes: numbered as they come, and when each is first seen. */
#include "loops.h"

/* `slots` are 2^bits (at least one more than rows) and come as zeros; each holds a thing's number and one. There is
 * room for as many things as rows. Gives how many there are. */
LOOP things_number(const uint64_t *thing, int64_t rows, uint32_t *slots, int64_t bits, uint64_t *things,
                   int64_t *number)
{
    int64_t found = 0;
    uint64_t last = (UINT64_C(1) << bits) - 1;
    for (int64_t row = 0; row < rows; row++) {
        uint64_t at = thing[row] * UINT64_C(0x9E3779B97F4A7C15) >> (64 - bits);
        while (slots[at] && things[slots[at] - 1] != thing[row])
            at = (at + 1) & last;
        if (!slots[at]) {
            things[found++] = thing[row];
            slots[at] = (uint32_t)found;
        }
        number[row] = slots[at] - 1;
    }
    return found;
}

/* `first` comes as the largest int64. */
LOOP things_first(const int64_t *number, const int64_t *time, int64_t rows, int64_t *first)
{
    for (int64_t row = 0; row < rows; row++)
        if (time[row] < first[number[row]])
            first[number[row]] = time[row];
    return 0;
}
