/* The kind of each event row: one hash of its texts, of whether it has a customer and of the flags that it has, and its
   code. */
#include "arrow.h"
#include "hashes.h"
#include "loops.h"

#define BLOCK (18 * AT_ONCE) /* rows */
#define ODD UINT64_C(0x9E3779B97F4A7C15)

/* Columns are given as addresses: the hashes of `texts`, at least one, and Booleans, of which null is false. Each flag
   changes the hash by its number, and so does a `customer` of 0, whose number comes first. */
typedef struct {
    const int64_t *texts, *flags, *numbers;
    const uint64_t *customer;
    int64_t text_count, flag_count;
} Kinds;

static void hashes_of(const Kinds *kinds, int64_t start, int64_t rows, uint64_t *hash)
{
    memcpy(hash, (const uint64_t *)(intptr_t)kinds->texts[0] + start, (size_t)rows * sizeof *hash);
    for (int64_t column = 1; column < kinds->text_count; column++) {
        const uint64_t *text = (const uint64_t *)(intptr_t)kinds->texts[column] + start;
        for (int64_t row = 0; row < rows; row++)
            hash[row] = hash[row] * ODD ^ text[row];
    }
    for (int64_t row = 0; row < rows; row++)
        hash[row] ^= (uint64_t)kinds->numbers[0] & (0 - (uint64_t)(kinds->customer[start + row] == 0));
    for (int64_t column = 0; column < kinds->flag_count; column++) {
        const Cells *flag = cells_at(kinds->flags[column]);
        for (int64_t row = 0; row < rows; row += AT_ONCE)
            for (uint64_t bits = set_bits(flag, 0, start + row) & set_bits(flag, 1, start + row); bits; bits &= bits - 1)
                hash[row + lowest(bits)] ^= (uint64_t)kinds->numbers[column + 1];
    }
}

/* The code of each row's kind in a table of hashes, FREE where it is not there, and if `has_hashes` the hash. Gives how
   many are not there. */
LOOP kinds_find(const int64_t *texts, int64_t text_count, const int64_t *flags, int64_t flag_count,
                const int64_t *numbers, const uint64_t *customer, int64_t rows, const uint64_t *keys,
                const uint32_t *codes, int64_t bits, uint32_t *found, int64_t has_hashes, uint64_t *hashes)
{
    Kinds kinds = {texts, flags, numbers, customer, text_count, flag_count};
    uint64_t hash[BLOCK];
    int64_t missed = 0;
    for (int64_t start = 0; start < rows; start += BLOCK) {
        int64_t size = rows - start < BLOCK ? rows - start : BLOCK;
        hashes_of(&kinds, start, size, hash);
        for (int64_t row = 0; row < size; row++) {
            found[start + row] = codes[probe(keys, codes, bits, hash[row])];
            missed += found[start + row] == FREE;
        }
        if (has_hashes)
            memcpy(hashes + start, hash, (size_t)size * sizeof *hash);
    }
    return missed;
}
