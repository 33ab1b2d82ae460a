/* Active days in trailing windows: how many each holder has, and how many customers have any. */
#include "loops.h"

/* Windows first[day] .. before past[day] hold a day. `counts` (windows x holders) comes as zeros.
   Returns 0, or -1 where a holder or a day is not below. */
LOOP trailing_counts(const uint32_t *holder, const int32_t *day, int64_t pairs, const int64_t *first,
                     const int64_t *past, int64_t days, int64_t holders, int32_t *counts)
{
    for (int64_t i = 0; i < pairs; i++) {
        if (day[i] < 0 || day[i] >= days || holder[i] >= holders)
            return -1;
        for (int64_t window = first[day[i]]; window < past[day[i]]; window++)
            counts[window * holders + holder[i]]++;
    }
    return 0;
}

static int64_t within(int64_t value, int64_t largest)
{
    return value < 0 ? 0 : value > largest ? largest : value;
}

/* Pairs sorted by (customer, day). Each day holds its customer for `window` days, or until the next one takes over.
   `change` (days + 1 values) comes as zeros and leaves with the change of customers from day to day. */
LOOP trailing_changes(const uint32_t *customer, const int32_t *day, int64_t pairs, int64_t window, int64_t days,
                      int64_t *change)
{
    for (int64_t i = 0; i < pairs; i++) {
        int64_t until = day[i] + window;
        if (i + 1 < pairs && customer[i + 1] == customer[i] && day[i + 1] < until)
            until = day[i + 1];
        change[within(day[i], days)]++;
        change[within(until, days)]--;
    }
    return 0;
}
