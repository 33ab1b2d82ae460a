/* Columns as Arrow's C interface hands them over (https://arrow.apache.org/docs/format/CDataInterface.html). */
#ifndef ENGAGEMENT_ARROW_H
#define ENGAGEMENT_ARROW_H

#include <stdint.h>
#include <string.h>

#ifdef _MSC_VER
#include <intrin.h>
#endif

#define AT_ONCE 56 /* bits that lie in 8 bytes, wherever the first of them is */

typedef struct Cells {
    int64_t length, null_count, offset, n_buffers, n_children;
    const void **buffers; /* first the bits of cells that are there, NULL where all are; then what they hold */
    struct Cells **children, *dictionary;
    void (*release)(struct Cells *);
    void *private_data;
} Cells;

static inline const Cells *cells_at(int64_t address)
{
    return (const Cells *)(intptr_t)address;
}

static inline const uint8_t *bytes_at(int64_t address)
{
    return (const uint8_t *)(intptr_t)address;
}

/* The bits of the AT_ONCE rows from one on, as far as there are so many, of one of the buffers of bits. */
static inline uint64_t set_bits(const Cells *cells, int buffer, int64_t row)
{
    const uint8_t *bits = cells->buffers[buffer];
    int64_t left = cells->length - row, count = left < AT_ONCE ? left : AT_ONCE, place = cells->offset + row;
    uint64_t found = 0, wanted = (UINT64_C(1) << count) - 1;
    if (!bits)
        return wanted;
    if (left >= 64)
        memcpy(&found, bits + place / 8, 8);
    else
        memcpy(&found, bits + place / 8, (size_t)((place % 8 + count + 7) / 8));
    return found >> place % 8 & wanted;
}

/* The bytes of a text that is there: short ones lie among the cells, others elsewhere. */
static inline const uint8_t *text_of(const Cells *cells, int64_t row, uint32_t *length)
{
    const uint8_t *view = (const uint8_t *)cells->buffers[1] + 16 * (cells->offset + row);
    uint32_t place[2];
    memcpy(length, view, 4);
    if (*length <= 12)
        return view + 4;
    memcpy(place, view + 8, 8);
    return (const uint8_t *)cells->buffers[2 + place[0]] + place[1];
}

static inline int lowest(uint64_t bits)
{
#ifdef _MSC_VER
    unsigned long place;
    _BitScanForward64(&place, bits);
    return (int)place;
#else
    return __builtin_ctzll(bits);
#endif
}

static inline int ones(uint64_t bits)
{
#ifdef _MSC_VER
    return (int)__popcnt64(bits);
#else
    return __builtin_popcountll(bits);
#endif
}

#endif
