// A stand-in for Graph that takes its time over an answer, and knows when each request came and was answered.
//
//     stub PORT DELAY_MS [STAMPS]
//
// Listens on 127.0.0.1 and answers each POST as delivered, so many milliseconds after the request was complete. GET
// gives how many of them came. A request whose body has a number between two `#` is remembered: once it is ended by
// SIGTERM, the stub writes a line of number, first byte and answer for each into STAMPS, in nanoseconds of
// CLOCK_MONOTONIC.

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { descriptor_limit = 1 << 16, stamp_limit = 1 << 21, request_limit = 8192, answer_limit = 512 };
enum { batch = 256, wait_ms = 100 };

struct stamp {
    int64_t came, answered;
};

struct connection {
    int is_open;
    unsigned generation;  // Of the descriptor, which the next connection has, too.
    size_t received;
    int64_t came;
    long number;  // 0 where the request has none.
    char request[request_limit + 1];
};

struct answer {
    int descriptor;
    unsigned generation;
    int64_t due;
};

static struct connection *connections[descriptor_limit];
static struct stamp stamps[stamp_limit];
static long posts;
static int epoll, listener;
static int64_t delay;
static volatile sig_atomic_t is_ended;

// What waits for its time. All wait equally long, so they are due in the order of their coming.
static struct answer waiting[descriptor_limit];
static size_t first_waiting, waiting_end;

static _Noreturn void fail(const char *what) {
    fprintf(stderr, "stub: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void end(int signal) {
    (void)signal;
    is_ended = 1;
}

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void listen_on(int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    struct epoll_event event = {.events = EPOLLIN};
    int yes = 1;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    event.data.fd = listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (epoll < 0 || listener < 0) fail("start");
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0) fail("bind");
    if (listen(listener, 4096) != 0) fail("listen");
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event) != 0) fail("epoll_ctl");
}

static void accept_all(void) {
    int descriptor, yes = 1;
    while ((descriptor = accept4(listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0) {
        if (descriptor >= descriptor_limit) fail("too many connections");
        struct connection *connection = connections[descriptor];
        if (connection == NULL) connection = connections[descriptor] = calloc(1, sizeof *connection);
        if (connection == NULL) fail("calloc");
        struct epoll_event event = {.events = EPOLLIN, .data = {.fd = descriptor}};
        setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        if (epoll_ctl(epoll, EPOLL_CTL_ADD, descriptor, &event) != 0) fail("epoll_ctl");
        connection->is_open = 1;
        connection->generation += 1;
        connection->received = 0;
    }
    if (errno != EAGAIN) fail("accept (ulimit -n?)");
}

static void close_connection(int descriptor) {
    connections[descriptor]->is_open = 0;
    close(descriptor);
}

static void answer(int descriptor, const char *body) {
    char text[answer_limit];
    int length = snprintf(
        text, sizeof text, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
        strlen(body), body);
    connections[descriptor]->received = 0;
    if (send(descriptor, text, (size_t)length, MSG_NOSIGNAL) != length) close_connection(descriptor);
}

static void answer_post(int descriptor) {
    struct connection *connection = connections[descriptor];
    char body[96];
    long number = connection->number;
    snprintf(body, sizeof body, "{\"message_id\":\"aWdfZAG1faXRlbToxOklHTWVzc2FnZAUlEOjE3ODQx%ld\"}", number);
    if (number > 0) stamps[number].answered = now();
    answer(descriptor, body);
}

static long number_in(const char *body) {
    for (const char *mark = strchr(body, '#'); mark != NULL; mark = strchr(mark + 1, '#')) {
        char *end_of_number;
        long number = strtol(mark + 1, &end_of_number, 10);
        if (*end_of_number == '#' && number > 0 && number < stamp_limit) return number;
    }
    return 0;
}

static void take_post(int descriptor, const char *body) {
    struct connection *connection = connections[descriptor];
    long number = connection->number = number_in(body);
    posts += 1;
    if (number > 0 && stamps[number].came == 0) stamps[number].came = connection->came;
    if (delay == 0) {
        answer_post(descriptor);
        return;
    }
    if (waiting_end - first_waiting == descriptor_limit) fail("too many requests at once");
    waiting[waiting_end++ % descriptor_limit] = (struct answer){descriptor, connection->generation, now() + delay};
}

// Where the body begins once the request is complete, else NULL.
static const char *complete_body(const struct connection *connection) {
    const char *end_of_head = strstr(connection->request, "\r\n\r\n");
    if (end_of_head == NULL) return NULL;
    size_t length = 0;
    const char *line = connection->request;
    while ((line = memchr(line, '\n', (size_t)(end_of_head - line))) != NULL) {
        line += 1;
        if (strncasecmp(line, "Content-Length:", 15) == 0) length = strtoul(line + 15, NULL, 10);
    }
    size_t head = (size_t)(end_of_head + 4 - connection->request);
    return connection->received >= head + length ? end_of_head + 4 : NULL;
}

static void receive(int descriptor) {
    struct connection *connection = connections[descriptor];
    char *place = connection->request + connection->received;
    ssize_t count = recv(descriptor, place, request_limit - connection->received, 0);
    if (count < 0 && errno == EAGAIN) return;
    if (count <= 0) {
        close_connection(descriptor);
        return;
    }
    if (connection->received == 0) connection->came = now();
    connection->received += (size_t)count;
    place[count] = 0;
    const char *body = complete_body(connection);
    if (body == NULL) return;
    if (strncmp(connection->request, "GET ", 4) == 0) {
        char text[32];
        snprintf(text, sizeof text, "%ld\n", posts);
        answer(descriptor, text);
    } else {
        take_post(descriptor, body);
    }
}

// Answers what is due; gives how many milliseconds may pass until the next.
static int answer_due(void) {
    int64_t time = now();
    while (first_waiting < waiting_end) {
        const struct answer *next = &waiting[first_waiting % descriptor_limit];
        if (next->due > time) return (int)((next->due - time + 999999) / 1000000);
        first_waiting += 1;
        const struct connection *connection = connections[next->descriptor];
        if (connection->is_open && connection->generation == next->generation) answer_post(next->descriptor);
    }
    return wait_ms;
}

static void write_stamps(const char *path) {
    FILE *file = fopen(path, "w");
    if (file == NULL) fail(path);
    for (long number = 1; number < stamp_limit; number++) {
        const struct stamp *stamp = &stamps[number];
        if (stamp->answered == 0) continue;
        fprintf(file, "%ld %lld %lld\n", number, (long long)stamp->came, (long long)stamp->answered);
    }
    if (fclose(file) != 0) fail(path);
}

int main(int count, char **words) {
    if (count != 3 && count != 4) {
        fprintf(stderr, "usage: stub PORT DELAY_MS [STAMPS]\n");
        return 64;
    }
    delay = atoll(words[2]) * 1000000;
    signal(SIGTERM, end);
    listen_on(atoi(words[1]));
    while (!is_ended) {
        struct epoll_event events[batch];
        int ready = epoll_wait(epoll, events, batch, answer_due());
        for (int place = 0; place < ready; place++) {
            int descriptor = events[place].data.fd;
            if (descriptor == listener) accept_all();
            else receive(descriptor);
        }
    }
    if (count == 4) write_stamps(words[3]);
    return 0;
}
