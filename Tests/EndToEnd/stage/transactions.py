"""Ends a dead producer's transaction in the broker's place, by the Kafka protocol."""

import socket
import struct
from dataclasses import dataclass, field

from .protocol import ask, text

INIT_PRODUCER, ADD_PARTITIONS, END_TRANSACTION = 22, 24, 26
#: Of the requests that are sent here.
VERSION = 1
TIMEOUT_MILLISECONDS = 10_000


@dataclass
class OpenTransaction:
    """What a proxy overheard of a producer's latest transaction."""

    name: str
    producer_id: int
    epoch: int
    #: `(topic, partition)` of what was added to it.
    partitions: set = field(default_factory=set)
    #: noida-db applies offsets at once and does not take them back, so that aborting the rest would lose it.
    holds_offsets: bool = False
    #: Whether its end was not asked for yet.
    is_open: bool = True

    def end(self, bootstrap):
        """Aborts it, or commits it where it holds offsets already; without one open, that changes nothing.

        Its producer is fenced, as Kafka does when it ends a transaction on its own: noida-db would still take what a
        stopped process has yet to write into it, and would keep that open for ever.

        Where a new owner has announced the transactional id meanwhile, Kafka has aborted the transaction in all its
        partitions. noida-db only fences its producer then; a later abort in the same partitions ends it there too.
        """
        host, _, port = bootstrap.rpartition(":")
        with socket.create_connection((host, int(port)), 5) as connection:
            refusal = self._end(connection, self.producer_id, self.epoch, self.holds_offsets)
            if (refusal or self.is_open) and self.partitions:
                answer = ask(connection, INIT_PRODUCER, VERSION, text(self.name) + struct.pack(">i", TIMEOUT_MILLISECONDS))
                _, error, producer_id, epoch = struct.unpack_from(">ihqh", answer)
                if not error:
                    self._add_partitions(connection, producer_id, epoch)
                    self._end(connection, producer_id, epoch, is_commit=False)

    def _end(self, connection, producer_id, epoch, is_commit):
        """Gives the broker's error code."""
        answer = ask(connection, END_TRANSACTION, VERSION, text(self.name) + struct.pack(">qhb", producer_id, epoch, is_commit))
        return struct.unpack_from(">ih", answer)[1]

    def _add_partitions(self, connection, producer_id, epoch):
        body = text(self.name) + struct.pack(">qhi", producer_id, epoch, len(self.partitions))
        for topic, partition in sorted(self.partitions):
            body += text(topic) + struct.pack(">ii", 1, partition)
        ask(connection, ADD_PARTITIONS, VERSION, body)


def overheard(body):
    """The producer and the partitions in an AddPartitionsToTxn before version 3."""
    place = 8 + 2 + int.from_bytes(body[8:10], "big")
    name, place = read_text(body, place)
    producer_id, epoch, topics = struct.unpack_from(">qhi", body, place)
    place += 14
    partitions = set()
    for _ in range(topics):
        topic, place = read_text(body, place)
        (count,) = struct.unpack_from(">i", body, place)
        partitions |= {(topic, number) for number in struct.unpack_from(f">{count}i", body, place + 4)}
        place += 4 + 4 * count
    return OpenTransaction(name, producer_id, epoch, partitions)


def read_text(body, place):
    """`(text, the place behind it)`."""
    end = place + 2 + int.from_bytes(body[place : place + 2], "big")
    return body[place + 2 : end].decode(), end
