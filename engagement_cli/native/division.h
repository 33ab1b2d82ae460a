/* Division by odd × 2^twos without dividing: `inverse` is that of the odd factor modulo 2^64. Where the division leaves
   no rest this is the quotient, else it is more than the largest quotient that there is. */
#ifndef ENGAGEMENT_DIVISION_H
#define ENGAGEMENT_DIVISION_H

#include <stdint.h>

static inline uint64_t quotient(uint64_t number, int64_t inverse, int64_t twos)
{
    uint64_t product = number * (uint64_t)inverse;
    return twos ? product >> twos | product << (64 - twos) : product;
}

#endif
