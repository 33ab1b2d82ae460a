/* Which period an instant lies in. */
#include "loops.h"
#include "search.h"

#define NEAR 4

/* Periods are of similar length: a guess by division is right, or nearly so. */
LOOP periods_index(const int64_t *time, int64_t rows, const int64_t *bounds, int64_t periods, int32_t *period)
{
    int64_t first = bounds[0], last = bounds[periods];
    uint64_t span = (uint64_t)last - (uint64_t)first;
    double scale = span == 0 || span > INT64_MAX ? 0 : (double)periods / (double)span;
    for (int64_t row = 0; row < rows; row++) {
        int64_t t = time[row];
        if (t < first || t >= last) {
            period[row] = t < first ? -1 : (int32_t)periods;
            continue;
        }
        int64_t guess = (int64_t)((double)(int64_t)((uint64_t)t - (uint64_t)first) * scale);
        guess = guess < periods ? guess : periods - 1;
        int steps = 0;
        while (bounds[guess] > t && steps++ < NEAR)
            guess--;
        while (bounds[guess + 1] <= t && steps++ < NEAR)
            guess++;
        if (bounds[guess] > t || bounds[guess + 1] <= t)
            guess = last_until(bounds, 0, periods, t);
        period[row] = (int32_t)guess;
    }
    return 0;
}

/* Periods of a coarser grain, by a table of what each fine one lies in. Returns 0, or -1 where one is not in it. */
LOOP periods_coarser(const int32_t *period, int64_t rows, const int32_t *wider, int64_t periods, int32_t *coarser)
{
    for (int64_t row = 0; row < rows; row++) {
        if ((uint32_t)period[row] >= periods)
            return -1;
        coarser[row] = wider[period[row]];
    }
    return 0;
}
