// The least that a client of HTTP/1.1 can do: one epoll, one request of fixed bytes, one write and one read a call.
//
//     bare_client PORT IN_FLIGHT CALLS
//
// Keeps IN_FLIGHT calls in flight over as many connections to 127.0.0.1, each with one call at a time. Twice as many
// calls as are in flight come first and are not measured. Prints one line of JSON with what CALLS calls took.

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { answer_limit = 2048, batch = 256 };

struct connection {
    int descriptor;
    size_t received;
    char answer[answer_limit];
};

static const char request[] =
    "POST /v23.0/17841400000000000/messages"
    "?appsecret_proof=f2a05a9d0a86c91a842d52f0512dc10ba61aff79c0461eae8cfc6d1402cac1de HTTP/1.1\r\n"
    "Authorization: Bearer IGAAtoken17841400000000000SECRET\r\n"
    "Content-Type: application/json\r\n"
    "Accept: application/json\r\n"
    "User-Agent: bare-client\r\n"
    "Host: 127.0.0.1\r\n"
    "Content-Length: 81\r\n"
    "\r\n"
    "{\"recipient\":{\"id\": \"777\"},\"message\":{\"text\": \"Hello #texttraced# how are you?\"}}";

static void fail(const char *what) {
    fprintf(stderr, "bare_client: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void send_request(const struct connection *connection) {
    size_t count = sizeof request - 1;
    if (send(connection->descriptor, request, count, MSG_NOSIGNAL) != (ssize_t)count) fail("send");
}

static void open_connection(struct connection *connection, int port) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int yes = 1;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connection->descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connection->descriptor < 0) fail("socket (ulimit -n?)");
    setsockopt(connection->descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    if (connect(connection->descriptor, (struct sockaddr *)&address, sizeof address) != 0) fail("connect");
}

// The length of the whole answer; 0 as long as its head is not complete.
static size_t answer_length(const struct connection *connection) {
    const char *end = memmem(connection->answer, connection->received, "\r\n\r\n", 4);
    if (end == NULL) return 0;
    if (memcmp(connection->answer, "HTTP/1.1 200", 12) != 0) fail("not the status 200");
    for (const char *line = connection->answer; line < end; line = (char *)memchr(line, '\n', end + 2 - line) + 1) {
        if (strncasecmp(line, "Content-Length:", 15) == 0) {
            return (size_t)(end + 4 - connection->answer) + strtoul(line + 15, NULL, 10);
        }
    }
    fail("no Content-Length");
    return 0;
}

// Reads what there is; 1 where the answer is complete.
static int read_answer(struct connection *connection) {
    char *place = connection->answer + connection->received;
    ssize_t count = recv(connection->descriptor, place, answer_limit - connection->received, MSG_DONTWAIT);
    if (count < 0 && errno == EAGAIN) return 0;
    if (count <= 0) fail("recv (the server closed?)");
    connection->received += (size_t)count;
    size_t length = answer_length(connection);
    if (length > answer_limit) fail("answer too long");
    if (length == 0 || connection->received < length) return 0;
    if (connection->received > length) fail("more than the answer");
    connection->received = 0;
    return 1;
}

static double processor_seconds(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_utime.tv_sec + usage.ru_stime.tv_sec + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec + time.tv_nsec * 1e-9;
}

int main(int count, char **words) {
    if (count != 4) {
        fprintf(stderr, "usage: bare_client PORT IN_FLIGHT CALLS\n");
        return 64;
    }
    int port = atoi(words[1]);
    long in_flight = atol(words[2]), calls = atol(words[3]), warm_up = 2 * in_flight;
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    struct connection *connections = calloc((size_t)in_flight, sizeof *connections);
    if (in_flight < 1 || calls < 1 || epoll < 0 || connections == NULL) fail("start");
    for (long place = 0; place < in_flight; place++) {
        struct epoll_event event = {.events = EPOLLIN, .data = {.ptr = &connections[place]}};
        open_connection(&connections[place], port);
        if (epoll_ctl(epoll, EPOLL_CTL_ADD, connections[place].descriptor, &event) != 0) fail("epoll_ctl");
        send_request(&connections[place]);
    }
    // So many are in flight to the end: what is measured ends while others go on.
    long ended = 0;
    double began = 0, processor = 0;
    while (ended < warm_up + calls) {
        struct epoll_event events[batch];
        int ready = epoll_wait(epoll, events, batch, 30000);
        if (ready == 0) fail("no answer within 30 s");
        for (int place = 0; place < ready; place++) {
            struct connection *connection = events[place].data.ptr;
            if (!read_answer(connection)) continue;
            ended += 1;
            if (ended == warm_up) {
                began = now();
                processor = processor_seconds();
            }
            send_request(connection);
        }
    }
    double seconds = now() - began, per_call = (processor_seconds() - processor) * 1e6 / calls;
    printf("{\"calls\":%ld,\"seconds\":%.3f,\"cpu_us_per_call\":%.2f,\"unknown\":0}\n", calls, seconds, per_call);
    return 0;
}
