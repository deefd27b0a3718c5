"""The proxies in front of each life of a replica: they cut its connections, and overhear what it says."""

import re
import time
from dataclasses import replace

from stage.proxy import KafkaProxy, Proxy
from stage.transactions import ADD_PARTITIONS, END_TRANSACTION, overheard

from .traffic import MARKER

NO_GENERATION = -1
HEARTBEAT, JOIN_GROUP, SYNC_GROUP, TXN_OFFSET_COMMIT = 12, 11, 14, 28
MEMBER = re.compile(rb"noida-client-\d+-\d+")


class GraphLink(Proxy):
    """Writes down when a replica began which call."""

    def __init__(self, port, heard):
        super().__init__(port)
        self._heard = heard

    async def _pass_requests(self, reader, writer):
        began = time.monotonic()
        try:
            while data := await reader.read(65_536):
                # A call begins with its head; what tells it may come a moment later.
                began = time.monotonic() if data.startswith(b"POST ") else began
                if found := MARKER.search(data):
                    self._heard(began, found.group().decode())
                writer.write(data)
                await writer.drain()
        except OSError:
            return


class KafkaLinks:
    """The proxies in front of one life's brokers, and what they overhear: which member of the group it is, its latest
    transaction, and commits that no generation fences. What belongs together may come to several brokers."""

    def __init__(self, ports, committing, in_generation):
        self._links = [KafkaLink(port, self._hear) for port in ports]
        for link in self._links:
            link.stand_for(self._links)
        self._in_generation = in_generation
        self.member_id = None
        self._latest = None
        #: Of the transaction that is open.
        self._partitions = set()
        self._committing = committing
        self._began = self._offsets_sent = self._unfenced = None
        #: When offsets were added to each transaction that was then committed.
        self.commits = []

    @property
    def address(self):
        return ",".join(link.address for link in self._links)

    def open(self):
        for link in self._links:
            link.open()
        return self

    def cut(self):
        for link in self._links:
            link.cut()

    def await_end(self):
        for link in self._links:
            link.await_end()

    def close(self):
        for link in self._links:
            link.close()

    @property
    def transaction(self):
        """The latest as it is now; None where there was none."""
        holds_offsets, is_open = self._offsets_sent is not None, bool(self._partitions)
        return self._latest and replace(self._latest, holds_offsets=holds_offsets, is_open=is_open)

    def _hear(self, body):
        kind, version = int.from_bytes(body[:2], "big"), int.from_bytes(body[2:4], "big")
        if kind in (HEARTBEAT, JOIN_GROUP, SYNC_GROUP):
            # A member names itself before it names others.
            found = MEMBER.search(body)
            self.member_id = found.group().decode() if found else self.member_id
            if kind in (HEARTBEAT, SYNC_GROUP) and version < 4:
                self._in_generation(member_generation_of(body))
        elif kind == ADD_PARTITIONS and version < 3:
            added = overheard(body)
            self._began = self._began if self._partitions else time.monotonic()
            self._latest = replace(added, partitions=added.partitions | self._partitions)
            self._partitions = self._latest.partitions
        elif kind == TXN_OFFSET_COMMIT:
            self._offsets_sent = time.monotonic()
            began = self._began if self._partitions else self._offsets_sent
            generation = generation_of(body) if version >= 3 else None
            # A transaction that only tries whether it could commit is aborted, and needs no generation.
            self._unfenced = (began, self._offsets_sent, generation) if generation == NO_GENERATION else None
            if not self._unfenced:
                self._committing(began, self._offsets_sent, generation)
        elif kind == END_TRANSACTION:
            if self._offsets_sent and body[-1 if version < 3 else -2] == 1:
                self.commits.append(self._offsets_sent)
                if self._unfenced:
                    self._committing(*self._unfenced)
            self._offsets_sent = self._unfenced = None
            self._partitions = set()


class KafkaLink(KafkaProxy):
    """Lets all that goes to one broker be heard."""

    def __init__(self, port, hear):
        super().__init__(port)
        self._hear = hear

    async def _pass_requests(self, reader, writer):
        try:
            while True:
                header = await reader.readexactly(4)
                body = await reader.readexactly(int.from_bytes(header, "big"))
                self._hear(body)
                writer.write(header + body)
                await writer.drain()
        except (OSError, EOFError):
            return


def member_generation_of(body):
    """The generation in a Heartbeat or SyncGroup before version 4: behind the client's id and the group's."""
    place = 8 + 2 + int.from_bytes(body[8:10], "big")
    place += 2 + int.from_bytes(body[place : place + 2], "big")
    return int.from_bytes(body[place : place + 4], "big", signed=True)


def generation_of(body):
    """The generation in a TxnOffsetCommit of version 3, with which the group fences it."""
    # Kind, version and correlation are 8 bytes; then the client's id, no tags, two short texts, producer id and epoch.
    place = 8 + 2 + int.from_bytes(body[8:10], "big") + 1
    for _ in ("transactional id", "group id"):
        place += body[place]
    return int.from_bytes(body[place + 10 : place + 14], "big", signed=True)

