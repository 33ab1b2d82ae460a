/* The values that some rows have, as cells that lie bucket by bucket: the row's place (4 bytes), the column (2), the
   value (8). */
#include "loops.h"

#define CELL 14

/* One column's values of some rows are put behind the `seen` ones of their bucket, whose cells begin at `starts`. */
LOOP values_put(const uint64_t *value, int64_t column, const uint32_t *row, int64_t count, const uint16_t *bucket,
                const uint32_t *place, const int64_t *starts, int64_t *seen, uint8_t *cells)
{
    uint16_t which = (uint16_t)column;
    for (int64_t at = 0; at < count; at++) {
        if (at + SOON < count) {
            int64_t next = bucket[row[at + SOON]];
            SOON_BEHIND(cells, starts[next] + CELL * seen[next]);
        }
        int64_t b = bucket[row[at]];
        uint8_t *cell = cells + starts[b] + CELL * seen[b]++;
        memcpy(cell, &place[row[at]], 4);
        memcpy(cell + 4, &which, 2);
        memcpy(cell + 6, &value[at], 8);
    }
    return 0;
}

/* Marks the rows, `before` which others are, that have a cell. */
LOOP values_mark(const uint8_t *cells, int64_t count, int64_t before, uint32_t *marked)
{
    uint32_t place;
    for (int64_t at = 0; at < count; at++, cells += CELL) {
        memcpy(&place, cells, 4);
        marked[before + place] = 1;
    }
    return 0;
}

/* Lists the places in an order of rows where the marked ones are; each mark becomes the row's number among them.
   `listed` has room for one more. */
LOOP values_number(uint32_t *marked, const uint32_t *order, int64_t rows, uint32_t *listed)
{
    uint32_t count = 0;
    for (int64_t at = 0; at < rows; at++) {
        if (at + SOON < rows)
            SOON_AT(marked, (int64_t)order[at + SOON] * 4);
        uint32_t mark = marked[order[at]];
        listed[count] = (uint32_t)at;
        marked[order[at]] = count;
        count += mark;
    }
    return count;
}

static inline uint64_t *value_at(const uint64_t *columns, uint16_t column, uint32_t row)
{
    return (uint64_t *)(uintptr_t)columns[column] + row;
}

/* Puts the cells into the columns at these addresses, at the numbers of their rows. */
LOOP values_get(const uint8_t *cells, int64_t count, int64_t before, const uint32_t *number, const uint64_t *columns)
{
    uint32_t place;
    uint16_t column;
    for (int64_t at = 0; at < count; at++, cells += CELL) {
        if (at + SOON < count) {
            memcpy(&place, cells + SOON * CELL, 4);
            memcpy(&column, cells + SOON * CELL + 4, 2);
            SOON_AT(value_at(columns, column, number[before + place]), 0);
        }
        memcpy(&place, cells, 4);
        memcpy(&column, cells + 4, 2);
        memcpy(value_at(columns, column, number[before + place]), cells + 6, 8);
    }
    return 0;
}
