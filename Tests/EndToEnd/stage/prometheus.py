"""Prometheus as a process, its command-line tool, and what a worker shows."""

import re
import shutil
import subprocess
from pathlib import Path

import requests

from .processes import Process, clean_environment, free_port
from .waiting import wait_until

MISSING = "is missing: install Prometheus (Debian's and Ubuntu's package prometheus), or run Tests/Tools/setup"


def program(name):
    path = shutil.which(name)
    assert path, f"{name} {MISSING}"
    return path


def promtool(*arguments, text=None):
    """Runs promtool to its end and expects that it finds nothing wrong."""
    done = subprocess.run(
        [program("promtool"), *(str(argument) for argument in arguments)],
        input=text,
        capture_output=True,
        text=True,
        timeout=60,
        env=clean_environment(),
    )
    assert done.returncode == 0, f"promtool {' '.join(map(str, arguments))}:\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


class Prometheus:
    """A server with its own data on a free port of the loopback address, which scrapes every half second."""

    def __init__(self, directory, targets):
        directory = Path(directory)
        directory.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        configuration = directory / "prometheus.yaml"
        configuration.write_text(
            "global: {scrape_interval: 500ms, scrape_timeout: 500ms}\n"
            "scrape_configs:\n"
            "  - job_name: send-worker\n"
            f"    static_configs: [{{targets: [{', '.join(targets)}]}}]\n"
        )
        command = [
            program("prometheus"),
            f"--config.file={configuration}",
            f"--storage.tsdb.path={directory / 'data'}",
            f"--web.listen-address=127.0.0.1:{self.port}",
        ]
        self.process = Process("prometheus", command, directory / "prometheus.log", directory=directory)
        wait_until(self._is_ready, "Prometheus is ready", alive=[self.process])

    def query(self, expression):
        """The values of the series that an expression has now, by their labels."""
        answer = requests.get(f"http://127.0.0.1:{self.port}/api/v1/query", params={"query": expression}, timeout=10)
        assert answer.status_code == 200, answer.text
        return [(series["metric"], float(series["value"][1])) for series in answer.json()["data"]["result"]]

    def abandon(self):
        self.process.terminate()
        self.process.abandon()

    def _is_ready(self):
        try:
            return requests.get(f"http://127.0.0.1:{self.port}/-/ready", timeout=2).status_code == 200
        except requests.ConnectionError:
            return False


class Exposition:
    """A page of metrics, read by another reader than Prometheus'."""

    SAMPLE = re.compile(r'^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$')
    LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')

    def __init__(self, text):
        self.text = text
        self.samples = []
        for line in text.splitlines():
            if line and not line.startswith("#"):
                name, labels, value = self.SAMPLE.match(line).groups()
                self.samples.append((name, dict(self.LABEL.findall(labels or "")), float(value)))

    @property
    def names(self):
        """Names as queries have them: a histogram's are those of its parts."""
        return {name for name, _, _ in self.samples}

    def sum(self, name, **labels):
        """The sum of the series with these labels; None where there is none."""
        values = [
            value for found, own, value in self.samples if found == name and labels.items() <= own.items()
        ]
        return sum(values) if values else None
