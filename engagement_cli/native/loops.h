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

#define NO_ROOM INT64_MIN /* Python raises MemoryError */

#endif
