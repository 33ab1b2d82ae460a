/* Two sorted lists of couples as one. */
#include "loops.h"

/* Couples (customer, period) of `a` and of `b`, each sorted and without repeats; there is room for both together. Gives
 * how many there are in either. */
LOOP unions_of_couples(const uint32_t *customer_a, const int32_t *period_a, int64_t count_a, const uint32_t *customer_b,
                       const int32_t *period_b, int64_t count_b, uint32_t *customer, int32_t *period)
{
    int64_t a = 0, b = 0, found = 0;
    while (a < count_a || b < count_b) {
        int from_a = b == count_b, from_b = a == count_a;
        if (!from_a && !from_b) {
            int less = customer_a[a] < customer_b[b] || (customer_a[a] == customer_b[b] && period_a[a] < period_b[b]);
            int same = customer_a[a] == customer_b[b] && period_a[a] == period_b[b];
            from_a = less || same;
            from_b = !less;
        }
        customer[found] = from_a ? customer_a[a] : customer_b[b];
        period[found] = from_a ? period_a[a] : period_b[b];
        found++;
        a += from_a;
        b += from_b;
    }
    return found;
}
