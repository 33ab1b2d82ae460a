/* Some of the rows: their positions by a mask, by kind or by time, and columns gathered at positions. */
#include "loops.h"

/* `places` has room for one more than the rows found, which saves a branch a row. */
LOOP rows_where(const uint8_t *mask, int64_t rows, uint32_t *places)
{
    int64_t found = 0;
    for (int64_t row = 0; row < rows; row++) {
        places[found] = (uint32_t)row;
        found += mask[row] != 0;
    }
    return found;
}

/* As above, of rows whose kinds are all below the length of `wanted`. */
LOOP rows_of_kinds(const uint32_t *kind, int64_t rows, const uint8_t *wanted, uint32_t *places)
{
    int64_t found = 0;
    for (int64_t row = 0; row < rows; row++) {
        places[found] = (uint32_t)row;
        found += wanted[kind[row]] != 0;
    }
    return found;
}

/* Rows with begins <= time < ends; `places` has room for all rows and one more. */
LOOP rows_within(const int64_t *time, int64_t rows, int64_t begins, int64_t ends, uint32_t *places)
{
    if (begins >= ends)
        return 0;
    uint64_t length = (uint64_t)ends - (uint64_t)begins;
    int64_t found = 0;
    for (int64_t row = 0; row < rows; row++) {
        places[found] = (uint32_t)row;
        found += (uint64_t)time[row] - (uint64_t)begins < length;
    }
    return found;
}

/* Rows of each kind; `counts` has a zero for every kind. */
LOOP rows_count_kinds(const uint32_t *kind, int64_t rows, int64_t *counts)
{
    for (int64_t row = 0; row < rows; row++)
        counts[kind[row]]++;
    return 0;
}

/* Rows of each kind in each period, added to `counts`, a row of periods for each kind. Returns 0, or -1 where a row is in
   no cell. */
LOOP rows_tally(const uint32_t *kind, const int32_t *period, int64_t rows, int64_t kinds, int64_t periods,
                int64_t *counts)
{
    for (int64_t row = 0; row < rows; row++) {
        if (kind[row] >= (uint64_t)kinds || (uint64_t)(int64_t)period[row] >= (uint64_t)periods)
            return -1;
        counts[kind[row] * periods + period[row]]++;
    }
    return 0;
}

/* Positions by kind; `next` comes with each kind's first place and leaves with its end. */
LOOP rows_by_kind(const uint32_t *kind, int64_t rows, int64_t *next, uint32_t *places)
{
    for (int64_t row = 0; row < rows; row++)
        places[next[kind[row]]++] = (uint32_t)row;
    return 0;
}

/* Positions of the wanted kinds, one kind behind the other, of those that are listed by kind. Returns how many kinds
   have any. */
LOOP rows_of_listed_kinds(const uint32_t *listed, const int64_t *counts, const uint8_t *wanted, int64_t kinds,
                          uint32_t *places)
{
    int64_t found = 0;
    for (int64_t kind = 0; kind < kinds; listed += counts[kind++]) {
        if (!wanted[kind] || !counts[kind])
            continue;
        memcpy(places, listed, (size_t)counts[kind] * sizeof *places);
        places += counts[kind];
        found++;
    }
    return found;
}

/* Positions in 4 bytes. Returns 0, or -1 where one is not in 0 .. rows - 1. */
LOOP rows_narrowed(const int64_t *at, int64_t count, int64_t rows, uint32_t *places)
{
    int wrong = 0;
    for (int64_t i = 0; i < count; i++) {
        wrong |= (uint64_t)at[i] >= (uint64_t)rows;
        places[i] = (uint32_t)at[i];
    }
    return -wrong;
}

LOOP rows_gather8(const uint64_t *column, const uint32_t *places, int64_t count, uint64_t *gathered)
{
    for (int64_t i = 0; i < count; i++)
        gathered[i] = column[places[i]];
    return 0;
}

LOOP rows_gather4(const uint32_t *column, const uint32_t *places, int64_t count, uint32_t *gathered)
{
    for (int64_t i = 0; i < count; i++)
        gathered[i] = column[places[i]];
    return 0;
}

static inline int64_t runs_of(const uint32_t *customer, const int32_t *period, const uint32_t *places, int64_t count,
                              uint32_t *customers, int32_t *periods, int64_t *rows)
{
    int64_t found = -1, length = 0;
    uint64_t before = 0;
    for (int64_t i = 0; i < count; i++) {
        int64_t row = places ? places[i] : i;
        uint64_t key = (uint64_t)customer[row] << 32 | (uint32_t)period[row];
        int64_t begins = (key != before) | (i == 0); /* no branch: nobody foretells how long a run is */
        before = key;
        found += begins;
        length = (length & (begins - 1)) + 1;
        customers[found] = customer[row];
        periods[found] = period[row];
        rows[found] = length;
    }
    return found + 1;
}

/* Runs of a customer's rows in one period, and how many rows each has: of the rows at `places`, or where there are none
   of the first `count`. There is room for as many runs as rows. */
LOOP rows_runs(const uint32_t *customer, const int32_t *period, const uint32_t *places, int64_t placed, int64_t count,
               uint32_t *customers, int32_t *periods, int64_t *rows)
{
    if (placed)
        return runs_of(customer, period, places, count, customers, periods, rows);
    return runs_of(customer, period, NULL, count, customers, periods, rows);
}
