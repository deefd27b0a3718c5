#pragma once

#ifdef __linux__
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

/// Swift imports neither the union in `epoll_event` well nor its packing; these take and give plain numbers.
static inline int c_epoll_control(int epoll, int operation, int descriptor, uint32_t events, uint64_t data) {
    struct epoll_event event = {.events = events, .data = {.u64 = data}};
    return epoll_ctl(epoll, operation, descriptor, &event);
}

/// The bytes that one event takes in the buffer given to `c_epoll_wait`.
static const int c_epoll_event_size = (int)sizeof(struct epoll_event);

static inline int c_epoll_wait(int epoll, void *buffer, int capacity, int milliseconds) {
    return epoll_wait(epoll, (struct epoll_event *)buffer, capacity, milliseconds);
}

static inline uint32_t c_epoll_events_at(const void *buffer, int index) {
    return ((const struct epoll_event *)buffer)[index].events;
}

static inline uint64_t c_epoll_data_at(const void *buffer, int index) {
    return ((const struct epoll_event *)buffer)[index].data.u64;
}

// Swift's Glibc module is compiled without _GNU_SOURCE, which hides these. Their own types stay with that module.
extern int c_accept4(int listener, void *address, unsigned int *length, int flags) __asm__("accept4");
extern int c_pipe2(int descriptors[2], int flags) __asm__("pipe2");
extern int c_set_thread_name(unsigned long thread, const char *name) __asm__("pthread_setname_np");

/// `getaddrinfo`: the name exists and has no address.
static const int c_eai_nodata = -5;
#endif
