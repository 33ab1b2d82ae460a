/* Places of numbers in any order among rising ones: a table leads to the few that a number may stand among. */
#include "loops.h"
#include "search.h"

#define MOST_CELLS (1 << 22)

/* Which of the equal ranges from `low` on a number lies in. */
static inline uint64_t cell_of(int64_t number, int64_t low, int shift)
{
    return ((uint64_t)number - (uint64_t)low) >> shift;
}

/* Of distinct rising numbers twice the first place whose number is not below each of `asked` (`size` where all are), and
   one more where it is that number. */
LOOP lookup_places(const int64_t *rising, int64_t size, const int64_t *asked, int64_t rows, int64_t *places)
{
    if (size == 0) {
        memset(places, 0, (size_t)rows * sizeof *places);
        return 0;
    }
    if (rows == 0)
        return 0;
    int64_t low = rising[0], high = rising[size - 1], place = 0;
    int64_t fewer = size < rows ? size : rows; /* a table for few numbers asked for is a small one */
    uint64_t most = fewer < MOST_CELLS / 4 ? 4 * (uint64_t)fewer : MOST_CELLS;
    int shift = 0;
    while (cell_of(high, low, shift) >= most)
        shift++;
    uint64_t cells = cell_of(high, low, shift) + 1;
    int64_t *first = malloc((cells + 1) * sizeof *first); /* the first place of each range */
    if (!first)
        return NO_ROOM;
    for (uint64_t cell = 0; cell < cells; cell++) {
        while (cell_of(rising[place], low, shift) < cell) /* the last range holds the last number */
            place++;
        first[cell] = place;
    }
    first[cells] = size;
    for (int64_t row = 0; row < rows; row++) {
        int64_t number = asked[row];
        if (number <= low || number > high) {
            places[row] = number <= low ? number == low : 2 * size;
            continue;
        }
        uint64_t cell = cell_of(number, low, shift);
        int64_t found = first_from(rising, first[cell], first[cell + 1], number);
        places[row] = 2 * found + (rising[found] == number);
    }
    free(first);
    return 0;
}
