"""Measures the whole path: Kafka in, calls to a fast endpoint stand-in on loopback, results out.

Prints messages per second and CPU microseconds per message of the worker process, for both delivery guarantees, and their
ratio. Everything runs on loopback, is bounded in count and time, and is ended at the end.

    make bench            20,000 messages
    make bench N=100000
"""

import argparse
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ACCOUNTS = 200
CONVERSATIONS_PER_ACCOUNT = 20
RUN_LIMIT_SECONDS = 300


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(condition, what: str, limit: float = 60):
    end = time.monotonic() + limit
    while time.monotonic() < end:
        answer = condition()
        if answer:
            return answer
        time.sleep(0.02)
    sys.exit(f"gave up after {limit:.0f} s waiting for {what}")


def fetch(url: str):
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.read().decode()
    except OSError:
        return None


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def finished(port: int) -> int:
    text = fetch(f"http://127.0.0.1:{port}/metrics") or ""
    return sum(int(float(value)) for value in re.findall(r"^send_worker_results_total\{[^}]*\} (\S+)$", text, re.M))


def requests(count: int):
    for number in range(count):
        account = 17841400000000000 + number % ACCOUNTS
        person = 90210000 + number % (ACCOUNTS * CONVERSATIONS_PER_ACCOUNT)
        yield json.dumps(
            {
                "request_id": f"bench-{number}",
                "account_id": str(account),
                "recipient": {"id": str(person)},
                "message": {"text": f"Your order {number} has shipped: https://shop.example.com/orders/{number}"},
                "context": {"campaign": "bench"},
            }
        )


class Processes:
    def __init__(self):
        self.running = []

    def start(self, arguments, log):
        process = subprocess.Popen(arguments, stdout=log, stderr=log)
        self.running.append(process)
        return process

    def end(self, process):
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
        self.running.remove(process)

    def end_all(self):
        for process in list(self.running):
            self.end(process)


def measure(binary, processes, log, folder, guarantee: str, count: int) -> dict:
    kafka, admin, simulator_port = free_port(), free_port(), free_port()
    broker_command = [ROOT / ".venv/bin/noida-db", "start", "--only", "kafka", "--kafka-port", str(kafka)]
    broker = processes.start(broker_command + ["--data-dir", folder / guarantee], log)
    wait_for(lambda: listens(kafka), "the broker")
    simulator = processes.start([binary, "simulator", "--unlimited", "--port", str(simulator_port)], log)
    wait_for(lambda: listens(simulator_port), "the simulator")
    settings = [
        f"kafka.bootstrapServers=127.0.0.1:{kafka}",
        "kafka.properties.partition.assignment.strategy=range",
        f"delivery.guarantee={guarantee}",
        f"graph.baseURL=http://127.0.0.1:{simulator_port}",
        "validation.allowPrivateHosts=true",
        f"tokens.file={folder / 'tokens.json'}",
        "limits.messagesPerSecond=100000",
        f"admin.port={admin}",
    ]
    options = [word for setting in settings for word in ("--set", setting)]
    subprocess.run([binary, "topics", "create", "--partitions", "6", *options], check=True, stdout=log, stderr=log)
    subprocess.run([binary, "publish", folder / "requests.ndjson", *options], check=True, stdout=log, stderr=log)
    worker = processes.start([binary, "run", *options], log)
    wait_for(lambda: finished(admin) > 0, "the first result")
    began, cpu, before = time.monotonic(), cpu_seconds(worker.pid), finished(admin)
    simulator_cpu = cpu_seconds(simulator.pid)
    wait_for(lambda: finished(admin) >= count, "all results", RUN_LIMIT_SECONDS)
    seconds, messages = time.monotonic() - began, count - before
    figures = {
        "messages_per_second": messages / seconds,
        "cpu_microseconds_per_message": (cpu_seconds(worker.pid) - cpu) * 1e6 / messages,
        "simulator_cpu_microseconds_per_message": (cpu_seconds(simulator.pid) - simulator_cpu) * 1e6 / messages,
    }
    for process in (worker, simulator, broker):
        processes.end(process)
    return figures


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=20_000, help="how many messages each run sends (1000 to 500000)")
    parser.add_argument("--binary", default=str(ROOT / ".build/release/send-worker"))
    arguments = parser.parse_args()
    if not 1_000 <= arguments.messages <= 500_000:
        parser.error("--messages takes 1000 to 500000")
    processes = Processes()
    with tempfile.TemporaryDirectory() as name, open(Path(name) / "log", "w") as log:
        folder = Path(name)
        (folder / "requests.ndjson").write_text("\n".join(requests(arguments.messages)) + "\n")
        tokens = {str(17841400000000000 + account): "bench-token" for account in range(ACCOUNTS)}
        (folder / "tokens.json").write_text(json.dumps(tokens))
        try:
            figures = {}
            for guarantee in ("at_least_once", "exactly_once"):
                print(f"{guarantee}: {arguments.messages} messages …", flush=True)
                figures[guarantee] = measure(arguments.binary, processes, log, folder, guarantee, arguments.messages)
        finally:
            processes.end_all()
            if sys.exc_info()[0]:
                sys.stderr.write((folder / "log").read_text()[-4000:])
    for name in figures["at_least_once"]:
        plain, exact = (figures[guarantee][name] for guarantee in ("at_least_once", "exactly_once"))
        print(f"{name:40} at_least_once {plain:10.1f}   exactly_once {exact:10.1f}   ratio {exact / plain:.2f}")


if __name__ == "__main__":
    main()
