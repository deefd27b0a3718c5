#include "CAllocationCounter.h"

#include <stdlib.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define HAS_SANITIZER 1
#endif
#endif

#if defined(__linux__) && defined(__GLIBC__) && !defined(HAS_SANITIZER)

#include <errno.h>
#include <malloc.h>
#include <stddef.h>

// glibc's own functions, which stay reachable when a program defines the standard names.
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *block);

// One counter for each thread: no atomics, and other threads do not disturb what is measured.
static __thread bool is_counting;
static __thread AllocationCounts counts;

static void *allocated(void *block, size_t size) {
    if (is_counting && block != NULL) {
        counts.allocations += 1;
        counts.bytes += size;
        counts.liveBytes += (int64_t)malloc_usable_size(block);
        counts.liveBlocks += 1;
    }
    return block;
}

static void released(void *block) {
    if (is_counting && block != NULL) {
        counts.liveBytes -= (int64_t)malloc_usable_size(block);
        counts.liveBlocks -= 1;
    }
}

void *malloc(size_t size) { return allocated(__libc_malloc(size), size); }

void *calloc(size_t count, size_t size) { return allocated(__libc_calloc(count, size), count * size); }

void *realloc(void *block, size_t size) {
    size_t before = is_counting && block != NULL ? malloc_usable_size(block) : 0;
    void *moved = __libc_realloc(block, size);
    bool isFreed = block != NULL && (moved != NULL || size == 0);
    if (is_counting && isFreed) {
        counts.liveBytes -= (int64_t)before;
        counts.liveBlocks -= 1;
    }
    return allocated(moved, size);
}

void *memalign(size_t alignment, size_t size) { return allocated(__libc_memalign(alignment, size), size); }

void *aligned_alloc(size_t alignment, size_t size) { return allocated(__libc_memalign(alignment, size), size); }

int posix_memalign(void **result, size_t alignment, size_t size) {
    bool isPowerOfTwo = alignment != 0 && (alignment & (alignment - 1)) == 0;
    if (!isPowerOfTwo || alignment % sizeof(void *) != 0) return EINVAL;
    void *block = allocated(__libc_memalign(alignment, size), size);
    if (block == NULL) return ENOMEM;
    *result = block;
    return 0;
}

void free(void *block) {
    released(block);
    __libc_free(block);
}

bool allocation_counter_is_available(void) { return true; }

void allocation_counter_start(void) {
    counts = (AllocationCounts){0};
    is_counting = true;
}

AllocationCounts allocation_counter_stop(void) {
    is_counting = false;
    return counts;
}

void process_trim_heap(void) { malloc_trim(0); }

#else

bool allocation_counter_is_available(void) { return false; }

void allocation_counter_start(void) {}

AllocationCounts allocation_counter_stop(void) { return (AllocationCounts){0}; }

void process_trim_heap(void) {}

#endif
