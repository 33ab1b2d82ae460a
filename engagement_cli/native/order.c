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

#define FEW 24 /* rows that are put in order one by one */

/* Rows of so many words, the first the most significant. */
typedef struct {
    const uint64_t *keys;
    int64_t words;
} Rows;

/* Of items that have the keys of a word and agree in those before. */
static inline int is_less(Rows rows, Item a, Item b, int64_t word)
{
    if (a.key != b.key || word + 1 == rows.words)
        return a.key < b.key;
    const uint64_t *left = rows.keys + a.row * rows.words, *right = rows.keys + b.row * rows.words;
    for (word++; word < rows.words - 1 && left[word] == right[word]; word++)
        ;
    return left[word] < right[word];
}

static void insert(Rows rows, int64_t word, Item *items, int64_t count)
{
    for (int64_t i = 1; i < count; i++) {
        Item item = items[i];
        int64_t place = i;
        for (; place > 0 && is_less(rows, item, items[place - 1], word); place--)
            items[place] = items[place - 1];
        items[place] = item;
    }
}

/* By the first byte in which items differ, from a word on whose keys they have; then those that agree in it among
   themselves. */
static void sort_from(Rows rows, int64_t word, Item *items, Item *scratch, int64_t count)
{
    uint64_t differs = 0;
    for (;;) {
        if (count <= FEW) {
            insert(rows, word, items, count);
            return;
        }
        for (int64_t i = 1; i < count; i++)
            differs |= items[i].key ^ items[0].key;
        if (differs)
            break;
        if (++word == rows.words)
            return;
        for (int64_t i = 0; i < count; i++)
            items[i].key = rows.keys[items[i].row * rows.words + word];
    }
    int shift = 0;
    while (differs >> shift >= VALUES)
        shift++;
    int64_t ends[VALUES + 1] = {0};
    for (int64_t i = 0; i < count; i++)
        ends[(items[i].key >> shift & (VALUES - 1)) + 1]++;
    for (int value = 0; value < VALUES; value++)
        ends[value + 1] += ends[value];
    for (int64_t i = 0; i < count; i++)
        scratch[ends[items[i].key >> shift & (VALUES - 1)]++] = items[i];
    memcpy(items, scratch, (size_t)count * sizeof *items);
    for (int64_t value = 0, begin = 0; value < VALUES; begin = ends[value++])
        if (ends[value] - begin > 1)
            sort_from(rows, word, items + begin, scratch, ends[value] - begin);
}

/* The order of rows that may differ in any of their words; equal ones stay in theirs. */
LOOP order_of_rows(const uint64_t *keys, int64_t words, int64_t rows, uint32_t *order)
{
    Item *items = malloc((size_t)rows * 2 * sizeof *items + 1);
    if (!items)
        return NO_ROOM;
    for (int64_t row = 0; row < rows; row++)
        items[row] = (Item){keys[row * words], (uint32_t)row};
    sort_from((Rows){keys, words}, 0, items, items + rows, rows);
    for (int64_t row = 0; row < rows; row++)
        order[row] = items[row].row;
    free(items);
    return 0;
}
