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

/* The text ends with a line break. 1 where each line is blank or has so many delimiters outside of quoted cells, and
   quotes stand only around cells. */
LOOP lines_regular(const uint8_t *text, int64_t size, int64_t delimiter, int64_t delimiters)
{
    for (int64_t at = 0; at < size; at++) {
        int64_t found = 0;
        int blank = text[at] == '\n' || (text[at] == '\r' && text[at + 1] == '\n');
        while (text[at] != '\n') { /* cell by cell */
            if (text[at] == '"') {
                at = past_quotes(text, at);
                int ends = text[at] == delimiter || text[at] == '\n' || (text[at] == '\r' && text[at + 1] == '\n');
                if (at == 0 || !ends)
                    return 0;
            }
            while (text[at] != delimiter && text[at] != '\n')
                if (text[at++] == '"')
                    return 0;
            if (text[at] == delimiter) {
                found++;
                at++;
            }
        }
        if (!blank && found != delimiters)
            return 0;
    }
    return 1;
}
