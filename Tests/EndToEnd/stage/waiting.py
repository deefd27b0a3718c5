"""Waiting for things, never for time."""

import time


def wait_until(condition, what, timeout=30.0, alive=()):
    """Returns the condition's first true value; fails after the limit, or when a process that it needs has ended."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        for process in alive:
            if process.exit_code is not None:
                raise AssertionError(f"{process.name} ended with {process.exit_code} before this came: {what}")
        if time.monotonic() > deadline:
            raise AssertionError(f"after {timeout:g} s still not: {what}")
        time.sleep(0.05)


def holds_for(seconds, condition, what):
    """Fails as soon as the condition is false within a span of time; for things that must not happen."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert condition(), f"no longer true: {what}"
        time.sleep(0.1)
