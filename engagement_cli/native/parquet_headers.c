/* What a Parquet file says of itself: columns, row groups, and where the pages of a column's part lie.
   https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift */
#include "loops.h"
#include "thrift.h"

#define NOT_KNOWN (-1)
#define OF_COLUMN 5 /* numbers */
#define OF_CHUNK 5
#define OF_PAGE 9
#define OWN_HEADER 5 /* the field that has a data page's own header; those of other kinds follow */

enum { DATA_PAGE, INDEX_PAGE, DICTIONARY_PAGE, DATA_PAGE_V2 };
enum { RLE = 3, TIMESTAMP_MILLIS = 9, TIMESTAMP_MICROS = 10 };

/* How many structures a list of them has; 0 with `bad` set where it is none. */
static uint64_t structures(Thrift *from, const Field *field)
{
    int type = 0;
    uint64_t count = field->type == LIST ? list_of(from, &type) : 0;
    if (field->type != LIST || (count && type != STRUCT))
        from->bad = 1;
    return from->bad ? 0 : count;
}

/* The unit of an instant, by the one field that the union has, and its structure; NOT_KNOWN for other types. */
static int64_t read_unit(Thrift *from)
{
    Field type = {0, 0}, part = {0, 0}, unit = {0, 0};
    int64_t found = NOT_KNOWN;
    while (next_field(from, &type)) {
        if (type.number != 8 || type.type != STRUCT) {
            skip(from, type.type, 0);
            continue;
        }
        while (next_field(from, &part)) {
            if (part.number != 2 || part.type != STRUCT) {
                skip(from, part.type, 0);
                continue;
            }
            while (next_field(from, &unit)) {
                found = unit.number;
                skip(from, unit.type, 0);
            }
        }
    }
    return found;
}

/* Physical type, repetition, where the name begins and how long it is, and the unit of an instant (1 ms, 2 µs, 3 ns).
   Gives how many children there are. */
static int64_t read_column(Thrift *from, const uint8_t *data, int64_t *column)
{
    Field field = {0, 0};
    int64_t children = 0;
    for (int at = 0; at < OF_COLUMN; at++)
        column[at] = NOT_KNOWN;
    while (next_field(from, &field)) {
        if (field.number == 1 || field.number == 3)
            column[field.number == 3] = number_in(from, &field);
        else if (field.number == 5)
            children = number_in(from, &field);
        else if (field.number == 6) { /* the older way of saying it */
            int64_t said = number_in(from, &field);
            if (column[4] == NOT_KNOWN && (said == TIMESTAMP_MILLIS || said == TIMESTAMP_MICROS))
                column[4] = said - TIMESTAMP_MILLIS + 1;
        } else if (field.number == 10 && field.type == STRUCT)
            column[4] = read_unit(from);
        else if (field.number == 4 && field.type == BINARY) {
            column[3] = (int64_t)varint(from);
            column[2] = bytes(from, (uint64_t)column[3]) - data;
        } else
            skip(from, field.type, 0);
    }
    return children;
}

/* Physical type, codec, values, first byte and bytes of a column's part of a row group. */
static void read_chunk_data(Thrift *from, int64_t *chunk)
{
    Field field = {0, 0};
    int64_t values = NOT_KNOWN, dictionary = 0;
    while (next_field(from, &field)) {
        switch (field.number) {
        case 1:
        case 4:
        case 5:
            chunk[field.number == 1 ? 0 : field.number - 3] = number_in(from, &field);
            break;
        case 7:
            chunk[4] = number_in(from, &field);
            break;
        case 9:
            values = number_in(from, &field);
            break;
        case 11:
            dictionary = number_in(from, &field);
            break;
        default:
            skip(from, field.type, 0);
        }
    }
    chunk[3] = dictionary > 0 && dictionary < values ? dictionary : values;
}

static void read_chunk(Thrift *from, int64_t *chunk)
{
    Field field = {0, 0};
    for (int at = 0; at < OF_CHUNK; at++)
        chunk[at] = NOT_KNOWN;
    while (next_field(from, &field)) {
        if (field.number == 3 && field.type == STRUCT)
            read_chunk_data(from, chunk);
        else if (field.number == 1 || field.number >= 8) /* in another file, or encrypted */
            from->bad = 1;
        else
            skip(from, field.type, 0);
    }
}

/* The rows of a row group, and its chunks: one for each column. */
static int64_t read_group(Thrift *from, int64_t columns, int64_t *chunks)
{
    Field field = {0, 0};
    int64_t rows = NOT_KNOWN;
    uint64_t there = 0;
    while (next_field(from, &field)) {
        if (field.number == 1) {
            there = structures(from, &field);
            if (there != (uint64_t)columns)
                from->bad = 1;
            for (int64_t column = 0; column < columns && !from->bad; column++)
                read_chunk(from, chunks + OF_CHUNK * column);
        } else if (field.number == 3)
            rows = number_in(from, &field);
        else
            skip(from, field.type, 0);
    }
    if (there != (uint64_t)columns || rows < 0)
        from->bad = 1;
    return rows;
}

