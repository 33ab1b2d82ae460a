/* When customers came: their first and last row, the median gap between their days, days and rows in windows. */
#include "loops.h"

/* The k-th least of some values, which are put in another order: the lesser ones come before it. */
static int32_t kth(int32_t *values, int64_t count, int64_t k)
{
    int64_t low = 0, high = count - 1;
    while (low < high) {
        int32_t pivot = values[low + (high - low) / 2];
        int64_t i = low, j = high;
        while (i <= j) {
            while (values[i] < pivot)
                i++;
            while (values[j] > pivot)
                j--;
            if (i <= j) {
                int32_t value = values[i];
                values[i++] = values[j];
                values[j--] = value;
            }
        }
        if (k <= j)
            high = j;
        else if (k >= i)
            low = i;
        else
            break;
    }
    return values[k];
}

static int64_t twice_the_median(int32_t *values, int64_t count)
{
    int64_t upper = kth(values, count, count / 2), lower = upper;
    if (count % 2 == 0) { /* the largest of those before it */
        lower = values[0];
        for (int64_t i = 1; i < count / 2; i++)
            lower = values[i] > lower ? values[i] : lower;
    }
    return lower + upper;
}

/* Rows are sorted by (customer, time), with the day of each; those of wanted kinds and before `until` count. `first`
   and `last` are filled for customers who have such; `gap` (twice the median, of two days or more), `days` and `events`
   (windows x customers) come as zeros. */
LOOP visits_of_customers(const uint32_t *customer, const int64_t *time, const uint32_t *kind, const int32_t *day,
                         int64_t rows, const uint8_t *wanted, int64_t until, const int64_t *begins,
                         const int64_t *ends, int64_t windows, int64_t customers, int64_t *first, int64_t *last,
                         int64_t *gap, int64_t *days, int64_t *events)
{
    int32_t *gaps = malloc((size_t)(rows + 1) * sizeof *gaps);
    int64_t *counted = malloc((size_t)(windows + 1) * sizeof *counted); /* the row counted last in each window */
    if (gaps == NULL || counted == NULL) {
        free(gaps);
        free(counted);
        return NO_ROOM;
    }
    int64_t found = 0, whose = -1, last_time = 0, earliest = windows ? begins[0] : until; /* found: this one's gaps */
    int32_t last_day = 0;
    for (int64_t window = 0; window < windows; window++) {
        counted[window] = -1;
        earliest = begins[window] < earliest ? begins[window] : earliest;
    }
    for (int64_t row = 0; row < rows; row++) {
        int64_t who = customer[row], now = time[row];
        if (!wanted[kind[row]] || now >= until)
            continue;
        if (who != whose) {
            if (whose >= 0)
                last[whose] = last_time;
            if (found > 0)
                gap[whose] = twice_the_median(gaps, found);
            found = 0;
            first[who] = now;
            whose = who;
        } else {
            gaps[found] = day[row] - last_day;
            found += day[row] != last_day;
        }
        last_time = now;
        last_day = day[row];
        if (now < earliest)
            continue;
        for (int64_t window = 0; window < windows; window++) {
            if (now < begins[window] || now >= ends[window])
                continue;
            int64_t other = counted[window];
            days[window * customers + who] += other < 0 || customer[other] != who || day[other] != day[row];
            events[window * customers + who]++;
            counted[window] = row;
        }
    }
    if (whose >= 0)
        last[whose] = last_time;
    if (found > 0)
        gap[whose] = twice_the_median(gaps, found);
    free(gaps);
    free(counted);
    return 0;
}
