/* When the terms of subscriptions end: calendar steps from a local day at the same local time. */
#include "loops.h"

/* Days since 1970-01-01 of a day of the Gregorian calendar; months count from the year 0. */
static int64_t day_of(int64_t month, int64_t day_of_month)
{
    int64_t shifted = month - 2; /* years begin with March, so that the leap day is their last */
    int64_t year = (shifted >= 0 ? shifted : shifted - 11) / 12, of_year = shifted - year * 12;
    int64_t era = (year >= 0 ? year : year - 399) / 400, year_of_era = year - era * 400;
    int64_t day = (153 * of_year + 2) / 5 + day_of_month - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day - 719468;
}

static void month_of(int64_t day, int64_t *month, int64_t *day_of_month)
{
    int64_t shifted = day + 719468;
    int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097, of_era = shifted - era * 146097;
    int64_t year_of_era = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int64_t from_march = (5 * of_year + 2) / 153;
    *day_of_month = of_year - (153 * from_march + 2) / 5 + 1;
    *month = (era * 400 + year_of_era) * 12 + from_march + 2;
}

/* What local seconds are ahead of UTC: by the last switch of the clocks that is not after them. */
static int64_t offset_at(const int64_t *switches, const int64_t *offsets, int64_t count, int64_t local)
{
    int64_t passed = 0;
    while (passed < count && switches[passed] <= local)
        passed++;
    return offsets[passed];
}

/* Of each row the steps `low` to `low + count - 1` of so many months, or else days. Those that end in [first, last) and
   not after the row are written, with their row; there is room for all. */
LOOP terms_due(const int64_t *local, const int64_t *rest, const int64_t *ended, const int64_t *months,
               const int64_t *days, const int64_t *low, const int64_t *count, int64_t rows, const int64_t *switches,
               const int64_t *offsets, int64_t switch_count, int64_t ticks, int64_t first, int64_t last,
               int64_t *owner, int64_t *ends)
{
    int64_t found = 0;
    for (int64_t row = 0; row < rows; row++) {
        int64_t day = (local[row] >= 0 ? local[row] : local[row] - 86399) / 86400, time = local[row] - day * 86400;
        int64_t month, day_of_month;
        month_of(day, &month, &day_of_month);
        for (int64_t step = low[row]; step < low[row] + count[row]; step++) {
            int64_t due = day + step * days[row];
            if (months[row] > 0) {
                int64_t begins = day_of(month + step * months[row], 1);
                int64_t length = day_of(month + step * months[row] + 1, 1) - begins;
                due = begins + (day_of_month < length ? day_of_month : length) - 1;
            }
            int64_t then = due * 86400 + time;
            int64_t end = (then - offset_at(switches, offsets, switch_count, then)) * ticks + rest[row];
            if (end >= last)
                break;
            if (end >= first && end <= ended[row]) {
                owner[found] = row;
                ends[found++] = end;
            }
        }
    }
    return found;
}
