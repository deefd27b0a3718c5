"""What the guarantees cost: throughput, processor time, and latency."""

import dataclasses
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from .arena import Arena
from .evidence import marker_of
from .settings import ROOT

sys.path.insert(0, str(ROOT / "Tests/Benchmarks"))
import whole_path  # noqa: E402

MESSAGES = 6_000
LATENCY_SECONDS = 15


def cost(settings):
    """Each guarantee on the same broker, one after the other."""
    print("throughput and processor time, one replica, unlimited endpoint, as in `make bench`", flush=True)
    throughput = {guarantee: _throughput(settings, guarantee) for guarantee in ("at_least_once", "exactly_once")}
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


def _throughput(settings, guarantee):
    processes = whole_path.Processes()
    with tempfile.TemporaryDirectory() as name, open(Path(name) / "log", "w") as log:
        folder = Path(name)
        (folder / "requests.ndjson").write_text("\n".join(whole_path.requests(MESSAGES)) + "\n")
        accounts = range(whole_path.ACCOUNTS)
        tokens = ", ".join(f'"{17841400000000000 + account}": "bench-token"' for account in accounts)
        (folder / "tokens.json").write_text("{" + tokens + "}")
        try:
            return whole_path.measure(settings.binary, processes, log, folder, guarantee, MESSAGES)
        except subprocess.CalledProcessError:
            sys.exit((folder / "log").read_text()[-2_000:])
        finally:
            processes.end_all()


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
