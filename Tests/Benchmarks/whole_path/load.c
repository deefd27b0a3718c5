// Publishes requests and reads their results, as fast as it goes or evenly paced.
//
//     load publish BOOTSTRAP TOPIC ACCOUNTS COUNT [RATE WARM_UP STAMPS]
//     load read    BOOTSTRAP TOPIC COUNT STAMPS
//
// The requests are numbered from 1: their ids are bench-<number>, their texts have #<number>#. RATE is so many a
// second, each at its own time, after WARM_UP of them at half of it; without a RATE there is no pause. `read` takes the
// committed results of a topic until it has COUNT of them, or for two minutes. A line of STAMPS is a number and when it
// was produced or read, in nanoseconds of CLOCK_MONOTONIC.

#include <inttypes.h>
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { request_limit = 512, people_of_an_account = 20, limit_ms = 120000, nanoseconds = 1000000000 };

static _Noreturn void fail(const char *what, const char *why) {
    fprintf(stderr, "load: %s: %s\n", what, why);
    exit(1);
}

#include "kafka_client.h"

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * (int64_t)nanoseconds + time.tv_nsec;
}

static void sleep_until(int64_t moment) {
    struct timespec time = {.tv_sec = moment / nanoseconds, .tv_nsec = moment % nanoseconds};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL);
}

static void check_delivery(rd_kafka_t *client, const rd_kafka_message_t *message, void *context) {
    (void)client;
    (void)context;
    check("a request", message->err);
}

static void write_stamps(const char *path, const int64_t *stamps, long count) {
    FILE *file = fopen(path, "w");
    if (file == NULL) fail(path, "cannot be written");
    for (long number = 1; number <= count; number++) {
        if (stamps[number] != 0) fprintf(file, "%ld %" PRId64 "\n", number, stamps[number]);
    }
    if (fclose(file) != 0) fail(path, "cannot be written");
}

static int write_request(char *request, long number, const char *account, long accounts) {
    return snprintf(
        request, request_limit,
        "{\"request_id\":\"bench-%ld\",\"account_id\":\"%s\",\"recipient\":{\"id\":\"%ld\"},\"message\":{\"text\":"
        "\"Your order #%ld# has shipped and will be with you in two days: https://shop.example.com/orders/%ld\"},"
        "\"context\":{\"campaign\":\"bench\",\"service\":\"orders\",\"trace\":\"4bf92f3577b34da6a3ce929d0e0e4736\"}}",
        number, account, 90210000 + number % (accounts * people_of_an_account), number, number);
}

static void produce(rd_kafka_t *producer, rd_kafka_topic_t *topic, long number, long accounts) {
    char account[32], request[request_limit];
    snprintf(account, sizeof account, "%" PRId64, INT64_C(17841400000000000) + number % accounts);
    int length = write_request(request, number, account, accounts);
    while (rd_kafka_produce(
               topic, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, request, (size_t)length, account, strlen(account),
               NULL) != 0) {
        if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL) check("produce", rd_kafka_last_error());
        rd_kafka_poll(producer, 10);
    }
}

static void publish(const char *bootstrap, const char *name, char **words, int is_paced) {
    long accounts = atol(words[0]), count = atol(words[1]), rate = is_paced ? atol(words[2]) : 0;
    long warm_up = is_paced ? atol(words[3]) : 0;
    int64_t *stamps = calloc((size_t)count + 1, sizeof *stamps);
    rd_kafka_conf_t *settings = rd_kafka_conf_new();
    set(settings, "bootstrap.servers", bootstrap);
    set(settings, "linger.ms", is_paced ? "0" : "5");
    // As Java's client spreads keys, which the worker looks after.
    set(settings, "partitioner", "murmur2_random");
    rd_kafka_conf_set_dr_msg_cb(settings, check_delivery);
    rd_kafka_t *producer = make_client(RD_KAFKA_PRODUCER, settings);
    rd_kafka_topic_t *topic = rd_kafka_topic_new(producer, name, NULL);
    const struct rd_kafka_metadata *metadata;
    // The first request is not to pay for the connection.
    check("metadata", rd_kafka_metadata(producer, 0, topic, &metadata, 10000));
    rd_kafka_metadata_destroy(metadata);
    int64_t due = now();
    for (long number = 1; number <= count; number++) {
        if (is_paced) sleep_until(due += nanoseconds / rate * (number <= warm_up ? 2 : 1));
        stamps[number] = now();
        produce(producer, topic, number, accounts);
        rd_kafka_poll(producer, 0);
    }
    check("flush", rd_kafka_flush(producer, 60000));
    if (is_paced) write_stamps(words[4], stamps, count);
}

static void assign_all(rd_kafka_t *consumer, const char *name) {
    const struct rd_kafka_metadata *metadata;
    rd_kafka_topic_t *topic = rd_kafka_topic_new(consumer, name, NULL);
    check("metadata", rd_kafka_metadata(consumer, 0, topic, &metadata, 10000));
    rd_kafka_topic_partition_list_t *partitions = rd_kafka_topic_partition_list_new(16);
    for (int place = 0; place < metadata->topics[0].partition_cnt; place++) {
        int number = metadata->topics[0].partitions[place].id;
        rd_kafka_topic_partition_list_add(partitions, name, number)->offset = RD_KAFKA_OFFSET_BEGINNING;
    }
    if (partitions->cnt == 0) fail(name, "no such topic");
    check("assign", rd_kafka_assign(consumer, partitions));
    rd_kafka_topic_partition_list_destroy(partitions);
    rd_kafka_metadata_destroy(metadata);
    rd_kafka_topic_destroy(topic);
}

static long number_in(const rd_kafka_message_t *message) {
    static const char mark[] = "\"request_id\":\"bench-";
    const char *found = memmem(message->payload, message->len, mark, sizeof mark - 1);
    return found == NULL ? 0 : atol(found + sizeof mark - 1);
}

static void read_results(char **words) {
    long count = atol(words[2]), left = count;
    int64_t *stamps = calloc((size_t)count + 1, sizeof *stamps), end = now() + limit_ms * INT64_C(1000000);
    rd_kafka_conf_t *settings = rd_kafka_conf_new();
    set(settings, "bootstrap.servers", words[0]);
    set(settings, "group.id", "bench-reader");
    set(settings, "enable.auto.commit", "false");
    set(settings, "isolation.level", "read_committed");
    rd_kafka_t *consumer = make_client(RD_KAFKA_CONSUMER, settings);
    rd_kafka_poll_set_consumer(consumer);
    assign_all(consumer, words[1]);
    while (left > 0 && now() < end) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(consumer, 1000);
        if (message == NULL) continue;
        check("a result", message->err);
        long number = number_in(message);
        if (number >= 1 && number <= count && stamps[number] == 0) {
            stamps[number] = now();
            left -= 1;
        }
        rd_kafka_message_destroy(message);
    }
    write_stamps(words[3], stamps, count);
    if (left > 0) fail("results", "not all of them came within two minutes");
}

int main(int count, char **words) {
    const char *mode = count > 1 ? words[1] : "";
    if (strcmp(mode, "publish") == 0 && (count == 6 || count == 9)) {
        publish(words[2], words[3], words + 4, count == 9);
    } else if (strcmp(mode, "read") == 0 && count == 6) {
        read_results(words + 2);
    } else {
        fprintf(stderr, "usage: load publish BOOTSTRAP TOPIC ACCOUNTS COUNT [RATE WARM_UP STAMPS] | "
                        "read BOOTSTRAP TOPIC COUNT STAMPS\n");
        return 64;
    }
    return 0;
}
