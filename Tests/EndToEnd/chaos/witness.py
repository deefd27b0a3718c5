"""An independent witness: reads results, dead letters and the simulator's call log while the run goes on."""

import json
import threading
import time
from dataclasses import dataclass

from kafka.errors import KafkaError

from stage.mock_broker import MockBroker

POLL_MILLISECONDS = 20


@dataclass
class Result:
    """A record on the results topic."""

    position: tuple[int, int]
    #: When its record was made, on the monotonic clock.
    at: float
    body: dict

    @property
    def source(self):
        return self.body["source"]["partition"], self.body["source"]["offset"]


@dataclass
class DeadLetter:
    position: tuple[int, int]
    source: tuple[int, int]
    status: str
    value: bytes | None


class Witness:
    def __init__(self, scene):
        self.asked = []
        self.calls = []
        self._scene = scene
        self._to_monotonic = time.monotonic() - time.time()
        self._results = {}
        self._letters = {}
        #: When the first result of a record could be read.
        self.first_read = {}
        # What a broker drops from its memory has to be read as it comes.
        self._forgets = isinstance(scene.broker, MockBroker)
        self._lock = threading.Lock()
        self._next_calls = 0.0
        self._ended = threading.Event()
        self._again = threading.Event()
        self._thread = threading.Thread(target=self._run, name="witness", daemon=True)

    def start(self):
        self._thread.start()
        return self

    @property
    def finished(self):
        """Requests that have a result."""
        return len(self.first_read)

    @property
    def missing(self):
        return [asked for asked in self.asked if asked.source not in self.first_read]

    @property
    def results(self):
        return sorted(self._results.values(), key=lambda result: (result.at, result.position))

    @property
    def dead_letters(self):
        return list(self._letters.values())

    def wait_until_complete(self, timeout, each_second):
        """Whether every request has a result. Gives up when nothing new has come for that time: what waits behind an
        account's limit takes as long as it takes."""
        deadline = time.monotonic() + timeout
        seen, since = -1, time.monotonic()
        while self.missing and time.monotonic() < deadline:
            if self.finished != seen:
                seen, since = self.finished, time.monotonic()
                deadline = since + timeout
            elif time.monotonic() - since > 5:
                self._again.set()
                since = time.monotonic()
            each_second()
            time.sleep(0.5)
        return not self.missing

    def finish(self):
        """Reads everything to its end, once nobody writes any more."""
        self._ended.set()
        self._thread.join(60)
        self._read_again()
        self._take_calls()

    def close(self):
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(30)

    # Reading

    def _run(self):
        while not self._ended.wait(0.02):
            try:
                if time.monotonic() >= self._next_calls:
                    self._next_calls = time.monotonic() + 1
                    self._take_calls()
                if self._again.is_set() and not self._forgets:
                    self._again.clear()
                    self._read_again()
                for reader in (self._scene.results, self._scene.dead_letters):
                    reader.poll(POLL_MILLISECONDS)
                self._take_records()
            except (KafkaError, OSError, AssertionError):
                self._scene.forget_readers()  # The broker is away for a moment.

    def _read_again(self):
        for reader in (self._scene.results, self._scene.dead_letters):
            if self._forgets:
                before = None
                while before != len(reader.records):
                    before = len(reader.records)
                    reader.poll()
                    reader.poll()
            else:
                reader.read_to_end(120)
        self._take_records()

    def _take_calls(self):
        while True:
            page = self._scene.simulator.calls_since(self.calls[-1]["sequence"] if self.calls else 0)
            self.calls += page
            if not page:
                return

    def _take_records(self):
        with self._lock:
            for record in self._scene.results.take():
                self._take_result(record)
            for record in self._scene.dead_letters.take():
                headers = {name: value.decode() for name, value in record.headers if name.startswith("dlq-")}
                source = int(headers["dlq-source-partition"]), int(headers["dlq-source-offset"])
                position = record.partition, record.offset
                self._letters[position] = DeadLetter(position, source, headers["dlq-status"], record.value)

    def _take_result(self, record):
        position = record.partition, record.offset
        result = Result(position, record.timestamp / 1000 + self._to_monotonic, json.loads(record.value))
        self._results[position] = result
        self.first_read.setdefault(result.source, time.monotonic())
