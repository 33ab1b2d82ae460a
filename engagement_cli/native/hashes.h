/* A table from hashes of 64 bits to codes, with open addressing; it is at most half full. A free slot has code FREE. */
#ifndef ENGAGEMENT_HASHES_H
#define ENGAGEMENT_HASHES_H

#include <stdint.h>

#define FREE UINT32_MAX

/* The slot where a hash is, or would be. */
static inline uint64_t probe(const uint64_t *keys, const uint32_t *codes, int64_t bits, uint64_t hash)
{
    uint64_t slot = (hash * UINT64_C(0x9E3779B97F4A7C15)) >> (64 - bits), last = (UINT64_C(1) << bits) - 1;
    while (codes[slot] != FREE && keys[slot] != hash)
        slot = (slot + 1) & last;
    return slot;
}

#endif
