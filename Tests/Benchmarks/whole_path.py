"""Measures the whole path: Kafka in, calls to a fast endpoint stand-in on loopback, results out.

Prints messages per second and CPU microseconds per message of the worker process, for both delivery guarantees, and their
ratio. Everything runs on loopback, is bounded in count and time, and is ended at the end. The broker is the one that
KAFKA_BOOTSTRAP_SERVERS names, Apache Kafka from KAFKA_HOME, or noida-db.

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
sys.path.insert(0, str(ROOT / "Tests/EndToEnd"))

from stage.broker import description, shared_broker  # noqa: E402
from stage.topics import Topics  # noqa: E402

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
        self.brokers = []

    def start(self, arguments, log):
        process = subprocess.Popen(arguments, stdout=log, stderr=log)
        self.running.append(process)
        return process

    def start_broker(self, directory):
        broker = shared_broker(directory)
        self.brokers.append(broker)
        return broker.start()

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
        for broker in self.brokers:
            broker.abandon()


def kafka_settings(broker) -> list[str]:
    """With topics and a group that nobody else uses."""
    settings = {"kafka.bootstrapServers": broker.bootstrap, **Topics(broker.bootstrap).settings, **broker.worker_settings}
    return [f"{name}={value}" for name, value in settings.items()]


def measure(binary, processes, log, folder, guarantee: str, count: int) -> dict:
    admin, simulator_port = free_port(), free_port()
    broker = processes.start_broker(folder / guarantee)
    simulator = processes.start([binary, "simulator", "--unlimited", "--port", str(simulator_port)], log)
    wait_for(lambda: listens(simulator_port), "the simulator")
    settings = [
        *kafka_settings(broker),
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
    for process in (worker, simulator):
        processes.end(process)
    broker.abandon()
    return figures


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--messages", type=int, default=20_000, help="how many messages each run sends (1000 to 500000)")
    parser.add_argument("--binary", default=str(ROOT / ".build/release/send-worker"))
    arguments = parser.parse_args()
    if not 1_000 <= arguments.messages <= 500_000:
        parser.error("--messages takes 1000 to 500000")
    print(f"broker: {description()}", flush=True)
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
