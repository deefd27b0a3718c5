"""What the benchmarks of running processes stand on: processes, a broker, and a worker seen from outside."""

import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests/EndToEnd"))

from stage.broker import description, shared_broker  # noqa: E402, F401
from stage.topics import Topics  # noqa: E402


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


def finished(port: int) -> int:
    text = fetch(f"http://127.0.0.1:{port}/metrics") or ""
    return sum(int(float(value)) for value in re.findall(r"^send_worker_results_total\{[^}]*\} (\S+)$", text, re.M))


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
