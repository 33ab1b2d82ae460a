/* Which of the customers who were active in a period fell silent after it. */
#include "loops.h"

/* Rows are sorted by (customer, time), with the period of each, in 0 .. periods - 1. Of every run of a customer's rows
   in one period within [since, until): 1 where the customer's next row does not come before `ends` of the period. */
LOOP silence_after(const uint32_t *customer, const int64_t *time, const int32_t *period, int64_t rows, int64_t since,
                   int64_t until, const int64_t *ends, uint8_t *silent)
{
    int64_t runs = 0;
    int before = -1; /* where the last row lay: 0 before the range, 1 in it, 2 after it */
    for (int64_t row = 0; row < rows; row++) {
        int here = (time[row] >= since) + (time[row] >= until);
        int same = row > 0 && customer[row] == customer[row - 1];
        if (same && here == before && period[row] == period[row - 1])
            continue;
        if (same && before == 1)
            silent[runs - 1] = time[row] >= ends[period[row - 1]];
        if (here == 1)
            silent[runs++] = 1;
        before = here;
    }
    return runs;
}
