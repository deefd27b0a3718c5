// The least work that the whole path can be: requests from Kafka, a call for each, results to Kafka in transactions
// that carry the offsets. Nothing is decoded, checked, limited, retried or kept in order by conversation.
//
//     floor path  PORT IN_FLIGHT BOOTSTRAP REQUESTS RESULTS GROUP
//     floor kafka BOOTSTRAP REQUESTS RESULTS GROUP
//     floor calls PORT IN_FLIGHT
//
// The calls go to 127.0.0.1. Runs until it is ended by a signal, or for ten minutes.

#include "floor.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { life_seconds = 600 };

static struct ring ring;
static struct kafka_names names;
static rd_kafka_t *consumer;
static int port, in_flight, has_calls;

_Noreturn void fail(const char *what, const char *why) {
    fprintf(stderr, "floor: %s: %s\n", what, why);
    exit(1);
}

static void *calls_main(void *_) {
    (void)_;
    pthread_setname_np(pthread_self(), "calls");
    run_calls(&ring, port, in_flight);
}

static void *results_main(void *_) {
    (void)_;
    pthread_setname_np(pthread_self(), "results");
    run_results(&ring, consumer, &names);
}

static void start(void *(*body)(void *)) {
    pthread_t thread;
    int code = pthread_create(&thread, NULL, body, NULL);
    if (code != 0) fail("pthread_create", strerror(code));
}

static _Noreturn void run_with_kafka(char **words) {
    names = (struct kafka_names){words[0], words[1], words[2], words[3]};
    ring.wake_up = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    consumer = make_consumer(&names);
    if (has_calls) start(calls_main);
    start(results_main);
    pthread_setname_np(pthread_self(), "intake");
    run_intake(&ring, consumer, has_calls);
}

int main(int count, char **words) {
    const char *mode = count > 1 ? words[1] : "";
    alarm(life_seconds);
    if (strcmp(mode, "kafka") == 0 && count == 6) run_with_kafka(words + 2);
    int calls_alone = strcmp(mode, "calls") == 0 && count == 4;
    if (!calls_alone && !(strcmp(mode, "path") == 0 && count == 8)) {
        fprintf(stderr, "usage: floor path PORT IN_FLIGHT BOOTSTRAP REQUESTS RESULTS GROUP | kafka BOOTSTRAP REQUESTS "
                        "RESULTS GROUP | calls PORT IN_FLIGHT\n");
        return 64;
    }
    port = atoi(words[2]);
    in_flight = atoi(words[3]);
    has_calls = 1;
    if (in_flight < 1 || in_flight > in_flight_limit) fail("IN_FLIGHT", "give 1 to 8192");
    if (calls_alone) run_calls(NULL, port, in_flight);
    run_with_kafka(words + 4);
}
