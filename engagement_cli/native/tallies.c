/* What customers' rows of some kinds amount to in a window. Rows are sorted by (customer, time): those of customer c are
   first[c] to first[c + 1]. Windows [begins, ends) mostly lie at the end of what is known, and are sought from there. */
#include "loops.h"

#define LATER 4 /* customers */
#define STRIDE 8 /* rows looked at at once, as most customers have more */

typedef struct {
    int64_t from;
    int64_t behind;
} Span;

/* The rows of a customer; those of a later one are asked for, from their end. */
static inline Span of_customer(const int64_t *first, int64_t who, int64_t customers, const int64_t *time)
{
    int64_t later = first[who + LATER < customers ? who + LATER : customers];
    SOON_READ(time, later - 1);
    SOON_READ(time, later - 9);
    return (Span){first[who], first[who + 1]};
}

static inline Span within(const int64_t *time, Span rows, int64_t begins, int64_t ends)
{
    while (rows.behind > rows.from && time[rows.behind - 1] >= ends)
        rows.behind--;
    Span found = {begins == INT64_MIN ? rows.from : rows.behind, rows.behind};
    while (found.from > rows.from && time[found.from - 1] >= begins)
        found.from--;
    return found;
}

/* Where each customer's rows begin, and behind the last one's: `first` has one place more than there are customers. */
LOOP tallies_first(const uint32_t *customer, int64_t rows, int64_t customers, int64_t *first)
{
    int64_t next = 0;
    for (int64_t row = 0; row < rows;) {
        uint32_t who = customer[row];
        while (next <= who)
            first[next++] = row;
        while (row + STRIDE < rows && customer[row + STRIDE] == who)
            row += STRIDE;
        while (row < rows && customer[row] == who)
            row++;
    }
    while (next <= customers)
        first[next++] = rows;
    return 0;
}

/* The sum of what a row of each kind adds. */
LOOP tallies_sums(const int64_t *time, const uint32_t *kind, const int64_t *first, int64_t customers, int64_t begins,
                  int64_t ends, const int64_t *amounts, int64_t *sums)
{
    for (int64_t who = 0; who < customers; who++) {
        Span rows = within(time, of_customer(first, who, customers, time), begins, ends);
        int64_t sum = 0;
        for (int64_t row = rows.from; row < rows.behind; row++)
            sum += amounts[kind[row]];
        sums[who] = sum;
    }
    return 0;
}

/* The highest of the grades of kinds, which are not below 0; 0 without rows. */
LOOP tallies_highest(const int64_t *time, const uint32_t *kind, const int64_t *first, int64_t customers, int64_t begins,
                     int64_t ends, const int64_t *grades, int64_t *highest)
{
    for (int64_t who = 0; who < customers; who++) {
        Span rows = within(time, of_customer(first, who, customers, time), begins, ends);
        int64_t best = 0;
        for (int64_t row = rows.from; row < rows.behind; row++)
            best = grades[kind[row]] > best ? grades[kind[row]] : best;
        highest[who] = best;
    }
    return 0;
}

/* How many of the things 1 to `things` occur. `numbers` (layers x kinds) has those that a row of each kind is one of, 0
   where there are no more of them. */
LOOP tallies_distinct(const int64_t *time, const uint32_t *kind, const int64_t *first, int64_t customers, int64_t begins,
                      int64_t ends, const int64_t *numbers, int64_t layers, int64_t kinds, int64_t things,
                      int64_t *counts)
{
    int64_t *seen = calloc((size_t)(things + 1), sizeof *seen); /* by whom last, counted from 1 */
    if (seen == NULL)
        return NO_ROOM;
    for (int64_t who = 0; who < customers; who++) {
        Span rows = within(time, of_customer(first, who, customers, time), begins, ends);
        int64_t count = 0;
        seen[0] = who + 1;
        for (int64_t layer = 0; layer < layers; layer++)
            for (int64_t row = rows.from; row < rows.behind; row++) {
                int64_t number = numbers[layer * kinds + kind[row]];
                count += seen[number] != who + 1;
                seen[number] = who + 1;
            }
        counts[who] = count;
    }
    free(seen);
    return 0;
}

/* The sum of a column's numbers, and how many there are; `missing` is none. */
LOOP tallies_numbers(const int64_t *time, const int64_t *numbers, const int64_t *first, int64_t customers,
                     int64_t begins, int64_t ends, int64_t missing, int64_t *sums, int64_t *counts)
{
    for (int64_t who = 0; who < customers; who++) {
        Span rows = within(time, of_customer(first, who, customers, time), begins, ends);
        uint64_t sum = 0;
        int64_t count = 0;
        for (int64_t row = rows.from; row < rows.behind; row++) {
            int64_t there = numbers[row] != missing;
            sum += (uint64_t)numbers[row] & (uint64_t)-there;
            count += there;
        }
        sums[who] = (int64_t)sum;
        counts[who] = count;
    }
    return 0;
}
