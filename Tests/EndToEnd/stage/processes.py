"""Processes of the tests: started with a log file, ended by their own id."""

import os
import random
import signal
import socket
import subprocess
from pathlib import Path

from .guard import Guard

#: Below what systems lend to clients (from 32768, or 49152): whoever starts again later finds such a port still free, and no
#: client that dials it meanwhile is connected to itself.
LASTING_PORTS = range(20_000, 32_000)


def free_port():
    """A TCP port of the loopback address that nobody listens on at this moment."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def lasting_port():
    """A TCP port of the loopback address that stays free while its server is away."""
    while True:
        port = random.SystemRandom().choice(LASTING_PORTS)
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def clean_environment(**extra):
    """An environment in which no variable is a configuration key, except those given."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LD_LIBRARY_PATH") if name in os.environ}
    return {**kept, "LANG": "C.UTF-8", **extra}


class Process:
    """A running command whose output goes to a file; it is ended also when this process is killed."""

    def __init__(self, name, command, log_path, environment=None, directory=None):
        self.name = name
        self._is_guarded = True
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
        Guard.shared().watch(self.id)

    @property
    def exit_code(self):
        """None while it runs."""
        code = self._process.poll()
        if code is not None and self._is_guarded:
            self._is_guarded = False
            Guard.shared().forget(self.id)
        return code

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
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} (process {self._process.pid}) did not end within {timeout} s") from None
        return self.exit_code

    def stop(self, timeout=30):
        """Ends it in order and returns its exit code."""
        self.terminate()
        return self.wait(timeout)

    def abandon(self):
        """Ends it by force where it still runs: the last resort when a test is over."""
        if self.exit_code is None:
            self._process.kill()
            self.wait(10)
