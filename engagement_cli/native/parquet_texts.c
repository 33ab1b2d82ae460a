/* Texts as they lie in Parquet's pages, for Arrow: who takes them need not look at each. */
#include "arrow.h"
#include "loops.h"

static void let_go(Cells *texts)
{
    free(texts->private_data);
    texts->release = NULL;
}

/* Texts, each behind its length, become an array of Arrow's (64-bit offsets), which has to be released: so many in each
   of some parts, whose address and bytes are given. Gives -1 where the parts are not these. */
LOOP parquet_texts(const int64_t *parts, int64_t count, int64_t address)
{
    int64_t all = 0, size = 0, text = 0, done = 0, good = 1;
    for (int64_t part = 0; part < count; part++) {
        if (parts[3 * part + 2] > parts[3 * part + 1] / 4)
            return -1;
        size += parts[3 * part + 1];
        all += parts[3 * part + 2];
    }
    size_t offsets = ((size_t)all + 1) * sizeof(int64_t), buffers = 3 * sizeof(void *);
    uint8_t *memory = malloc(buffers + offsets + (size_t)size);
    if (!memory)
        return NO_ROOM;
    int64_t *offset = (int64_t *)(memory + buffers);
    uint8_t *letters = memory + buffers + offsets;
    for (int64_t part = 0; part < count && good; part++) {
        const uint8_t *data = bytes_at(parts[3 * part]), *end = data + parts[3 * part + 1];
        for (int64_t left = parts[3 * part + 2]; left && good; left--) {
            uint32_t length = 0;
            good = end - data >= 4;
            if (good)
                memcpy(&length, data, 4);
            good = good && length <= end - data - 4;
            if (!good)
                break;
            offset[text++] = done;
            memcpy(letters + done, data + 4, length);
            done += length;
            data += 4 + (int64_t)length;
        }
        good = good && data == end;
    }
    if (!good) {
        free(memory);
        return -1;
    }
    offset[all] = done;
    Cells *texts = (Cells *)(intptr_t)address;
    const void **held = (const void **)memory;
    held[0] = NULL;
    held[1] = offset;
    held[2] = letters;
    Cells found = {all, 0, 0, 3, 0, held, NULL, NULL, let_go, memory};
    *texts = found;
    return 0;
}
