"""Measures the whole path, Kafka in, calls to an endpoint on loopback, results out, beside the least it could cost.

    make bench                         100,000 messages a row, about ten minutes
    make bench N=20000 ONLY="floor exactly-once"

docs/performance.md says what the rows are. The broker is the one that KAFKA_BOOTSTRAP_SERVERS names, Apache Kafka from
KAFKA_HOME, or noida-db. Everything runs on loopback, is bounded in count and time, and is ended at the end.
"""

import argparse
import itertools
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from stand import ROOT, description

from . import table
from .instructions import instructions
from .interruptions import restart, token_change
from .latency import GUARANTEES, RATES, idle, latency
from .place import Place
from .rows import ROWS
from .sampling import median

OTHERS = ("latency", "idle", "restart", "tokens", "instructions")
#: What is left out unless it is asked for, for it takes minutes.
SLOW = ("instructions",)


class Report:
    """What has been measured so far, and what could not be."""

    def __init__(self):
        self.rows, self.latency, self.restarts = {}, {}, {}
        self.idle = self.tokens = self.instructions = None
        self.failures = []

    def text(self):
        parts = []
        if self.rows:
            parts += [table.table(self.rows), table.threads(self.rows), table.turns(self.rows)]
        if self.latency:
            parts.append(table.latencies(self.latency))
        if self.idle is not None:
            parts.append([f"idle worker: {self.idle:.2f} % of one core"])
        if self.restarts:
            parts.append(table.restarts(self.restarts))
        if self.tokens:
            parts.append(table.token_change(self.tokens))
        if self.instructions is not None:
            parts.append([f"worker, exactly_once: {self.instructions:,.0f} instructions a message"])
        parts.append(f"failed: {failure}" for failure in self.failures)
        return "\n\n".join("\n".join(part) for part in parts).rstrip()

    def as_json(self):
        latency = {f"{guarantee} {rate}/s": figures for (guarantee, rate), figures in self.latency.items()}
        rows = {name: figures.as_json() for name, figures in self.rows.items()}
        others = {
            "idle_percent_of_a_core": self.idle,
            "restart_to_first_call_seconds": self.restarts,
            "gaps_ms": self.tokens,
            "instructions_a_message": self.instructions,
        }
        return {"rows": rows, "latency_ms": latency, **others, "failures": self.failures}


def attempt(place, report, what, measure):
    """What `measure` gives; None where it fails, so that the rest is measured all the same."""
    load = " ".join(f"{each:.1f}" for each in os.getloadavg())
    print(f"{what} … (load {load})", file=sys.stderr, flush=True)
    try:
        return measure()
    except (AssertionError, OSError, subprocess.SubprocessError) as failure:
        report.failures.append(f"{what}: {failure}")
        print(report.failures[-1], file=sys.stderr, flush=True)
        return None
    finally:
        place.end_run()


def measure_rows(place, report, names, messages, rounds):
    """Each row in turn and so for several rounds: whatever else the machine does meets all of them."""
    runs = {name: [] for name in names}
    for number in range(rounds):
        for name in names:
            what = f"round {number + 1} of {rounds}, {name}"
            figures = attempt(place, report, what, lambda: ROWS[name][1](place, messages))
            if figures:
                runs[name].append(figures)
    report.rows = {name: median(each) for name, each in runs.items() if each}


def measure_others(place, report, names):
    if "latency" in names:
        for guarantee, rate in itertools.product(GUARANTEES, RATES):
            what = f"latency, {guarantee}, {rate:,}/s"
            figures = attempt(place, report, what, lambda: latency(place, guarantee, rate))
            if figures:
                report.latency[guarantee, rate] = figures
    if "idle" in names:
        report.idle = attempt(place, report, "idle", lambda: idle(place))
    if "restart" in names:
        for guarantee in GUARANTEES:
            found = attempt(place, report, f"restart, {guarantee}", lambda: restart(place, guarantee))
            if found:
                report.restarts[guarantee] = found
    if "tokens" in names:
        report.tokens = attempt(place, report, "tokens", lambda: token_change(place))
    if "instructions" in names:
        report.instructions = attempt(place, report, "instructions, slow", lambda: instructions(place))


def parsed_arguments():
    parser = argparse.ArgumentParser(prog="whole_path", description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=100_000, help="how many each row takes (5000 to 1000000)")
    parser.add_argument("--rounds", type=int, default=3, help="how often each row runs; the median counts (1 to 20)")
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=[*ROWS, *OTHERS], help=", ".join([*ROWS, *OTHERS]))
    parser.add_argument("--instructions", action="store_true", help="count the worker's instructions, too; takes minutes")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there")
    parser.add_argument("--binary", default=str(ROOT / ".build/release/send-worker"))
    arguments = parser.parse_args()
    if not (5_000 <= arguments.messages <= 1_000_000 and 1 <= arguments.rounds <= 20):
        parser.error("--messages takes 5000 to 1000000, --rounds 1 to 20")
    if not Path(arguments.binary).exists():
        parser.error(f"{arguments.binary} does not exist; make release builds it")
    return arguments


def main():
    arguments = parsed_arguments()
    names = arguments.only or [name for name in (*ROWS, *OTHERS) if name not in SLOW]
    if arguments.instructions and "instructions" not in names:
        names.append("instructions")
    print(f"broker: {description()}; {os.cpu_count()} cores", flush=True)
    report = Report()
    with tempfile.TemporaryDirectory() as folder, Place(Path(folder), arguments.binary) as place:
        rows = [name for name in ROWS if name in names]
        if rows or "latency" in names:
            # A broker that has just started compiles its code meanwhile, most of it here; nobody is to pay for that.
            for name in ("floor", "exactly-once"):
                attempt(place, report, f"warm-up, {name}", lambda: ROWS[name][1](place, arguments.messages))
        measure_rows(place, report, rows, arguments.messages, arguments.rounds)
        measure_others(place, report, names)
    print(report.text())
    if arguments.json:
        arguments.json.write_text(json.dumps(report.as_json(), indent=2) + "\n")
    sys.exit(1 if report.failures else 0)


if __name__ == "__main__":
    main()
