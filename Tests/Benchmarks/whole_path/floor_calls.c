// The floor's calls: one epoll, one write and one read a call.

#include "floor.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { request_limit = 4096, answer_limit = 2048, batch = 256, wait_ms = 1000 };

struct connection {
    int descriptor;
    struct slot *slot;
    size_t received;
    char answer[answer_limit];
};

struct loop {
    struct ring *ring;
    int epoll;
    size_t called;  // Slots of the ring whose calls have started.
    int idle_count;
    struct connection *idle[in_flight_limit];
};

static const char head[] =
    "POST /v23.0/17841400000000000/messages"
    "?appsecret_proof=f2a05a9d0a86c91a842d52f0512dc10ba61aff79c0461eae8cfc6d1402cac1de HTTP/1.1\r\n"
    "Authorization: Bearer IGAAtoken17841400000000000SECRET\r\n"
    "Content-Type: application/json\r\n"
    "Accept: application/json\r\n"
    "User-Agent: floor\r\n"
    "Host: 127.0.0.1\r\n"
    "Content-Length: ";

static const char fixed_body[] =
    "{\"recipient\":{\"id\":\"90210000\"},\"message\":{\"text\":\"Your order #1# has shipped: "
    "https://shop.example.com/orders/1\"}}";

static _Noreturn void fail_here(const char *what) {
    fail(what, strerror(errno));
}

static struct connection *open_connection(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    struct connection *connection = calloc(1, sizeof *connection);
    int yes = 1;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (connection == NULL) fail_here("calloc");
    connection->descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connection->descriptor < 0) fail_here("socket (ulimit -n?)");
    setsockopt(connection->descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (connect(connection->descriptor, (struct sockaddr *)&address, sizeof address) != 0) fail_here("connect");
    return connection;
}

static void send_request(struct connection *connection, const void *body, size_t length) {
    char request[request_limit];
    size_t size = sizeof head - 1;
    memcpy(request, head, size);
    size += (size_t)snprintf(request + size, 24, "%zu\r\n\r\n", length);
    if (size + length > sizeof request) fail("a request", "too long");
    memcpy(request + size, body, length);
    size += length;
    if (send(connection->descriptor, request, size, MSG_NOSIGNAL) != (ssize_t)size) fail_here("send");
}

// The length of the whole answer; 0 as long as its head is not complete.
static size_t answer_length(const struct connection *connection) {
    const char *end = memmem(connection->answer, connection->received, "\r\n\r\n", 4);
    if (end == NULL) return 0;
    if (memcmp(connection->answer, "HTTP/1.1 200", 12) != 0) fail("an answer", "not the status 200");
    for (const char *line = connection->answer; line < end; line = (char *)memchr(line, '\n', end + 2 - line) + 1) {
        if (strncasecmp(line, "Content-Length:", 15) == 0) {
            return (size_t)(end + 4 - connection->answer) + strtoul(line + 15, NULL, 10);
        }
    }
    fail("an answer", "no Content-Length");
}

// Reads what there is; 1 where the answer is complete.
static int read_answer(struct connection *connection) {
    char *place = connection->answer + connection->received;
    ssize_t count = recv(connection->descriptor, place, answer_limit - connection->received, MSG_DONTWAIT);
    if (count < 0 && errno == EAGAIN) return 0;
    if (count <= 0) fail_here("recv (the server closed?)");
    connection->received += (size_t)count;
    size_t length = answer_length(connection);
    if (length > answer_limit) fail("an answer", "too long");
    return length != 0 && connection->received >= length;
}

static void keep_message_id(struct slot *slot, const char *answer, size_t length) {
    static const char name[] = "\"message_id\":\"";
    const char *found = memmem(answer, length, name, sizeof name - 1);
    if (found == NULL) fail("an answer", "no message_id");
    found += sizeof name - 1;
    const char *end = memchr(found, '"', length - (size_t)(found - answer));
    if (end == NULL || end - found >= message_id_limit) fail("an answer", "no message_id that fits");
    memcpy(slot->message_id, found, (size_t)(end - found));
    slot->message_id[end - found] = 0;
}

static void end_call(struct loop *loop, struct connection *connection) {
    if (loop->ring) {
        keep_message_id(connection->slot, connection->answer, connection->received);
        atomic_store_explicit(&connection->slot->is_answered, 1, memory_order_release);
    }
    connection->received = 0;
    loop->idle[loop->idle_count++] = connection;
}

// Starts a call on every idle connection, as long as there are requests.
static void start_calls(struct loop *loop) {
    if (loop->ring == NULL) {
        while (loop->idle_count > 0) send_request(loop->idle[--loop->idle_count], fixed_body, sizeof fixed_body - 1);
        return;
    }
    size_t arrived = atomic_load_explicit(&loop->ring->arrived, memory_order_acquire);
    while (loop->idle_count > 0 && loop->called < arrived) {
        struct connection *connection = loop->idle[--loop->idle_count];
        connection->slot = &loop->ring->slots[loop->called++ % slots];
        send_request(connection, connection->slot->request->payload, connection->slot->request->len);
    }
}

static void add(struct loop *loop, int descriptor, void *pointer) {
    struct epoll_event event = {.events = EPOLLIN, .data = {.ptr = pointer}};
    if (epoll_ctl(loop->epoll, EPOLL_CTL_ADD, descriptor, &event) != 0) fail_here("epoll_ctl");
}

static void take_wake_up(const struct loop *loop) {
    uint64_t count;
    if (read(loop->ring->wake_up, &count, sizeof count) < 0 && errno != EAGAIN) fail_here("read of the eventfd");
}

_Noreturn void run_calls(struct ring *ring, int port, int in_flight) {
    static struct loop loop;
    loop.ring = ring;
    loop.epoll = epoll_create1(EPOLL_CLOEXEC);
    if (ring) add(&loop, ring->wake_up, NULL);
    for (int place = 0; place < in_flight; place++) {
        struct connection *connection = open_connection(port);
        add(&loop, connection->descriptor, connection);
        loop.idle[loop.idle_count++] = connection;
    }
    while (1) {
        struct epoll_event events[batch];
        start_calls(&loop);
        int ready = epoll_wait(loop.epoll, events, batch, wait_ms);
        for (int place = 0; place < ready; place++) {
            struct connection *connection = events[place].data.ptr;
            if (connection == NULL) {
                take_wake_up(&loop);
            } else if (read_answer(connection)) {
                end_call(&loop, connection);
            }
        }
    }
}
