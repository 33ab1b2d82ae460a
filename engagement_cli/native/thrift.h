/* Thrift's compact protocol, in which Parquet describes itself; nothing is read from beyond the end.
   https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md */
#ifndef ENGAGEMENT_THRIFT_H
#define ENGAGEMENT_THRIFT_H

#include <stdint.h>

#define DEEPEST 16

enum { IS_TRUE = 1, IS_FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, MAP, STRUCT };

typedef struct Thrift {
    const uint8_t *at, *end;
    int bad; /* once set, nothing more is read */
} Thrift;

typedef struct Field {
    int number, type; /* of the one that was read last; 0 before the first */
} Field;

static inline uint8_t next_byte(Thrift *from)
{
    if (from->bad || from->at >= from->end) {
        from->bad = 1;
        return 0;
    }
    return *from->at++;
}

static inline uint64_t varint(Thrift *from)
{
    uint64_t number = 0;
    for (int shift = 0; shift < 64; shift += 7) {
        uint8_t byte = next_byte(from);
        number |= (uint64_t)(byte & 127) << shift;
        if (byte < 128)
            return number;
    }
    from->bad = 1;
    return 0;
}

static inline int64_t whole_number(Thrift *from)
{
    uint64_t number = varint(from);
    return (int64_t)(number >> 1 ^ (0 - (number & 1)));
}

/* Goes over so many bytes, and gives the first. */
static inline const uint8_t *bytes(Thrift *from, uint64_t count)
{
    const uint8_t *first = from->at;
    if (from->bad || count > (uint64_t)(from->end - from->at))
        from->bad = 1;
    else
        from->at += count;
    return first;
}

/* Whether a structure has one more field. */
static inline int next_field(Thrift *from, Field *field)
{
    uint8_t head = next_byte(from);
    if (from->bad || (field->type = head & 15) == 0)
        return 0;
    int64_t number = head >> 4 ? field->number + (head >> 4) : whole_number(from);
    if (number < 0 || number > INT16_MAX)
        from->bad = 1;
    field->number = (int)number;
    return !from->bad;
}

/* How many values a list has, and of what type. */
static inline uint64_t list_of(Thrift *from, int *type)
{
    uint8_t head = next_byte(from);
    *type = head & 15;
    return head >> 4 == 15 ? varint(from) : head >> 4;
}

static void skip(Thrift *from, int type, int depth)
{
    Field field = {0, 0};
    uint64_t count;
    int one;
    if (depth > DEEPEST)
        from->bad = 1;
    switch (from->bad ? 0 : type) {
    case IS_TRUE:
    case IS_FALSE:
        return;
    case BYTE:
        bytes(from, 1);
        return;
    case I16:
    case I32:
    case I64:
        varint(from);
        return;
    case DOUBLE:
        bytes(from, 8);
        return;
    case BINARY:
        bytes(from, varint(from));
        return;
    case LIST:
    case SET:
        count = list_of(from, &one);
        for (one = one == IS_TRUE || one == IS_FALSE ? BYTE : one; count && !from->bad; count--)
            skip(from, one, depth + 1);
        return;
    case STRUCT:
        while (next_field(from, &field))
            skip(from, field.type, depth + 1);
        return;
    default: /* maps, of which Parquet has none */
        from->bad = 1;
    }
}

/* The field's whole number, or -1 where it is none. */
static inline int64_t number_in(Thrift *from, const Field *field)
{
    if (field->type != I16 && field->type != I32 && field->type != I64) {
        skip(from, field->type, 0);
        return -1;
    }
    return whole_number(from);
}

#endif
