"""Processes of the tests: started with a log file, ended by their own id."""

import os
import signal
import socket
import subprocess
from pathlib import Path


def free_port():
    """A TCP port of the loopback address that nobody listens on at this moment."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def clean_environment(**extra):
    """An environment in which no variable is a configuration key, except those given."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH") if name in os.environ}
    return {**kept, "LANG": "C.UTF-8", **extra}


class Process:
    """A running command whose output goes to a file."""

    def __init__(self, name, command, log_path, environment=None, directory=None):
        self.name = name
        self.log_path = Path(log_path)
        with self.log_path.open("ab") as log:
            self._process = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=environment or clean_environment(),
                cwd=directory,
            )

    @property
    def exit_code(self):
        """None while it runs."""
        return self._process.poll()

    @property
    def log(self):
        return self.log_path.read_text(errors="replace")

    @property
    def log_lines(self):
        return self.log.splitlines()

    @property
    def id(self):
        return self._process.pid

    def send_signal(self, number):
        """Does nothing where it has ended."""
        self._process.send_signal(number)

    def terminate(self):
        """Asks it to end in order."""
        if self.exit_code is None:
            self._process.send_signal(signal.SIGTERM)

    def wait(self, timeout=30):
        """Its exit code, once it has ended."""
        try:
            return self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} (process {self._process.pid}) did not end within {timeout} s") from None

    def stop(self, timeout=30):
        """Ends it in order and returns its exit code."""
        self.terminate()
        return self.wait(timeout)

    def abandon(self):
        """Ends it by force where it still runs: the last resort when a test is over."""
        if self.exit_code is None:
            self._process.kill()
            self._process.wait(10)
