"""Ends what a test process started when that process itself is killed and can end nothing any more."""

import os
import signal
import subprocess
import sys
from pathlib import Path


class Guard:
    """A small process that knows the ids of servers; once its input ends, it kills those that are still to be ended.

    Its input is a pipe that only this process holds, so it ends with this process, however that ends.
    """

    _shared = None

    @classmethod
    def shared(cls):
        """The one of this process."""
        if cls._shared is None:
            cls._shared = cls()
        return cls._shared

    def __init__(self):
        # A group of its own: an interrupt typed at the terminal must not end it before those whom it guards.
        command = [sys.executable, "-S", Path(__file__).resolve()]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, text=True, start_new_session=True)

    def watch(self, process_id):
        self._tell(f"watch {process_id}")

    def forget(self, process_id):
        """It has ended and been waited for: its id may be a stranger's from now on."""
        self._tell(f"forget {process_id}")

    def _tell(self, line):
        try:
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
        except OSError:
            pass  # Without a guard the tests still end what they started.


def started(process_id):
    """What tells a process from a later one with the same id; None where there is none."""
    try:
        return Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()[19]
    except FileNotFoundError:
        if Path("/proc/self").exists():
            return None
    listed = subprocess.run(["ps", "-o", "lstart=", "-p", str(process_id)], stdout=subprocess.PIPE, text=True)
    return listed.stdout.strip() or None


def guard():
    watched = {}
    for line in sys.stdin:
        order, _, number = line.partition(" ")
        if order == "watch":
            watched[int(number)] = started(int(number))
        else:
            watched.pop(int(number), None)
    for process_id, beginning in watched.items():
        if beginning and started(process_id) == beginning:
            try:
                os.kill(process_id, signal.SIGKILL)
            except ProcessLookupError:
                pass


if __name__ == "__main__":
    guard()
