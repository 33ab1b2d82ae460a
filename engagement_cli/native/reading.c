/* What is learned of event rows while they are read. */
#include "loops.h"

#define SCALE 1000000

/* Numbers × 10^6, rounded half to even; `none` for those that are not below `limit` in size, and for NaN. */
LOOP reading_fixed_point(const double *number, int64_t rows, int64_t limit, int64_t none, int64_t *fixed)
{
    double most = (double)limit;
    for (int64_t row = 0; row < rows; row++) {
        if (!(number[row] < most && number[row] > -most)) {
            fixed[row] = none;
            continue;
        }
        int64_t whole = (int64_t)number[row];
        double part = (number[row] - (double)whole) * SCALE; /* exact up to here */
        int64_t below = (int64_t)part;
        double rest = part - (double)below;
        if (rest > 0.5 || (rest == 0.5 && below % 2))
            below++;
        if (rest < -0.5 || (rest == -0.5 && below % 2))
            below--;
        fixed[row] = whole * SCALE + below;
    }
    return 0;
}

/* The first and last instant of rows whose fate is 0; `first` and `last` come as the largest and smallest number. */
LOOP reading_span(const int64_t *time, const uint8_t *fate, int64_t rows, int64_t *span)
{
    int64_t first = span[0], last = span[1];
    for (int64_t row = 0; row < rows; row++) {
        if (fate[row])
            continue;
        if (time[row] < first)
            first = time[row];
        if (time[row] > last)
            last = time[row];
    }
    span[0] = first;
    span[1] = last;
    return 0;
}

/* Marks the periods, of `width` ticks from `start` on, of rows whose fate is 0; none of these is before `start`. */
LOOP reading_periods(const int64_t *time, const uint8_t *fate, int64_t rows, int64_t start, int64_t width,
                      uint8_t *seen)
{
    uint64_t from = 0, after = 0; /* the period of the row before: most rows are in it */
    for (int64_t row = 0; row < rows; row++) {
        uint64_t since = (uint64_t)time[row] - (uint64_t)start;
        if (fate[row] || (since >= from && since < after))
            continue;
        uint64_t period = since / (uint64_t)width;
        from = period * (uint64_t)width;
        after = from + (uint64_t)width;
        seen[period] = 1;
    }
    return 0;
}
