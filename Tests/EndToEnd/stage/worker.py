"""A worker as a process, and its admin endpoints."""

import requests

from .processes import Process, free_port
from .waiting import wait_until


def set_options(settings):
    """Settings as `--set` options."""
    return [part for key, value in settings.items() for part in ("--set", f"{key}={value}")]


class Worker:
    """`send-worker run`."""

    def __init__(self, binary, settings, log_path, name="worker", arguments=()):
        self.admin_port = free_port()
        options = set_options({**settings, "admin.port": self.admin_port})
        self.process = Process(name, [binary, "run", *arguments, *options], log_path)

    @property
    def log_lines(self):
        return self.process.log_lines

    def wait_until_ready(self, timeout=60):
        def is_ready():
            answer = self.page("/readyz")
            return answer is not None and answer.status_code == 200

        wait_until(is_ready, f"{self.process.name} is ready", timeout, alive=[self.process])
        return self

    def wait_for_log(self, text, timeout=30, after=0):
        """Waits for a line with this text behind the first `after` lines; gives its number."""

        def number():
            found = [index for index, line in enumerate(self.log_lines) if index >= after and text in line]
            return found[0] + 1 if found else None

        return wait_until(number, f'{self.process.name} logs "{text}"', timeout, alive=[self.process])

    def page(self, path):
        """An admin page; None while nobody answers."""
        try:
            return requests.get(f"http://127.0.0.1:{self.admin_port}{path}", timeout=10)
        except (requests.ConnectionError, requests.Timeout):
            return None

    def stop(self, timeout=40):
        """Ends it in order and returns its exit code."""
        return self.process.stop(timeout)

    def abandon(self):
        self.process.terminate()
        self.process.abandon()
