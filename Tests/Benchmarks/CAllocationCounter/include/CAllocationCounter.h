#ifndef C_ALLOCATION_COUNTER_H
#define C_ALLOCATION_COUNTER_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/// What one thread has allocated while its counter was on.
typedef struct {
    /// Calls that returned memory; a `realloc` counts as one.
    uint64_t allocations;
    /// Bytes asked for, all together.
    uint64_t bytes;
    /// Usable bytes allocated minus usable bytes freed. Negative where more was freed than allocated.
    int64_t liveBytes;
    /// Blocks allocated minus blocks freed.
    int64_t liveBlocks;
} AllocationCounts;

/// Whether allocations are counted on this platform (glibc only); elsewhere all counts stay 0.
bool allocation_counter_is_available(void);

/// Sets the counts of this thread to 0 and switches its counter on.
void allocation_counter_start(void);

/// Switches this thread's counter off and returns its counts.
AllocationCounts allocation_counter_stop(void);

/// Gives free heap memory back to the system, where the platform can, so that resident memory shows what is in use.
void process_trim_heap(void);

/// The bytes of this process in physical memory; 0 where they cannot be read.
uint64_t process_resident_bytes(void);

/// How often this thread (elsewhere than on Linux: this process) lost the processor against its will.
uint64_t process_preemptions(void);

/// Nanoseconds on a clock that never goes back.
static inline uint64_t monotonic_nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/// Nanoseconds of processor time that this thread has used.
static inline uint64_t thread_processor_nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

#endif
