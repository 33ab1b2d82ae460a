/* Rows packed as records that lie bucket by bucket: time in units since a first, kind, customer, identity; the first two
   in as few bytes as hold them. A field is written wider than it is, and what is too much is overwritten by the next. */
#include "division.h"
#include "loops.h"

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#error "records are written lowest byte first"
#endif

/* Rows whose `fate` is 0 are put behind the `seen` ones of their bucket, whose records begin at `starts`; `place` gets
   each one's place there. `identity` is of no meaning where a record has none. */
LOOP records_put(const int64_t *time, int64_t first, int64_t inverse, int64_t twos, const uint32_t *kind,
                 const uint64_t *customer, const uint64_t *identity, int64_t has_identity, const uint8_t *fate,
                 const uint16_t *bucket, int64_t rows, int64_t time_width, int64_t kind_width, const int64_t *starts,
                 int64_t *seen, uint32_t *place, uint8_t *records)
{
    int64_t width = time_width + kind_width + (has_identity ? 16 : 8);
    for (int64_t row = 0; row < rows; row++) {
        if (row + SOON < rows)
            SOON_BEHIND(records, starts[bucket[row + SOON]] + seen[bucket[row + SOON]] * width);
        if (fate[row])
            continue;
        int64_t b = bucket[row], at = seen[b]++;
        uint8_t *record = records + starts[b] + at * width;
        uint64_t units = quotient((uint64_t)time[row] - (uint64_t)first, inverse, twos);
        place[row] = (uint32_t)at;
        memcpy(record, &units, 8);
        memcpy(record += time_width, &kind[row], 4);
        memcpy(record += kind_width, &customer[row], 8);
        if (has_identity)
            memcpy(record + 8, &identity[row], 8);
    }
    return 0;
}

LOOP records_get(const uint8_t *records, int64_t rows, int64_t first, int64_t unit, int64_t time_width,
                 int64_t kind_width, int64_t has_identity, int64_t *time, uint32_t *kind, uint64_t *customer,
                 uint64_t *identity)
{
    uint64_t units, times = UINT64_MAX >> (64 - 8 * time_width);
    uint32_t kinds = UINT32_MAX >> (32 - 8 * kind_width);
    for (int64_t row = 0; row < rows; row++) {
        memcpy(&units, records, 8);
        time[row] = (int64_t)((uint64_t)first + (units & times) * (uint64_t)unit);
        memcpy(&kind[row], records += time_width, 4);
        kind[row] &= kinds;
        memcpy(&customer[row], records += kind_width, 8);
        records += 8;
        if (has_identity) {
            memcpy(&identity[row], records, 8);
            records += 8;
        }
    }
    return 0;
}
