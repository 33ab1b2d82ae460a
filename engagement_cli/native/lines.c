/* Lines of delimited text: are all of them plainly well-formed? */
#include "loops.h"

/* Past a quoted cell, of which `at` is the opening quote; 0 where it does not end in its line. */
static int64_t past_quotes(const uint8_t *text, int64_t at)
{
    for (at++;; at++) {
        if (text[at] == '\n')
            return 0;
        if (text[at] == '"' && text[++at] != '"') /* two are one inside the cell */
            return at;
    }
}

/* How often a byte stands in a text. */
static int64_t count_of(uint8_t byte, const uint8_t *text, int64_t size)
{
    int64_t found = 0;
    for (int64_t start = 0; start < size; start += UINT8_MAX) {
        int64_t end = size - start < UINT8_MAX ? size : start + UINT8_MAX;
        uint8_t here = 0; /* as narrow as what is compared: so the processor adds many at a time */
        for (int64_t at = start; at < end; at++)
            here = (uint8_t)(here + (text[at] == byte));
        found += here;
    }
    return found;
}

/* Delimiters outside of quoted cells in a line that has quotes; -1 where these do not stand around cells. */
static int64_t outside_quotes(const uint8_t *text, int64_t delimiter)
{
    int64_t found = 0, at = 0;
    while (text[at] != '\n') { /* cell by cell */
        if (text[at] == '"') {
            at = past_quotes(text, at);
            int ends = text[at] == delimiter || text[at] == '\n' || (text[at] == '\r' && text[at + 1] == '\n');
            if (at == 0 || !ends)
                return -1;
        }
        while (text[at] != delimiter && text[at] != '\n')
            if (text[at++] == '"')
                return -1;
        if (text[at] == delimiter) {
            found++;
            at++;
        }
    }
    return found;
}

/* The text ends with a line break. 1 where each line is blank or has so many delimiters outside of quoted cells, and
   quotes stand only around cells. */
LOOP lines_regular(const uint8_t *text, int64_t size, int64_t delimiter, int64_t delimiters)
{
    const uint8_t *end = text + size, *next;
    for (; text < end; text = next + 1) {
        next = memchr(text, '\n', (size_t)(end - text));
        int64_t length = next - text;
        if (length == 0 || (length == 1 && *text == '\r'))
            continue;
        int64_t found = memchr(text, '"', (size_t)length) ? outside_quotes(text, delimiter)
                                                          : count_of((uint8_t)delimiter, text, length);
        if (found != delimiters)
            return 0;
    }
    return 1;
}
