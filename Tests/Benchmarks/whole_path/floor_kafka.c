// The floor's Kafka: requests in, results out in transactions that carry the offsets.

#include "floor.h"
#include "kafka_client.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { batch = 1024, partition_limit = 64, result_limit = 512, pause_us = 5000 };
enum { intake_ms = 10, transaction_ms = 100, limit_ms = 30000 };

static void check_error(const char *what, rd_kafka_error_t *error) {
    if (error != NULL) fail(what, rd_kafka_error_string(error));
}

rd_kafka_t *make_consumer(const struct kafka_names *names) {
    rd_kafka_conf_t *settings = rd_kafka_conf_new();
    set(settings, "bootstrap.servers", names->bootstrap);
    set(settings, "group.id", names->group);
    set(settings, "auto.offset.reset", "earliest");
    set(settings, "enable.auto.commit", "false");
    set(settings, "enable.auto.offset.store", "false");
    rd_kafka_t *consumer = make_client(RD_KAFKA_CONSUMER, settings);
    rd_kafka_poll_set_consumer(consumer);
    rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(1);
    rd_kafka_topic_partition_list_add(topics, names->requests, RD_KAFKA_PARTITION_UA);
    check("subscribe", rd_kafka_subscribe(consumer, topics));
    rd_kafka_topic_partition_list_destroy(topics);
    return consumer;
}

// Puts messages into free slots; the ring has room for them.
static void fill(struct ring *ring, rd_kafka_message_t **messages, ssize_t count, int has_calls) {
    size_t arrived = atomic_load_explicit(&ring->arrived, memory_order_relaxed);
    for (ssize_t place = 0; place < count; place++) {
        check("a message", messages[place]->err);
        struct slot *slot = &ring->slots[arrived++ % slots];
        slot->request = messages[place];
        slot->message_id[0] = 0;
        atomic_store_explicit(&slot->is_answered, !has_calls, memory_order_relaxed);
    }
    atomic_store_explicit(&ring->arrived, arrived, memory_order_release);
    uint64_t one = 1;
    if (has_calls && count > 0 && write(ring->wake_up, &one, sizeof one) < 0) fail("write", "to the eventfd");
}

_Noreturn void run_intake(struct ring *ring, rd_kafka_t *consumer, int has_calls) {
    rd_kafka_queue_t *queue = rd_kafka_queue_get_consumer(consumer);
    rd_kafka_message_t *messages[batch];
    while (1) {
        size_t released = atomic_load_explicit(&ring->released, memory_order_acquire);
        if (atomic_load_explicit(&ring->arrived, memory_order_relaxed) - released > slots - batch) {
            usleep(pause_us);
            continue;
        }
        // It waits for a whole batch, so long that an incomplete one is not kept waiting.
        ssize_t count = rd_kafka_consume_batch_queue(queue, intake_ms, messages, batch);
        if (count < 0) check("consume", rd_kafka_last_error());
        fill(ring, messages, count, has_calls);
    }
}

struct results {
    struct ring *ring;
    rd_kafka_t *consumer, *producer;
    rd_kafka_topic_t *topic;
    const char *requests;
    size_t released;
    int64_t next_offsets[partition_limit];  // 0 where the transaction has none of the partition.
};

static rd_kafka_t *make_producer(const struct kafka_names *names) {
    rd_kafka_conf_t *settings = rd_kafka_conf_new();
    set(settings, "bootstrap.servers", names->bootstrap);
    set(settings, "transactional.id", names->group);
    // The commit sends what is left: whole batches are the least work.
    set(settings, "linger.ms", "100");
    set(settings, "queue.buffering.max.messages", "1000000");
    rd_kafka_t *producer = make_client(RD_KAFKA_PRODUCER, settings);
    check_error("init_transactions", rd_kafka_init_transactions(producer, limit_ms));
    return producer;
}

static void produce(struct results *results, const struct slot *slot) {
    rd_kafka_message_t *request = slot->request;
    char value[result_limit];
    int length = snprintf(
        value, sizeof value,
        "{\"partition\":%d,\"offset\":%lld,\"status\":\"sent\",\"attempts\":1,\"message_id\":\"%s\"}",
        request->partition, (long long)request->offset, slot->message_id);
    while (rd_kafka_produce(
               results->topic, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, value, (size_t)length, request->key,
               request->key_len, NULL) != 0) {
        if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL) check("produce", rd_kafka_last_error());
        rd_kafka_poll(results->producer, 10);
    }
    if (request->partition >= partition_limit) fail("the requests topic", "it has more than 64 partitions");
    results->next_offsets[request->partition] = request->offset + 1;
    rd_kafka_message_destroy(request);
}

// Produces what is answered without a gap; gives how much that was.
static size_t drain(struct results *results) {
    struct ring *ring = results->ring;
    size_t arrived = atomic_load_explicit(&ring->arrived, memory_order_acquire), before = results->released;
    while (results->released < arrived) {
        struct slot *slot = &ring->slots[results->released % slots];
        if (!atomic_load_explicit(&slot->is_answered, memory_order_acquire)) break;
        produce(results, slot);
        results->released += 1;
    }
    atomic_store_explicit(&ring->released, results->released, memory_order_release);
    rd_kafka_poll(results->producer, 0);
    return results->released - before;
}

static void commit(struct results *results) {
    rd_kafka_topic_partition_list_t *offsets = rd_kafka_topic_partition_list_new(partition_limit);
    for (int partition = 0; partition < partition_limit; partition++) {
        int64_t next = results->next_offsets[partition];
        if (next == 0) continue;
        rd_kafka_topic_partition_list_add(offsets, results->requests, partition)->offset = next;
        results->next_offsets[partition] = 0;
    }
    rd_kafka_consumer_group_metadata_t *group = rd_kafka_consumer_group_metadata(results->consumer);
    check_error("send_offsets", rd_kafka_send_offsets_to_transaction(results->producer, offsets, group, limit_ms));
    rd_kafka_consumer_group_metadata_destroy(group);
    rd_kafka_topic_partition_list_destroy(offsets);
    check_error("commit", rd_kafka_commit_transaction(results->producer, limit_ms));
}

static int64_t now_ms(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

_Noreturn void run_results(struct ring *ring, rd_kafka_t *consumer, const struct kafka_names *names) {
    static struct results results;
    results.ring = ring;
    results.consumer = consumer;
    results.requests = names->requests;
    results.producer = make_producer(names);
    results.topic = rd_kafka_topic_new(results.producer, names->results, NULL);
    while (1) {
        int64_t end = now_ms() + transaction_ms;
        size_t count = 0;
        check_error("begin_transaction", rd_kafka_begin_transaction(results.producer));
        while (now_ms() < end || count == 0) {
            count += drain(&results);
            usleep(pause_us);
        }
        commit(&results);
    }
}
