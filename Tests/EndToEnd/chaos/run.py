"""The long run: load and weather together, then the balance."""

import time

from .arena import Arena
from .balance import Balance
from .weather import Weather

PROGRESS_SECONDS = 5


def heading(arena):
    settings = arena.settings
    print(f"seed {settings.seed}; repeat with: {settings.command}")
    print(f"{settings.scenario}: {settings.guarantee} on {arena.broker_name}, {settings.replicas} replicas,"
          f" {settings.rate:g} requests/s", flush=True)  # fmt: skip
    if arena.plays_expiry:
        print(f"this broker never expires members: the harness ends a dead one's membership after {settings.expiry:g} s")
    if arena.is_cluster:
        print("one broker at a time is killed (-9), and all are restarted in turn")
    elif not settings.broker_restarts:
        print("the broker itself is not restarted (--broker-restarts); connections to it are cut")


class Progress:
    """A line every few seconds."""

    def __init__(self, arena, weather=None):
        self._arena = arena
        self._weather = weather
        self._began = time.monotonic()
        self._next = 0.0

    def tick(self):
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + PROGRESS_SECONDS
        arena = self._arena
        running = sum(replica.life.is_running and not replica.life.is_stopped for replica in arena.replicas)
        asked, results = len(arena.publisher.asked), arena.witness.finished
        print(
            f"{time.monotonic() - self._began:6.0f} s  asked {asked:6}  results {results:6}  calls {len(arena.witness.calls):6}"
            f"  replicas up {running}  incidents {len(arena.diary.incidents):4}"
            f"  faults {sum(self._weather.counts.values()) if self._weather else 0:4}",
            flush=True,
        )


def conclude(arena, began, weather=None, timeout=240):
    """Waits for the last result, prints the balance, gives the exit code."""
    is_complete, seconds = arena.finish(timeout, Progress(arena, weather).tick)
    balance = Balance(arena)
    arena.is_clean = is_complete and balance.is_clean
    counts = weather.counts if weather else None
    for line in balance.lines(counts, time.monotonic() - began, seconds, is_complete):
        print(line, flush=True)
    return balance


def run(settings):
    began = time.monotonic()
    with Arena(settings) as arena:
        heading(arena)
        arena.publish()
        weather = Weather(arena)
        progress = Progress(arena, weather)
        end = time.monotonic() + settings.minutes * 60
        while time.monotonic() < end:
            weather.tick()
            arena.director.tick()
            progress.tick()
            time.sleep(0.05)
        return 0 if conclude(arena, began, weather).is_clean else 1
