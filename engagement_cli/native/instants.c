/* Instants in texts that are all written alike, `1999-12-31T23:59:59.123Z` or a date alone, read by position. */
#include "arrow.h"
#include "loops.h"

#define DAY_SECONDS 86400
#define NO_INSTANT INT64_MIN

/* The number of so many digits; -1 where they are none. */
static inline int64_t number_of(const uint8_t *text, int digits)
{
    int64_t number = 0;
    for (int at = 0; at < digits; at++) {
        unsigned digit = (unsigned)text[at] - '0';
        if (digit > 9)
            return -1;
        number = 10 * number + digit;
    }
    return number;
}

/* Days since 1970; years begin in March, so that the day that some have besides is the last. */
static inline int64_t days_until(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return 365 * year + year / 4 - year / 100 + year / 400 + of_year - 719468;
}

/* Seconds since 1970 of a date and, if there is one, a time of day behind a separator; NO_INSTANT for what is none. */
static int64_t seconds_of(const uint8_t *text, int64_t separator)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int64_t year = number_of(text, 4), month = number_of(text + 5, 2), day = number_of(text + 8, 2);
    if (text[4] != '-' || text[7] != '-' || year < 1 || month < 1 || month > 12 || day < 1)
        return NO_INSTANT;
    int leap = month == 2 && year % 4 == 0 && (year % 100 || year % 400 == 0);
    if (day > days[month - 1] + leap)
        return NO_INSTANT;
    int64_t seconds = days_until(year, month, day) * DAY_SECONDS;
    if (!separator)
        return seconds;
    int64_t hour = number_of(text + 11, 2), minute = number_of(text + 14, 2), second = number_of(text + 17, 2);
    int right = text[10] == separator && text[13] == ':' && text[16] == ':';
    if (!right || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59)
        return NO_INSTANT;
    return seconds + 3600 * hour + 60 * minute + second;
}

/* Microseconds since 1970 of each cell, and the nanoseconds below; NO_INSTANT and 0 for null and for texts of another
   writing. A `separator` of 0: there is no time of day. `suffix` stands behind the digits of a `fraction`, if there are
   any, of at most 9. */
LOOP instants_read(int64_t column, int64_t separator, int64_t fraction, const uint8_t *suffix, int64_t suffix_length,
                   int64_t *micros, int64_t *finer)
{
    const Cells *cells = cells_at(column);
    int64_t whole = separator ? 19 : 10, behind = whole + (fraction ? 1 + fraction : 0), nanos_a_unit = 1;
    for (int64_t digit = fraction; digit < 9; digit++)
        nanos_a_unit *= 10;
    for (int64_t start = 0; start < cells->length; start += AT_ONCE) {
        int64_t left = cells->length - start, size = left < AT_ONCE ? left : AT_ONCE;
        for (int64_t row = start; row < start + size; row++) {
            micros[row] = NO_INSTANT;
            finer[row] = 0;
        }
        for (uint64_t bits = set_bits(cells, 0, start); bits; bits &= bits - 1) {
            uint32_t length;
            int64_t row = start + lowest(bits);
            const uint8_t *text = text_of(cells, row, &length);
            if (length != behind + suffix_length || memcmp(text + behind, suffix, (size_t)suffix_length) != 0)
                continue;
            int64_t seconds = seconds_of(text, separator), nanos = 0;
            if (fraction)
                nanos = text[whole] == '.' ? number_of(text + whole + 1, (int)fraction) * nanos_a_unit : -1;
            if (seconds == NO_INSTANT || nanos < 0)
                continue;
            micros[row] = seconds * 1000000 + nanos / 1000;
            finer[row] = nanos % 1000;
        }
    }
    return 0;
}