/* A file's description: OF_COLUMN numbers a column, the rows of each row group, and OF_CHUNK numbers for each column of
   each. There is room for `most` groups; `spare` has it for one more's chunks. Gives how many groups there are; -1 for
   what is no description of so many columns of single values, or of what lies elsewhere. */
LOOP parquet_footer(const uint8_t *data, int64_t size, int64_t columns, int64_t most, int64_t *described, int64_t *rows,
                    int64_t *chunks, int64_t *spare)
{
    Thrift from = {data, data + size, 0};
    Field field = {0, 0};
    int64_t groups = 0, described_columns = -1;
    while (next_field(&from, &field)) {
        if (field.number == 2) {
            uint64_t elements = structures(&from, &field);
            int64_t root[OF_COLUMN];
            if (elements != (uint64_t)columns + 1 || read_column(&from, data, root) != columns)
                return -1;
            for (described_columns = 0; described_columns < columns; described_columns++)
                if (read_column(&from, data, described + OF_COLUMN * described_columns) != 0)
                    return -1;
        } else if (field.number == 4) {
            for (uint64_t left = structures(&from, &field); left && !from.bad; left--, groups++) {
                int64_t found = read_group(&from, columns, groups < most ? chunks + groups * columns * OF_CHUNK : spare);
                if (groups < most)
                    rows[groups] = found;
            }
        } else if (field.number == 8) /* encryption */
            return -1;
        else
            skip(&from, field.type, 0);
    }
    return from.bad || described_columns != columns ? -1 : groups;
}

/* A page is: kind, first byte of its data, bytes of these and bytes unpacked, values, encoding, bytes of levels before
   the packed ones (version 2), whether there are packed ones, and its chunk. */
static void read_page_data(Thrift *from, int64_t kind, int64_t *page)
{
    Field field = {0, 0};
    int64_t levels = RLE, repeated = 0;
    page[7] = 1;
    page[6] = kind == DATA_PAGE_V2 ? NOT_KNOWN : 0;
    while (next_field(from, &field)) {
        if (field.number == 1)
            page[4] = number_in(from, &field);
        else if (field.number == (kind == DATA_PAGE_V2 ? 4 : 2))
            page[5] = number_in(from, &field);
        else if (kind == DATA_PAGE && field.number == 3)
            levels = number_in(from, &field);
        else if (kind == DATA_PAGE_V2 && field.number == 5)
            page[6] = number_in(from, &field);
        else if (kind == DATA_PAGE_V2 && field.number == 6)
            repeated = number_in(from, &field);
        else if (kind == DATA_PAGE_V2 && field.number == 7 && field.type <= IS_FALSE)
            page[7] = field.type == IS_TRUE;
        else
            skip(from, field.type, 0);
    }
    if (levels != RLE || repeated != 0 || page[6] < 0)
        from->bad = 1;
}

static void read_page(Thrift *from, int64_t *page)
{
    Field field = {0, 0};
    for (int at = 0; at < OF_PAGE; at++)
        page[at] = NOT_KNOWN;
    while (next_field(from, &field)) {
        if (field.number == 1) {
            page[0] = number_in(from, &field);
            if (page[0] < DATA_PAGE || page[0] > DATA_PAGE_V2)
                from->bad = 1;
        } else if (field.number == 2 || field.number == 3)
            page[field.number == 2 ? 3 : 2] = number_in(from, &field);
        else if (!from->bad && page[0] >= 0 && page[0] != INDEX_PAGE && field.number == OWN_HEADER + page[0] &&
                 field.type == STRUCT)
            read_page_data(from, page[0], page);
        else
            skip(from, field.type, 0);
    }
    if (page[2] < 0 || page[3] < 0 || (page[0] != INDEX_PAGE && (page[4] < 0 || page[5] < 0 || page[6] > page[2])))
        from->bad = 1;
    if (page[2] > INT32_MAX || page[3] > INT32_MAX || page[4] > INT32_MAX) /* the format has no larger pages */
        from->bad = 1;
}

/* The pages of some chunks, of each of which the first byte, the bytes and the values are given: OF_PAGE numbers a page.
   There is room for `most`. Gives how many there are; -1 for what cannot be read. */
LOOP parquet_pages(const uint8_t *data, const int64_t *chunks, int64_t count, int64_t most, int64_t *pages)
{
    int64_t found = 0, spare[OF_PAGE];
    for (int64_t chunk = 0; chunk < count; chunk++) {
        const int64_t *of_chunk = chunks + 3 * chunk;
        Thrift from = {data + of_chunk[0], data + of_chunk[0] + of_chunk[1], 0};
        for (int64_t values = of_chunk[2]; values > 0;) {
            int64_t *page = found < most ? pages + OF_PAGE * found : spare;
            read_page(&from, page);
            page[1] = from.at - data;
            page[8] = chunk;
            bytes(&from, (uint64_t)page[2]);
            if (from.bad)
                return -1;
            if (page[0] == DATA_PAGE || page[0] == DATA_PAGE_V2)
                values -= page[4];
            if (values < 0)
                return -1;
            found += page[0] != INDEX_PAGE;
        }
    }
    return found;
}
