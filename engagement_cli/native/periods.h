/* Which period an instant lies in: period i is `[bounds[i], bounds[i + 1])`. */
#ifndef ENGAGEMENT_PERIODS_H
#define ENGAGEMENT_PERIODS_H

#include "search.h"

/* For an instant that lies in one of them; `likely` is looked at first, unless it is negative. */
static inline int64_t period_of(const int64_t *bounds, int64_t periods, int64_t time, int64_t likely)
{
    if (likely >= 0 && bounds[likely] <= time && time < bounds[likely + 1])
        return likely;
    return last_until(bounds, 0, periods, time);
}

#endif
