"""What the guarantees cost: throughput, processor time, and latency."""

import dataclasses
import sys
import tempfile
import time
from pathlib import Path

from .arena import Arena
from .evidence import marker_of
from .settings import ROOT

sys.path.insert(0, str(ROOT / "Tests/Benchmarks"))
from whole_path import rows  # noqa: E402
from whole_path.place import Place  # noqa: E402

MESSAGES = 20_000
LATENCY_SECONDS = 15


def cost(settings):
    """Each guarantee on the same broker, one after the other."""
    print("throughput and processor time, one replica, unlimited endpoint, as in `make bench`", flush=True)
    throughput = _throughput(settings)
    plain, exact = throughput["at_least_once"], throughput["exactly_once"]
    for name in plain:
        ratio = exact[name] / plain[name]
        print(f"{name:40} at_least_once {plain[name]:9.1f}   exactly_once {exact[name]:9.1f}   {ratio:.2f}x")
    print(f"\nlatency at {settings.rate:g} requests/s, one replica, milliseconds")
    print("                                     endpoint called          result made               result readable")
    print("guarantee       delivery           n            p50      p99             p50      p99              p50      p99")
    for guarantee in ("at_least_once", "exactly_once"):
        for delivery in ("at_least_once", "at_most_once"):
            figures = _latency(settings, guarantee, delivery)
            print(f"{guarantee:15} {delivery:13} {figures}", flush=True)
    return 0


def _throughput(settings):
    """What each guarantee's worker takes against an endpoint that answers at once, by guarantee."""
    found = {}
    with tempfile.TemporaryDirectory() as folder, Place(Path(folder), settings.binary) as place:
        for guarantee, measure in (("at_least_once", rows.at_least_once), ("exactly_once", rows.exactly_once)):
            try:
                figures = measure(place, MESSAGES)
            finally:
                place.end_run()
            found[guarantee] = {
                "messages a second": figures.rate,
                "CPU µs a message, worker": figures.cpu,
                "CPU µs a message, endpoint": figures.stub_cpu,
            }
    return found


def _latency(settings, guarantee, delivery):
    """Percentiles of one paced run, from the request's Kafka timestamp on."""
    latency = {"effect": "latency", "fixed": "10ms"}
    settings = dataclasses.replace(settings, guarantee="exactly_once", replicas=1)
    own = {"delivery.guarantee": guarantee, "limits.messagesPerSecond": 100}
    with Arena(settings, own, latency) as arena:
        arena.publish(delivery=delivery, only=("text",))
        end = time.monotonic() + LATENCY_SECONDS
        while time.monotonic() < end:
            time.sleep(0.1)
        arena.is_clean, _ = arena.finish()
        asked = arena.publisher.asked
        called = {marker_of(call): call["arrival_ns"] / 1e9 for call in reversed(arena.witness.calls)}
        made = {result.source: result.at for result in arena.witness.results}
        read = arena.witness.first_read
        # The first second pays for the start.
        steady = [each for each in asked if each.published - asked[0].published > 2]
        columns = [
            [called[each.marker] - each.published for each in steady],
            [made[each.source] - each.published for each in steady],
            [read[each.source] - each.published for each in steady],
        ]
    return f"{len(steady):6}  " + "  ".join(f"{_part(column, 0.5):16.1f} {_part(column, 0.99):8.1f}" for column in columns)


def _part(seconds, share):
    return sorted(seconds)[int(len(seconds) * share)] * 1000
