/* Two tables of rising keys as one. */
#include "loops.h"

/* Which side comes next is as good as random: there is no branch on it. */
static inline int64_t join(const uint64_t *left, int64_t left_rows, const uint64_t *right, int64_t right_rows,
                           const int64_t words, uint64_t *merged, uint32_t *left_place, uint32_t *right_place)
{
    int64_t i = 0, j = 0, count = 0;
    while (i < left_rows && j < right_rows) {
        const uint64_t *a = left + i * words, *b = right + j * words;
        int64_t less = 0, more = 0;
        for (int64_t word = words - 1; word >= 0; word--) {
            less = (a[word] < b[word]) | ((a[word] == b[word]) & less);
            more = (a[word] > b[word]) | ((a[word] == b[word]) & more);
        }
        uint64_t chosen = (uint64_t)-more;
        for (int64_t word = 0; word < words; word++)
            merged[count * words + word] = (a[word] & ~chosen) | (b[word] & chosen);
        left_place[i] = right_place[j] = (uint32_t)count++;
        i += !more;
        j += !less;
    }
    memcpy(merged + count * words, left + i * words, (size_t)((left_rows - i) * words) * sizeof *left);
    while (i < left_rows)
        left_place[i++] = (uint32_t)count++;
    memcpy(merged + count * words, right + j * words, (size_t)((right_rows - j) * words) * sizeof *right);
    while (j < right_rows)
        right_place[j++] = (uint32_t)count++;
    return count;
}

/* Keys of so many words, the first the most significant; those of each side rise, and there is room for both together.
 * `left_place` and `right_place` say where the rows of each side are then. Gives how many keys there are in either. */
LOOP merging_union(const uint64_t *left, int64_t left_rows, const uint64_t *right, int64_t right_rows, int64_t words,
                   uint64_t *merged, uint32_t *left_place, uint32_t *right_place)
{
    if (words == 1) /* a number that the compiler knows makes the loop twice as fast */
        return join(left, left_rows, right, right_rows, 1, merged, left_place, right_place);
    if (words == 2)
        return join(left, left_rows, right, right_rows, 2, merged, left_place, right_place);
    return join(left, left_rows, right, right_rows, words, merged, left_place, right_place);
}

/* Numbers that are distinct and rise on each side, with a count each: those of either, whose counts are added up. There is
   room for both together. */
LOOP merging_counts(const int64_t *left, const int64_t *left_counts, int64_t left_rows, const int64_t *right,
                    const int64_t *right_counts, int64_t right_rows, int64_t *merged, int64_t *counts)
{
    int64_t i = 0, j = 0, count = 0;
    while (i < left_rows && j < right_rows) {
        int64_t of_left = -(int64_t)(left[i] <= right[j]), of_right = -(int64_t)(right[j] <= left[i]);
        merged[count] = (left[i] & of_left) | (right[j] & ~of_left);
        counts[count++] = (left_counts[i] & of_left) + (right_counts[j] & of_right);
        i -= of_left;
        j -= of_right;
    }
    memcpy(merged + count, left + i, (size_t)(left_rows - i) * sizeof *left);
    memcpy(counts + count, left_counts + i, (size_t)(left_rows - i) * sizeof *left);
    count += left_rows - i;
    memcpy(merged + count, right + j, (size_t)(right_rows - j) * sizeof *right);
    memcpy(counts + count, right_counts + j, (size_t)(right_rows - j) * sizeof *right);
    return count + right_rows - j;
}
