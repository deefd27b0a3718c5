"""Measures what one call of the HTTP client costs, beside a bare epoll client in C, against nginx on loopback.

    make bench-http                     100,000 calls a run, five rounds
    make bench-http CALLS=20000

The clients take turns, so that whatever else the machine does meets all of them; of each figure the median counts.
Processor time is the client's own, the kernel's work for it included. Everything is ended at the end.
"""

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from string import Template

from whole_path import ROOT, Processes, free_port, listens, wait_for

PEERS = Path(__file__).resolve().parent / "http_client"
FEW, MANY = 64, 4000
RUN_LIMIT_SECONDS = 300
MESSAGES = "/v23.0/17841400000000000/messages?appsecret_proof=" + "f2a05a9d" * 8


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, capture_output=True)


def make_certificates(folder: Path):
    """An authority, ca.pem, and a certificate of 127.0.0.1 that it has signed."""
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
    authority = ["-subj", "/CN=Benchmark Root", "-keyout", folder / "ca-key.pem", "-out", folder / "ca.pem"]
    openssl("req", "-x509", *curve, *authority, "-days", "2")
    server = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"]
    request = ["-keyout", folder / "server-key.pem", "-out", folder / "server.csr"]
    openssl("req", *curve, *server, *request)
    signing = ["-CA", folder / "ca.pem", "-CAkey", folder / "ca-key.pem", "-CAcreateserial", "-days", "2"]
    openssl("x509", "-req", "-in", folder / "server.csr", *signing, "-copy_extensions", "copy", "-out", folder / "server.pem")


class Nginx:
    """The server, with a port for plain connections and one for TLS, and its log in the folder."""

    def __init__(self, folder: Path, processes: Processes):
        self.plain_port, self.tls_port = free_port(), free_port()
        make_certificates(folder)
        values = {"folder": folder, "plain_port": self.plain_port, "tls_port": self.tls_port}
        (folder / "nginx.conf").write_text(Template((PEERS / "nginx.conf").read_text()).substitute(values))
        # Debian puts it where only root's path leads.
        binary = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin") or sys.exit("nginx is missing; make setup")
        log = folder / "nginx.log"
        command = [binary, "-p", folder, "-e", log, "-c", folder / "nginx.conf"]
        process = processes.start(command, subprocess.DEVNULL)

        def is_up() -> bool:
            if process.poll() is not None:
                sys.exit(f"nginx has ended:\n{log.read_text() if log.exists() else ''}")
            return listens(self.plain_port) and listens(self.tls_port)

        wait_for(is_up, "nginx")


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
    processes = Processes()
    with tempfile.TemporaryDirectory() as name:
        try:
            commands = clients(arguments, Path(name), Nginx(Path(name), processes))
            for number in range(arguments.rounds):
                print(f"round {number + 1} of {arguments.rounds}, {arguments.calls:,} calls each …", flush=True)
                for key, command in commands.items():
                    figures = run(command)
                    costs.setdefault(key, []).append(figures["cpu_us_per_call"])
                    rates.setdefault(key, []).append(figures["calls"] / figures["seconds"])
        finally:
            processes.end_all()
    report(costs, rates)


if __name__ == "__main__":
    main()
