"""The endpoint's simulator as a process, and its control interface."""

import json

import requests

from .processes import Process, free_port
from .waiting import wait_until


class Simulator:
    """`send-worker simulator` on a fixed port."""

    def __init__(self, binary, log_path):
        self._binary = binary
        self._log_path = log_path
        self.port = free_port()
        self.process = None

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self, *arguments):
        command = [self._binary, "simulator", "--port", self.port, *arguments]
        self.process = Process("simulator", command, self._log_path)
        wait_until(self._answers, f"the simulator answers on {self.url}", alive=[self.process])
        return self

    def stop(self):
        assert self.process.stop() == 0, "the simulator did not end well"

    def abandon(self):
        if self.process:
            self.process.abandon()

    def add_faults(self, *faults):
        answer = requests.post(f"{self.url}/_simulator/faults", json=list(faults), timeout=10)
        assert answer.status_code == 201, answer.text

    def remove_faults(self):
        requests.delete(f"{self.url}/_simulator/faults", timeout=10).raise_for_status()

    def summary(self):
        answer = requests.get(f"{self.url}/_simulator/summary", timeout=30)
        answer.raise_for_status()
        return answer.json()

    def calls(self):
        """Every call received, in the order of arrival."""
        calls = []
        while True:
            page = self.calls_since(calls[-1]["sequence"] if calls else 0)
            if not page:
                return calls
            calls += page

    def calls_since(self, sequence):
        """A page of the calls behind this one; empty at the end."""
        return self._lines(f"calls?since={sequence}")

    def conversations(self):
        """What was accepted, per account and recipient, in order."""
        return self._lines("conversations")

    def _lines(self, path):
        answer = requests.get(f"{self.url}/_simulator/{path}", timeout=30)
        answer.raise_for_status()
        return [json.loads(line) for line in answer.text.splitlines() if line]

    def _answers(self):
        try:
            return requests.get(f"{self.url}/_simulator/health", timeout=2).status_code == 200
        except requests.ConnectionError:
            return False
