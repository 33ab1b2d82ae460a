/* Hashes in rising order: merged, and found side by side. */
#include "loops.h"

/* The distinct values of both sides; there is room for all. */
LOOP rising_union(const uint64_t *left, int64_t left_size, const uint64_t *right, int64_t right_size, uint64_t *merged)
{
    int64_t i = 0, j = 0, count = 0;
    while (i < left_size || j < right_size) {
        uint64_t next = j == right_size || (i < left_size && left[i] <= right[j]) ? left[i++] : right[j++];
        if (count == 0 || merged[count - 1] != next)
            merged[count++] = next;
    }
    return count;
}

/* Where each of the rising `asked` stands among the distinct `known`, −1 where it does not. */
LOOP rising_places(const uint64_t *known, int64_t size, const uint64_t *asked, int64_t rows, int64_t *places)
{
    int64_t at = 0;
    for (int64_t row = 0; row < rows; row++) {
        while (at < size && known[at] < asked[row])
            at++;
        places[row] = at < size && known[at] == asked[row] ? at : -1;
    }
    return 0;
}
