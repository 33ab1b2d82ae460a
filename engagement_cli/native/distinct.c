/* Distinct things in runs of rows. */
#include "loops.h"

#define SHORT 24

static int compared(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

static void sort(uint64_t *things, int64_t count)
{
    if (count > SHORT) {
        qsort(things, (size_t)count, sizeof *things, compared);
        return;
    }
    for (int64_t i = 1; i < count; i++) {
        uint64_t thing = things[i];
        int64_t place = i;
        for (; place > 0 && things[place - 1] > thing; place--)
            things[place] = things[place - 1];
        things[place] = thing;
    }
}

/* Runs begin at the rows `starts`, the first at row 0. `things` is sorted within them, `counts` has a place a run. */
LOOP distinct_in_runs(uint64_t *things, int64_t rows, const int64_t *starts, int64_t runs, int64_t *counts)
{
    for (int64_t run = 0; run < runs; run++) {
        int64_t begin = starts[run], end = run + 1 < runs ? starts[run + 1] : rows;
        sort(things + begin, end - begin);
        int64_t count = 1;
        for (int64_t row = begin + 1; row < end; row++)
            count += things[row] != things[row - 1];
        counts[run] = count;
    }
    return 0;
}
