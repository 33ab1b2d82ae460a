/* Numbers of 128 bits, as two words of 64. */
#ifndef ENGAGEMENT_WIDE_H
#define ENGAGEMENT_WIDE_H

#include <stdint.h>

typedef struct {
    uint64_t low;
    uint64_t high;
} Wide;

static inline Wide product_of(uint64_t a, uint64_t b)
{
    uint64_t a_low = (uint32_t)a, a_high = a >> 32, b_low = (uint32_t)b, b_high = b >> 32;
    uint64_t least = a_low * b_low, one = a_high * b_low, other = a_low * b_high;
    uint64_t middle = (least >> 32) + (uint32_t)one + (uint32_t)other;
    Wide found = {middle << 32 | (uint32_t)least, a_high * b_high + (one >> 32) + (other >> 32) + (middle >> 32)};
    return found;
}

#endif
