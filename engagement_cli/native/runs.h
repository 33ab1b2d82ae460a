/* Runs of rows of one customer. */
#ifndef ENGAGEMENT_RUNS_H
#define ENGAGEMENT_RUNS_H

#include <stdint.h>

/* How many rows the longest has: scratch of that length is enough for any. */
static inline int64_t longest_run(const uint32_t *customer, int64_t rows)
{
    int64_t longest = 0, begin = 0;
    for (int64_t row = 1; row <= rows; row++)
        if (row == rows || customer[row] != customer[row - 1]) {
            if (row - begin > longest)
                longest = row - begin;
            begin = row;
        }
    return longest;
}

#endif
