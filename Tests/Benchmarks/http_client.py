"""Measures what one call of the HTTP client costs, beside a bare epoll client in C, against nginx on loopback.

    make bench-http                     100,000 calls a run, five rounds
    make bench-http CALLS=20000

The clients take turns, so that whatever else the machine does meets all of them; of each figure the median counts.
Processor time is the client's own, the kernel's work for it included. Everything is ended at the end.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from nginx import Nginx
from stand import ROOT

PEERS = Path(__file__).resolve().parent / "http_client"
FEW, MANY = 64, 4000
RUN_LIMIT_SECONDS = 300
MESSAGES = "/v23.0/17841400000000000/messages?appsecret_proof=" + "f2a05a9d" * 8


def run(arguments) -> dict:
    """The figures of one run: what a client prints on its only line."""
    try:
        done = subprocess.run([str(word) for word in arguments], capture_output=True, text=True, timeout=RUN_LIMIT_SECONDS)
    except subprocess.TimeoutExpired:
        sys.exit(f"{Path(arguments[0]).name} has not ended within {RUN_LIMIT_SECONDS} s")
    if done.returncode != 0:
        sys.exit(f"{Path(arguments[0]).name} ended with {done.returncode}:\n{done.stderr}")
    figures = json.loads(done.stdout)
    if figures["unknown"] != 0:
        sys.exit(f"{figures['unknown']} calls ended without an answer")
    return figures


def clients(arguments, folder: Path, nginx: Nginx) -> dict:
    """The commands that are measured, by client and calls in flight."""
    bare = folder / "bare_client"
    subprocess.run(["cc", "-O2", "-D_GNU_SOURCE", "-Wall", "-o", bare, PEERS / "bare_client.c"], check=True)
    commands = {}
    for in_flight in (FEW, MANY):
        commands["bare", in_flight] = [bare, nginx.plain_port, in_flight, arguments.calls]
        if arguments.bare_only:
            continue
        ours = [arguments.binary, "http-client", "--in-flight", in_flight, "--calls", arguments.calls, "--url"]
        commands["plain", in_flight] = [*ours, f"http://127.0.0.1:{nginx.plain_port}{MESSAGES}"]
        secure = f"https://127.0.0.1:{nginx.tls_port}{MESSAGES}"
        commands["TLS", in_flight] = [*ours, secure, "--ca", folder / "ca.pem"]
    return commands


def report(costs: dict, rates: dict):
    print(f"\n{'client':8}{'in flight':>12}{'CPU µs/call':>14}{'lowest':>9}{'highest':>9}{'calls/s':>11}")
    for (client, in_flight), values in costs.items():
        spread = f"{statistics.median(values):14.2f}{min(values):9.2f}{max(values):9.2f}"
        print(f"{client:8}{in_flight:12,}{spread}{statistics.median(rates[client, in_flight]):11,.0f}")
    cost = {key: statistics.median(values) for key, values in costs.items()}
    ratios = [(f"bare at {MANY:,} / bare at {FEW}", ("bare", MANY), ("bare", FEW), None)]
    if ("plain", FEW) in cost:
        ratios = [
            (f"plain / bare, {FEW} in flight", ("plain", FEW), ("bare", FEW), 1.3),
            (f"TLS / bare, {FEW} in flight", ("TLS", FEW), ("bare", FEW), 2.0),
            (f"plain at {MANY:,} / plain at {FEW}", ("plain", MANY), ("plain", FEW), 1.5),
            (f"TLS at {MANY:,} / TLS at {FEW}", ("TLS", MANY), ("TLS", FEW), 1.5),
        ] + ratios
    print()
    for name, above, below, target in ratios:
        ratio = cost[above] / cost[below]
        verdict = "" if target is None else f"   target {target:.1f}" + ("" if ratio <= target else ": MISSED")
        print(f"{name:32}{ratio:6.2f} ×{verdict}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=100_000, help="how many calls each run measures (1000 to 10000000)")
    parser.add_argument("--rounds", type=int, default=5, help="how often each client runs (1 to 100)")
    parser.add_argument("--bare-only", action="store_true", help="run the bare client alone")
    parser.add_argument("--binary", default=str(ROOT / ".build/release/benchmarks"))
    arguments = parser.parse_args()
    if not (1_000 <= arguments.calls <= 10_000_000 and 1 <= arguments.rounds <= 100):
        parser.error("--calls takes 1000 to 10000000, --rounds 1 to 100")
    costs, rates = {}, {}
    with tempfile.TemporaryDirectory() as name:
        nginx = Nginx(Path(name))
        try:
            commands = clients(arguments, Path(name), nginx)
            for number in range(arguments.rounds):
                print(f"round {number + 1} of {arguments.rounds}, {arguments.calls:,} calls each …", flush=True)
                for key, command in commands.items():
                    figures = run(command)
                    costs.setdefault(key, []).append(figures["cpu_us_per_call"])
                    rates.setdefault(key, []).append(figures["calls"] / figures["seconds"])
        finally:
            nginx.stop()
    report(costs, rates)


if __name__ == "__main__":
    main()
