/* Stretches of time by customer: joined where they touch, and looked up. Those of customer c are first[c] to
   first[c + 1], sorted by their begins. */
#include "loops.h"

LOOP stretches_join(const int64_t *first, int64_t customers, const int64_t *begins, const int64_t *ends,
                    int64_t *joined_first, int64_t *joined_begins, int64_t *joined_ends)
{
    int64_t joined = 0;
    for (int64_t customer = 0; customer < customers; customer++) {
        joined_first[customer] = joined;
        for (int64_t i = first[customer]; i < first[customer + 1]; i++) {
            if (joined == joined_first[customer] || begins[i] > joined_ends[joined - 1]) {
                joined_begins[joined] = begins[i];
                joined_ends[joined++] = ends[i];
            } else if (ends[i] > joined_ends[joined - 1]) {
                joined_ends[joined - 1] = ends[i];
            }
        }
    }
    joined_first[customers] = joined;
    return joined;
}

/* The last of the joined stretches that has begun is the only one that may run. */
LOOP stretches_run(const int64_t *first, const int64_t *begins, const int64_t *ends, const int64_t *customer,
                   const int64_t *instant, int64_t rows, uint8_t *runs)
{
    for (int64_t row = 0; row < rows; row++) {
        int64_t low = first[customer[row]], high = first[customer[row] + 1];
        int64_t before = low - 1;
        while (low < high) {
            int64_t middle = low + (high - low) / 2;
            if (begins[middle] <= instant[row]) {
                before = middle;
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        runs[row] = before >= first[customer[row]] && instant[row] < ends[before];
    }
    return 0;
}
