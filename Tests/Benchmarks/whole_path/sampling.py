"""Processor time and memory of processes while they work, seen from outside."""

import os
import statistics
import time
from dataclasses import dataclass, field
from pathlib import Path

INTERVAL_SECONDS = 0.05
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass
class Figures:
    """What one run showed. Processor time is in microseconds a message, shares are percent of one core."""

    messages: int
    seconds: float
    cpu: float
    cpu_by_thread: dict = field(default_factory=dict)
    memory_mb: float = 0.0
    #: None where the broker is not ours to look at.
    broker_cpu: float | None = None
    stub_cpu: float | None = None
    #: In milliseconds: within it 99 of 100 turns of a worker's engine loop were over. Infinite beyond its histogram.
    turn_p99: float | None = None

    @property
    def rate(self):
        return self.messages / self.seconds

    def share(self, cpu):
        return cpu * self.rate / 10_000

    def as_json(self):
        return {**vars(self), "messages_per_second": self.rate}


def median(runs):
    """The run whose processor time a message is the median: figures of one run belong together."""
    return sorted(runs, key=lambda run: run.cpu)[(len(runs) - 1) // 2]


def process_seconds(process_id):
    """All processor time of a process so far, threads that have ended included, to the nanosecond."""
    # The clock of a process by its id, as clock_getcpuclockid(3) makes it.
    return time.clock_gettime((~process_id << 3) | 2)


def thread_seconds(process_id):
    """Processor time of a process's threads so far, those of one name together."""
    found = {}
    for task in Path(f"/proc/{process_id}/task").iterdir():
        try:
            name, _, rest = (task / "stat").read_text().partition("(")[2].rpartition(")")
            seconds = _scheduled_seconds(task) or sum(int(ticks) for ticks in rest.split()[11:13]) / TICKS
        except (FileNotFoundError, ProcessLookupError):
            continue  # It has ended meanwhile.
        found[name] = found.get(name, 0) + seconds
    return found


def _scheduled_seconds(task):
    """To the nanosecond, which not every kernel tells; ticks are a hundred times as long as a short run's call."""
    try:
        return int((task / "schedstat").read_text().split()[0]) / 1e9
    except FileNotFoundError:
        return None


def peak_memory_mb(process_id):
    """The most memory that a process has had resident so far."""
    lines = Path(f"/proc/{process_id}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


@dataclass
class Snapshot:
    at: float
    progress: int
    cpu: dict
    threads: dict


class Watch:
    """Looks at a process, and at the broker and the stub beside it, until it has done so many messages."""

    def __init__(self, subject, progress, broker=None, stub=None):
        """`progress` gives how many messages are done."""
        self._subject, self._progress = subject, progress
        self._beside = {name: each for name, each in (("broker", broker), ("stub", stub)) if each}

    def measure(self, total, limit):
        """The figures of the last 95 % of the messages; fails when they take longer than `limit` seconds."""
        name, warm, end = self._subject.name, total // 20, time.monotonic() + limit
        before = first = None
        while True:
            snapshot = self._snapshot()
            if snapshot.progress >= total:
                return self._figures(first or before or snapshot, snapshot)
            if first is None and snapshot.progress >= warm:
                first = snapshot
            before = snapshot
            if self._subject.exit_code is not None:
                raise AssertionError(f"{name} ended with {self._subject.exit_code}: {self._subject.log[-1_500:]}")
            if time.monotonic() > end:
                raise AssertionError(f"{name} did {snapshot.progress} of {total} messages within {limit} s")
            time.sleep(INTERVAL_SECONDS)

    def _snapshot(self):
        cpu = {name: process_seconds(process.id) for name, process in self._beside.items()}
        cpu["subject"] = process_seconds(self._subject.id)
        return Snapshot(time.monotonic(), self._progress(), cpu, thread_seconds(self._subject.id))

    def _figures(self, first, last):
        messages = last.progress - first.progress
        if messages == 0:
            raise AssertionError(f"{self._subject.name} was done before it was looked at; measure more messages")
        each = 1e6 / messages
        cpu = {name: (seconds - first.cpu[name]) * each for name, seconds in last.cpu.items()}
        threads = {name: (seconds - first.threads.get(name, 0)) * each for name, seconds in last.threads.items()}
        return Figures(
            messages=messages,
            seconds=last.at - first.at,
            cpu=cpu["subject"],
            cpu_by_thread=dict(sorted(threads.items(), key=lambda item: -item[1])),
            memory_mb=peak_memory_mb(self._subject.id),
            broker_cpu=cpu.get("broker"),
            stub_cpu=cpu.get("stub"),
        )


def percentiles(values):
    """The 50th and the 99th of them."""
    cuts = statistics.quantiles(values, n=100)
    return cuts[49], cuts[98]
