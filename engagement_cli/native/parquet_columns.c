/* The values of a row group's columns, from their pages: a word of 8 bytes each. */
#include "loops.h"
#include "parquet_runs.h"

/* One column of a row group. `words` gets one a row in `[start, end)`, `nothing` for those without a value; or where
   there are `rows`, these are listed, and the words of those with a value alone, behind the `found` ones of before. */
typedef struct {
    int64_t format, optional, pages, table, known, nothing, words, rows, found;
} Column;

/* A page's rows begin at `first`. `levels` are where its own length says if their size is negative. */
typedef struct {
    int64_t first, count, coded, levels, levels_size, data, data_size;
} Page;

enum { WORDS, INT64S, DOUBLES, INT32S, FLOATS };

/* Finds levels that lie before the data. */
static int split_levels(Page *page)
{
    uint32_t length;
    if (page->data_size < 4)
        return 0;
    memcpy(&length, bytes_at(page->data), 4);
    if (length > page->data_size - 4)
        return 0;
    page->levels = page->data + 4;
    page->levels_size = length;
    page->data += 4 + (int64_t)length;
    page->data_size -= 4 + (int64_t)length;
    return 1;
}

/* The words of a page's values, so many. Gives whether they can be. */
static int words_of(const Column *column, const Page *page, int64_t count, uint64_t *found)
{
    const uint8_t *data = bytes_at(page->data);
    int64_t width = column->format >= INT32S ? 4 : 8;
    if (page->coded)
        return look_up(data, page->data_size, count, (const uint64_t *)bytes_at(column->table), column->known, found);
    if (page->data_size / width < count)
        return 0;
    if (column->format == WORDS || column->format == DOUBLES) {
        memcpy(found, data, (size_t)count * sizeof *found);
        return 1;
    }
    for (int64_t at = 0; at < count; at++, data += width) {
        int64_t wide;
        int32_t narrow;
        float small;
        double number;
        if (column->format == INT64S) {
            memcpy(&wide, data, 8);
            number = (double)wide;
        } else if (column->format == INT32S) {
            memcpy(&narrow, data, 4);
            number = narrow;
        } else {
            memcpy(&small, data, 4);
            number = small;
        }
        memcpy(&found[at], &number, 8);
    }
    return 1;
}

/* The words of a page's rows in `[start, end)`. Gives 1, 0 for a page that cannot be, and -1 where there is no room. */
static int put_page(const Column *column, const Page *page, int64_t start, int64_t end, uint64_t *words)
{
    int64_t low = page->first > start ? page->first : start, high = page->first + page->count;
    high = high < end ? high : end;
    int64_t count = page->count;
    if (column->optional)
        count = filled(bytes_at(page->levels), page->levels_size, page->count, 0, NULL);
    if (count == page->count && high - low == count)
        return words_of(column, page, count, words + low - start);
    if (count < 0)
        return 0;
    uint64_t *there = malloc((size_t)page->count * 12 + 12);
    if (!there)
        return -1;
    uint32_t *rows = (uint32_t *)(there + page->count);
    int good = words_of(column, page, count, there);
    if (good && count < page->count) {
        good = filled(bytes_at(page->levels), page->levels_size, page->count, 0, rows) == count;
        for (int64_t row = low; row < high; row++)
            words[row - start] = (uint64_t)column->nothing;
        for (int64_t at = 0; good && at < count; at++)
            if (page->first + rows[at] >= low && page->first + rows[at] < high)
                words[page->first + rows[at] - start] = there[at];
    } else if (good)
        memcpy(words + low - start, there + low - page->first, (size_t)(high - low) * sizeof *words);
    free(there);
    return good;
}

/* Gives how many words the page adds, or -1; there is room for those of all its rows. */
static int64_t list_page(const Column *column, const Page *page, int64_t start, int64_t end, int64_t before,
                         uint64_t *words, uint32_t *rows)
{
    int64_t count = page->count, first = before + page->first - start, kept = 0;
    if (column->optional)
        count = filled(bytes_at(page->levels), page->levels_size, page->count, first, rows);
    else
        for (int64_t row = 0; row < count; row++)
            rows[row] = (uint32_t)(first + row);
    if (count < 0 || !words_of(column, page, count, words))
        return -1;
    if (page->first >= start && page->first + page->count <= end)
        return count;
    for (int64_t at = 0; at < count; at++) {
        int64_t row = (int64_t)(uint32_t)(rows[at] - (uint32_t)first) + page->first;
        rows[kept] = rows[at];
        words[kept] = words[at];
        kept += row >= start && row < end;
    }
    return kept;
}

/* Reads columns of a row group, of which the rows in `[start, end)` are wanted, from their pages in turn; so many
   `before` were read. Words have room for one page more than is wanted. Gives -1 for pages that cannot be. */
LOOP parquet_read(int64_t *given, int64_t count, int64_t *of_pages, int64_t start, int64_t end, int64_t before)
{
    Column *columns = (Column *)given;
    Page *page = (Page *)of_pages;
    for (Column *column = columns; column < columns + count; column++) {
        uint64_t *words = (uint64_t *)(intptr_t)column->words;
        uint32_t *rows = (uint32_t *)(intptr_t)column->rows;
        for (Page *last = page + column->pages; page < last; page++) {
            if (column->optional && page->levels_size < 0 && !split_levels(page))
                return -1;
            if (rows) {
                int64_t more =
                    list_page(column, page, start, end, before, words + column->found, rows + column->found);
                if (more < 0)
                    return -1;
                column->found += more;
                continue;
            }
            int good = put_page(column, page, start, end, words + before);
            if (good <= 0)
                return good < 0 ? NO_ROOM : -1;
        }
    }
    return 0;
}

/* How many of a page's rows have a value; -1 for levels that cannot be. */
LOOP parquet_filled(int64_t *of_page, int64_t optional)
{
    Page *page = (Page *)of_page;
    if (!optional)
        return page->count;
    if (page->levels_size < 0 && !split_levels(page))
        return -1;
    return filled(bytes_at(page->levels), page->levels_size, page->count, 0, NULL);
}

/* Numbers become ticks since 1970 where they are in `[low, high)`: times `times`, or divided by `per` where nothing is
   left; with a fate of 0. Others become `none`, with a fate of 1. */
LOOP parquet_instants(int64_t *number, int64_t count, int64_t low, int64_t high, int64_t times, int64_t per,
                      int64_t none, uint8_t *fate)
{
    for (int64_t row = 0; row < count; row++) {
        int good = number[row] >= low && number[row] < high;
        int64_t whole = good ? number[row] : 0;
        if (per != 1) {
            good &= whole % per == 0;
            whole /= per;
        }
        number[row] = good ? whole * times : none;
        fate[row] = (uint8_t)!good;
    }
    return 0;
}

/* Sets the fate to 1 of rows whose value is one of the three that mean nothing. */
LOOP parquet_missing(const uint64_t *value, int64_t count, const uint64_t *nothing, uint8_t *fate)
{
    uint64_t first = nothing[0], second = nothing[1], third = nothing[2];
    for (int64_t row = 0; row < count; row++)
        fate[row] |= (value[row] == first) | (value[row] == second) | (value[row] == third);
    return 0;
}
