/* Two sorted lists of couples as one. */
#include "loops.h"

/* Rises with the customer, then with the period, which may be negative. */
static inline uint64_t key(const uint32_t *customer, const int32_t *period, int64_t at)
{
    return (uint64_t)customer[at] << 32 | ((uint32_t)period[at] ^ UINT32_C(0x80000000));
}

/* Couples (customer, period) of `a` and of `b`, each sorted and without repeats; there is room for both together. Gives
 * how many there are in either. */
LOOP unions_of_couples(const uint32_t *customer_a, const int32_t *period_a, int64_t count_a, const uint32_t *customer_b,
                       const int32_t *period_b, int64_t count_b, uint32_t *customer, int32_t *period)
{
    int64_t a = 0, b = 0, found = 0;
    for (; a < count_a && b < count_b; found++) { /* without a branch on which comes next, as good as random */
        uint64_t of_a = key(customer_a, period_a, a), of_b = key(customer_b, period_b, b);
        int from_a = of_a <= of_b, from_b = of_b <= of_a;
        customer[found] = from_a ? customer_a[a] : customer_b[b];
        period[found] = from_a ? period_a[a] : period_b[b];
        a += from_a;
        b += from_b;
    }
    for (; a < count_a; a++, found++) {
        customer[found] = customer_a[a];
        period[found] = period_a[a];
    }
    for (; b < count_b; b++, found++) {
        customer[found] = customer_b[b];
        period[found] = period_b[b];
    }
    return found;
}
