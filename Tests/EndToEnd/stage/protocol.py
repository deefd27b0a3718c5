"""Questions to a Kafka broker by its protocol, with nothing but sockets: also for tools that run outside of `.venv`."""

import socket
import struct
from dataclasses import dataclass

METADATA, FIND_COORDINATOR = 3, 10
GROUP, TRANSACTION = 0, 1


@dataclass(frozen=True)
class PartitionMetadata:
    topic: str
    number: int
    leader: int
    replicas: tuple[int, ...]
    in_sync: tuple[int, ...]


@dataclass(frozen=True)
class ClusterMetadata:
    #: Id of each broker that takes part, with its host and port.
    brokers: dict[int, tuple[str, int]]
    controller: int
    partitions: tuple[PartitionMetadata, ...]


def cluster_metadata(port, with_topics=False):
    """What a broker of this machine knows of its cluster; raises OSError where none answers."""
    # No topics are an empty list, all of them a missing one; nothing is created.
    answer = Reader(_ask(port, METADATA, 4, struct.pack(">i?", -1 if with_topics else 0, False)))
    answer.number("i")
    brokers = {}
    for _ in range(answer.number("i")):
        node, host, listener, _ = answer.number("i"), answer.text(), answer.number("i"), answer.text()
        brokers[node] = host, listener
    answer.text()
    controller = answer.number("i")
    partitions = []
    for _ in range(answer.number("i")):
        answer.number("h")
        topic = answer.text()
        answer.number("b")
        for _ in range(answer.number("i")):
            answer.number("h")
            number, leader = answer.number("i"), answer.number("i")
            partitions.append(PartitionMetadata(topic, number, leader, answer.numbers(), answer.numbers()))
    return ClusterMetadata(brokers, controller, tuple(partitions))


def coordinator(port, name, kind=GROUP):
    """The id of the broker that coordinates a group or a transactional id; None while there is none."""
    answer = Reader(_ask(port, FIND_COORDINATOR, 1, text(name) + struct.pack(">b", kind)))
    answer.number("i")
    refusal = answer.number("h")
    answer.text()
    return None if refusal else answer.number("i")


def _ask(port, kind, version, body):
    """Asks a broker of this machine on a connection of its own."""
    with socket.create_connection(("127.0.0.1", port), 5) as connection:
        return ask(connection, kind, version, body)


def ask(connection, kind, version, body):
    """Sends a request and gives the answer without its correlation id."""
    request = struct.pack(">hhi", kind, version, 1) + text("tests") + body
    connection.sendall(struct.pack(">i", len(request)) + request)
    length = int.from_bytes(_read(connection, 4), "big")
    return _read(connection, length)[4:]


def _read(connection, length):
    data = b""
    while len(data) < length:
        if not (more := connection.recv(length - len(data))):
            raise OSError("the broker closed the connection")
        data += more
    return data


def text(value):
    """A string of the protocol."""
    return struct.pack(">h", len(value)) + value.encode()


class Reader:
    """The parts of an answer, one after the other."""

    def __init__(self, data):
        self._data = data
        self._place = 0

    def number(self, form):
        (value,) = struct.unpack_from(f">{form}", self._data, self._place)
        self._place += struct.calcsize(f">{form}")
        return value

    def numbers(self):
        return tuple(self.number("i") for _ in range(self.number("i")))

    def text(self):
        """None where it is missing."""
        length = self.number("h")
        if length < 0:
            return None
        self._place += length
        return self._data[self._place - length : self._place].decode()
