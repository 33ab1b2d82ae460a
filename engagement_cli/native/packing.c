/* Keys of rows in a few bits of words. */
#include "loops.h"

/* Each number less `low`, moved up by `shift`, into one of the words of its row, whose other bits are zero or, where it
   is the word's first, anything. */
#define PACK(name, type)                                                                                              \
    LOOP name(const type *numbers, int64_t rows, int64_t low, int64_t shift, int64_t first, uint64_t *packed,         \
              int64_t words, int64_t word)                                                                            \
    {                                                                                                                 \
        if (words == 1 && first)                                                                                      \
            for (int64_t row = 0; row < rows; row++)                                                                  \
                packed[row] = ((uint64_t)(int64_t)numbers[row] - (uint64_t)low) << shift;                             \
        else if (words == 1)                                                                                          \
            for (int64_t row = 0; row < rows; row++)                                                                  \
                packed[row] |= ((uint64_t)(int64_t)numbers[row] - (uint64_t)low) << shift;                            \
        else                                                                                                          \
            for (int64_t row = 0; row < rows; row++) {                                                                \
                uint64_t others = first ? 0 : packed[row * words + word];                                             \
                packed[row * words + word] = others | ((uint64_t)(int64_t)numbers[row] - (uint64_t)low) << shift;     \
            }                                                                                                         \
        return 0;                                                                                                     \
    }

PACK(packing_of_8, int64_t)
PACK(packing_of_4, int32_t)
PACK(packing_of_unsigned_4, uint32_t)
PACK(packing_of_1, int8_t)
