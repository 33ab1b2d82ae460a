/* What every file of loops includes. */
#ifndef ENGAGEMENT_LOOPS_H
#define ENGAGEMENT_LOOPS_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#ifdef _WIN32
#define LOOP __declspec(dllexport) int64_t
#else
#define LOOP __attribute__((visibility("default"))) int64_t
#endif

/* Asks for the memory behind a place soon to be written, be it the program's or not: who writes at many places in turn
   waits for each of them. */
#if defined(__GNUC__)
#define SOON_AT(place, offset) __builtin_prefetch((const void *)((uintptr_t)(place) + (uintptr_t)(offset)), 1)
#else
#define SOON_AT(place, offset) ((void)0)
#endif
#define SOON_BEHIND(place, offset) SOON_AT(place, (offset) + 64)
#define SOON 16 /* rows */

#define NO_ROOM INT64_MIN /* Python raises MemoryError */

/* For a row soon to be read, of which no row before it tells. */
#if defined(__GNUC__)
#define SOON_READ(column, row) __builtin_prefetch((const void *)((uintptr_t)(column) + (uintptr_t)(row) * sizeof *(column)))
#else
#define SOON_READ(column, row) ((void)(column), (void)(row))
#endif

#endif
