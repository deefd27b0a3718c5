// Linux declares RUSAGE_THREAD only with this.
#define _GNU_SOURCE

#include "CAllocationCounter.h"

#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#if defined(__APPLE__)

#include <mach/mach.h>

uint64_t process_resident_bytes(void) {
    mach_task_basic_info_data_t info;
    mach_msg_type_number_t count = MACH_TASK_BASIC_INFO_COUNT;
    kern_return_t answer = task_info(mach_task_self(), MACH_TASK_BASIC_INFO, (task_info_t)&info, &count);
    return answer == KERN_SUCCESS ? info.resident_size : 0;
}

#else

uint64_t process_resident_bytes(void) {
    FILE *file = fopen("/proc/self/statm", "r");
    if (file == NULL) return 0;
    unsigned long long size = 0;
    unsigned long long resident = 0;
    int read = fscanf(file, "%llu %llu", &size, &resident);
    fclose(file);
    return read == 2 ? resident * (uint64_t)sysconf(_SC_PAGESIZE) : 0;
}

#endif

uint64_t process_preemptions(void) {
    struct rusage usage;
#if defined(RUSAGE_THREAD)
    int answer = getrusage(RUSAGE_THREAD, &usage);
#else
    int answer = getrusage(RUSAGE_SELF, &usage);
#endif
    return answer == 0 ? (uint64_t)usage.ru_nivcsw : 0;
}
