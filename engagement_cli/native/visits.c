/* When customers came: their first and last row, the median gap between their days, days and rows in windows. */
#include "loops.h"

#define LATER 4 /* customers */

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

#define FEW 64 /* days: most medians are less, and are found by counting */

/* Of gaps of one day or more. */
static int64_t twice_the_median(int32_t *gaps, int64_t count)
{
    int64_t before = 0;
    uint32_t counts[FEW] = {0}; /* the last has all that are longer */
    for (int64_t i = 0; i < count; i++)
        counts[gaps[i] < FEW - 1 ? gaps[i] : FEW - 1]++;
    int32_t lower = 0;
    while ((before += counts[lower]) < (count + 1) / 2)
        lower++;
    int32_t upper = lower;
    while (before <= count / 2)
        before += counts[++upper];
    if (upper < FEW - 1)
        return lower + upper;
    upper = kth(gaps, count, count / 2);
    if (count % 2 != 0)
        return 2 * (int64_t)upper;
    lower = gaps[0];
    for (int64_t i = 1; i < count / 2; i++) /* the largest of those before it */
        lower = gaps[i] > lower ? gaps[i] : lower;
    return (int64_t)lower + upper;
}

/* Rows are sorted by (customer, time), those of customer c are first_row[c] to first_row[c + 1], with the day of each;
   those of wanted kinds and before `until` count. `first` and `last` are filled for customers who have such; `gap` (twice
   the median, of two days or more), `days` and `events` (windows x customers) come as zeros. */
LOOP visits_of_customers(const int64_t *time, const uint32_t *kind, const int32_t *day, const int64_t *first_row,
                         int64_t customers, const uint8_t *wanted, int64_t until, const int64_t *begins,
                         const int64_t *ends, int64_t windows, int64_t longest, int64_t *first, int64_t *last,
                         int64_t *gap, int64_t *days, int64_t *events)
{
    int32_t *gaps = malloc((size_t)(longest + 1) * sizeof *gaps); /* of one customer */
    if (gaps == NULL)
        return NO_ROOM;
    for (int64_t who = 0; who < customers; who++) {
        int64_t row = first_row[who], behind = first_row[who + 1];
        int64_t later = first_row[who + LATER < customers ? who + LATER : customers];
        SOON_READ(time, later - 1);
        SOON_READ(kind, later - 1);
        while (behind > row && (time[behind - 1] >= until || !wanted[kind[behind - 1]]))
            behind--;
        while (row < behind && !wanted[kind[row]])
            row++;
        if (row == behind)
            continue;
        first[who] = time[row];
        last[who] = time[behind - 1];
        int32_t last_day = day[row];
        int64_t found = 0;
        for (int64_t next = row + 1; next < behind; next++) {
            int32_t came = last_day ^ ((last_day ^ day[next]) & -(int32_t)wanted[kind[next]]);
            gaps[found] = came - last_day;
            found += came != last_day;
            last_day = came;
        }
        if (found > 0)
            gap[who] = twice_the_median(gaps, found);
        for (int64_t window = 0; window < windows; window++) {
            int64_t end = behind, some_days = 0, some_events = 0;
            int32_t other = day[behind - 1] + 1; /* the day counted last */
            while (end > row && time[end - 1] >= ends[window])
                end--;
            for (; end > row && time[end - 1] >= begins[window]; end--) {
                int32_t counts = wanted[kind[end - 1]], came = other ^ ((other ^ day[end - 1]) & -counts);
                some_events += counts;
                some_days += came != other;
                other = came;
            }
            days[window * customers + who] = some_days;
            events[window * customers + who] = some_events;
        }
    }
    free(gaps);
    return 0;
}
