/* Codes of hashes: known ones, and new ones as they are met. */
#include "hashes.h"
#include "loops.h"

/* Puts distinct hashes that are not there, with their codes, into a table that has room. */
LOOP hashes_put(uint64_t *keys, uint32_t *codes, int64_t bits, const uint64_t *hashes, const uint32_t *given,
                int64_t count)
{
    for (int64_t at = 0; at < count; at++) {
        uint64_t slot = probe(keys, codes, bits, hashes[at]);
        keys[slot] = hashes[at];
        codes[slot] = given[at];
    }
    return 0;
}

/* The code of each hash, FREE where it is not in the table; gives how many are not. */
LOOP hashes_find(const uint64_t *keys, const uint32_t *codes, int64_t bits, const uint64_t *hashes, int64_t count,
                 uint32_t *found)
{
    int64_t missed = 0;
    for (int64_t at = 0; at < count; at++) {
        found[at] = codes[probe(keys, codes, bits, hashes[at])];
        missed += found[at] == FREE;
    }
    return missed;
}

/* The hashes, but 0 for each that is one of the three that mean nothing. */
LOOP hashes_without(const uint64_t *hashes, int64_t count, const uint64_t *nothing, uint64_t *found)
{
    uint64_t first = nothing[0], second = nothing[1], third = nothing[2];
    for (int64_t at = 0; at < count; at++) {
        uint64_t hash = hashes[at];
        found[at] = hash == first || hash == second || hash == third ? 0 : hash;
    }
    return 0;
}

/* The code of each hash from `at` on, the next code where it is new; new ones go into the table and to `distinct`,
   of which there are `size[0]`. Stops before the table is more than half full, and gives where. */
LOOP hashes_number(uint64_t *keys, uint32_t *codes, int64_t bits, const uint64_t *hashes, int64_t at, int64_t count,
                   uint32_t *found, uint64_t *distinct, int64_t *size)
{
    int64_t next = size[0], most = INT64_C(1) << (bits - 1);
    for (; at < count; at++) {
        uint64_t slot = probe(keys, codes, bits, hashes[at]);
        if (codes[slot] == FREE) {
            if (next == most)
                break;
            keys[slot] = hashes[at];
            codes[slot] = (uint32_t)next;
            distinct[next++] = hashes[at];
        }
        found[at] = codes[slot];
    }
    size[0] = next;
    return at;
}
