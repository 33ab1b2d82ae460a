/* The order that sorts numbers, byte by byte from the least: stable, and without a byte that all have in common. */
#include "loops.h"

#define BYTES 8
#define VALUES 256

typedef struct {
    uint64_t key;
    uint32_t row;
} Item;

static void move(const Item *from, Item *to, int64_t rows, int byte, const int64_t *counts)
{
    int64_t place[VALUES], next = 0;
    for (int value = 0; value < VALUES; value++) {
        place[value] = next;
        next += counts[value];
    }
    for (int64_t row = 0; row < rows; row++)
        to[place[from[row].key >> 8 * byte & 255]++] = from[row];
}

LOOP order_of(const uint64_t *keys, int64_t rows, uint32_t *order)
{
    int64_t counts[BYTES][VALUES] = {{0}};
    Item *items = malloc((size_t)rows * 2 * sizeof *items + 1);
    if (!items)
        return NO_ROOM;
    for (int64_t row = 0; row < rows; row++) {
        Item item = {keys[row], (uint32_t)row};
        items[row] = item;
        for (int byte = 0; byte < BYTES; byte++)
            counts[byte][keys[row] >> 8 * byte & 255]++;
    }
    Item *from = items, *to = items + rows;
    for (int byte = 0; byte < BYTES && rows; byte++) {
        if (counts[byte][keys[0] >> 8 * byte & 255] == rows)
            continue;
        move(from, to, rows, byte, counts[byte]);
        Item *moved = to;
        to = from;
        from = moved;
    }
    for (int64_t row = 0; row < rows; row++)
        order[row] = from[row].row;
    free(items);
    return 0;
}
