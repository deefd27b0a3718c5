"""A program: librdkafka's mock cluster on loopback. Prints its bootstrap servers and runs until its standard input ends.

Lines on standard input are orders: `topic NAME PARTITIONS`, `down`, `up`. Each is answered with `ok` or an error.
"""

import ctypes
import ctypes.util
import sys

PRODUCER = 0
ALL_BROKERS = -1


def load():
    library = ctypes.CDLL(ctypes.util.find_library("rdkafka") or "librdkafka.so.1")
    pointer, text, number = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
    for name, result, arguments in (
        ("rd_kafka_conf_new", pointer, ()),
        ("rd_kafka_conf_set", number, (pointer, text, text, text, ctypes.c_size_t)),
        ("rd_kafka_new", pointer, (number, pointer, text, ctypes.c_size_t)),
        ("rd_kafka_mock_cluster_new", pointer, (pointer, number)),
        ("rd_kafka_mock_cluster_bootstraps", text, (pointer,)),
        ("rd_kafka_mock_topic_create", number, (pointer, text, number, number)),
        ("rd_kafka_mock_broker_set_down", number, (pointer, ctypes.c_int32)),
        ("rd_kafka_mock_broker_set_up", number, (pointer, ctypes.c_int32)),
        ("rd_kafka_mock_cluster_destroy", None, (pointer,)),
    ):
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


def start(library):
    """A cluster of one broker."""
    error = ctypes.create_string_buffer(512)
    settings = library.rd_kafka_conf_new()
    # The client is only the cluster's book-keeper: its servers are never asked.
    library.rd_kafka_conf_set(settings, b"bootstrap.servers", b"127.0.0.1:9", error, len(error))
    library.rd_kafka_conf_set(settings, b"log_level", b"0", error, len(error))
    client = library.rd_kafka_new(PRODUCER, settings, error, len(error))
    cluster = library.rd_kafka_mock_cluster_new(client, 1) if client else None
    if not cluster:
        sys.exit(f"the mock cluster does not start: {error.value.decode()}")
    return cluster


def obey(library, cluster, words):
    match words:
        case ["topic", name, partitions]:
            return library.rd_kafka_mock_topic_create(cluster, name.encode(), int(partitions), 1)
        case ["down"]:
            return library.rd_kafka_mock_broker_set_down(cluster, ALL_BROKERS)
        case ["up"]:
            return library.rd_kafka_mock_broker_set_up(cluster, ALL_BROKERS)
    return f"unknown order {words}"


def main():
    library = load()
    cluster = start(library)
    print(library.rd_kafka_mock_cluster_bootstraps(cluster).decode(), flush=True)
    for line in sys.stdin:
        answer = obey(library, cluster, line.split())
        print(f"error {answer}" if answer else "ok", flush=True)
    library.rd_kafka_mock_cluster_destroy(cluster)


if __name__ == "__main__":
    main()
