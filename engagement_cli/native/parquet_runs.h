/* Runs of small numbers, in which Parquet's pages tell which rows have a value, and which value of a dictionary.
   https://github.com/apache/parquet-format/blob/master/Encodings.md

   Behind the data the memory has 8 bytes more, which may be read and mean nothing. */
#ifndef ENGAGEMENT_PARQUET_RUNS_H
#define ENGAGEMENT_PARQUET_RUNS_H

#include "arrow.h"

#define WIDEST 32 /* bits of a code */

/* Numbers of so many bits each, in runs of one number and of numbers that lie bit by bit. */
typedef struct {
    const uint8_t *at, *end;
    int width;
} Runs;

typedef struct {
    int64_t count;
    const uint8_t *packed; /* NULL: all are `value` */
    uint64_t value;
} Run;

/* The next run, cut where there are more than `most` numbers. Gives whether there is one. */
static int next_run(Runs *runs, int64_t most, Run *run)
{
    uint64_t head = 0;
    int shift = 0;
    do {
        if (runs->at >= runs->end || shift > 28)
            return 0;
        head |= (uint64_t)(*runs->at & 127) << shift;
        shift += 7;
    } while (*runs->at++ & 128);
    int64_t left = runs->end - runs->at, count = (int64_t)(head >> 1), bytes = (runs->width + 7) / 8;
    run->packed = NULL;
    run->value = 0;
    if (head & 1) {
        bytes = count * runs->width;
        count *= 8;
        run->packed = runs->at;
        run->count = count < most ? count : most;
        if ((run->count * runs->width + 7) / 8 > left)
            return 0;
        runs->at += bytes < left ? bytes : left; /* some writers leave out the last one's padding */
    } else {
        if (bytes > left)
            return 0;
        memcpy(&run->value, runs->at, (size_t)bytes);
        runs->at += bytes;
        run->count = count < most ? count : most;
    }
    return run->count > 0;
}

/* How many of so many rows have a value, by levels of one bit; lists them, `before` which others are, if there are
   `rows`, with room for all. Gives -1 for levels that cannot be. */
static int64_t filled(const uint8_t *data, int64_t size, int64_t count, int64_t before, uint32_t *rows)
{
    Runs runs = {data, data + size, 1};
    int64_t found = 0;
    for (int64_t at = 0; at < count;) {
        Run run;
        if (!next_run(&runs, count - at, &run) || run.value > 1)
            return -1;
        for (int64_t row = 0; run.packed && row < run.count; row += 64) {
            uint64_t bits;
            memcpy(&bits, run.packed + row / 8, 8);
            if (run.count - row < 64)
                bits &= (UINT64_C(1) << (run.count - row)) - 1;
            if (!rows)
                found += ones(bits);
            else
                for (; bits; bits &= bits - 1)
                    rows[found++] = (uint32_t)(before + at + row + lowest(bits));
        }
        for (int64_t row = 0; rows && run.value && row < run.count; row++)
            rows[found + row] = (uint32_t)(before + at + row);
        found += run.value ? run.count : 0;
        at += run.count;
    }
    return found;
}

/* What a table of `known` values has for each of so many codes. Gives whether these can be. */
static int look_up(const uint8_t *data, int64_t size, int64_t count, const uint64_t *table, int64_t known,
                   uint64_t *found)
{
    if (count && (size < 1 || data[0] > WIDEST || known < 1))
        return 0;
    Runs runs = {data + 1, data + size, count ? data[0] : 0};
    uint64_t mask = (UINT64_C(1) << runs.width) - 1, last = (uint64_t)known - 1, worst = 0;
    for (int64_t at = 0; at < count;) {
        Run run;
        if (!next_run(&runs, count - at, &run) || run.value > last)
            return 0;
        uint64_t *of_run = found + at, value = table[run.value];
        if (run.packed) {
            for (int64_t row = 0, bit = 0; row < run.count; row++, bit += runs.width) {
                uint64_t code;
                memcpy(&code, run.packed + bit / 8, 8);
                code = code >> bit % 8 & mask;
                worst = code > worst ? code : worst;
                of_run[row] = table[code < last ? code : last];
            }
        } else {
            for (int64_t row = 0; row < run.count; row++)
                of_run[row] = value;
        }
        at += run.count;
    }
    return worst <= last;
}

#endif
