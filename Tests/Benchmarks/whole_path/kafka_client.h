// What the programs need of librdkafka alike. Whoever includes this has a `fail(what, why)`.

#ifndef KAFKA_CLIENT_H
#define KAFKA_CLIENT_H

#include <librdkafka/rdkafka.h>

static void set(rd_kafka_conf_t *settings, const char *name, const char *value) {
    char reason[256];
    if (rd_kafka_conf_set(settings, name, value, reason, sizeof reason) != RD_KAFKA_CONF_OK) fail(name, reason);
}

static rd_kafka_t *make_client(rd_kafka_type_t type, rd_kafka_conf_t *settings) {
    char reason[256];
    rd_kafka_t *client = rd_kafka_new(type, settings, reason, sizeof reason);
    if (client == NULL) fail("rd_kafka_new", reason);
    return client;
}

static void check(const char *what, rd_kafka_resp_err_t code) {
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) fail(what, rd_kafka_err2str(code));
}

#endif
