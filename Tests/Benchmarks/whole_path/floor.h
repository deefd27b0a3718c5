// What the threads of the floor share.

#ifndef FLOOR_H
#define FLOOR_H

#include <librdkafka/rdkafka.h>
#include <stdatomic.h>
#include <stddef.h>

enum { slots = 1 << 16, message_id_limit = 96, in_flight_limit = 8192 };

// A request from its arrival until its result is handed to the producer.
struct slot {
    rd_kafka_message_t *request;
    char message_id[message_id_limit];
    atomic_bool is_answered;
};

// Requests in the order of their arrival. Intake fills slots, the calls mark them as answered in any order, and results
// take them out again in order, so that the offsets that they commit have no gap.
struct ring {
    struct slot slots[slots];
    atomic_size_t arrived;
    atomic_size_t released;
    int wake_up;  // An eventfd that is written when slots were filled.
};

struct kafka_names {
    const char *bootstrap, *requests, *results, *group;
};

_Noreturn void fail(const char *what, const char *why);

// Keeps so many calls in flight over as many connections, one at a time on each. Without `ring`, all send the same.
_Noreturn void run_calls(struct ring *ring, int port, int in_flight);

rd_kafka_t *make_consumer(const struct kafka_names *names);

// Fills the ring; without calls, its slots are answered as they come.
_Noreturn void run_intake(struct ring *ring, rd_kafka_t *consumer, int has_calls);

// Produces results in transactions of 100 ms, with the offsets of their requests.
_Noreturn void run_results(struct ring *ring, rd_kafka_t *consumer, const struct kafka_names *names);

#endif
