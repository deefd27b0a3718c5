"""How long calls stand still: while a worker is started again, and while it reads many tokens anew."""

import json
import os
import time

from stage.waiting import wait_until

from .latency import stamps
from .place import ACCOUNTS

LIMIT_SECONDS = 60
RESTARTS = 5
#: As many requests as each restart finds waiting.
WAITING = 100
TOKEN_ACCOUNTS = 100_000
TOKEN_RATE = 1_000
WARM_UP_SECONDS, CHANGES, CHANGE_SECONDS = 8, 4, 3


def restart(place, guarantee):
    """Seconds from a worker's start to its first call, after the only member of its group has stopped in order; ascending."""
    topics = place.fresh_topics(WAITING)
    stub = place.start_stub(0)
    done = WAITING
    worker = place.start_worker(topics, stub.url, guarantee)
    wait_until(lambda: stub.calls() >= done, "the first calls", LIMIT_SECONDS, alive=[worker.process])
    found = []
    for _ in range(RESTARTS):
        worker.stop()
        place.publish(topics, WAITING)
        began = time.monotonic()
        worker = place.start_worker(topics, stub.url, guarantee)
        while stub.calls() == done:
            if time.monotonic() > began + LIMIT_SECONDS or worker.process.exit_code is not None:
                raise AssertionError(f"no call after a restart: {worker.process.log[-1_500:]}")
            time.sleep(0.002)
        found.append(time.monotonic() - began)
        done += WAITING
        wait_until(lambda: stub.calls() >= done, "all calls", LIMIT_SECONDS, alive=[worker.process])
    return sorted(found)


def token_change(place):
    """The longest gaps between two calls in milliseconds, at an even pace: without a change, and while a file of 100,000
    tokens changes, each account's and again and again."""
    tokens = place.folder / "many-tokens.json"
    _write(tokens, 0)
    topics, called = place.fresh_topics(), place.folder / "called.stamps"
    stub = place.start_stub(0, called)
    worker = place.start_worker(topics, stub.url, "exactly_once", **{"tokens.file": tokens}).wait_until_ready()
    count = (WARM_UP_SECONDS + (CHANGES + 1) * CHANGE_SECONDS) * TOKEN_RATE
    publisher = place.start_publisher(topics, count, TOKEN_RATE, 0, place.folder / "produced.stamps")
    time.sleep(WARM_UP_SECONDS - CHANGE_SECONDS)
    moments = [time.monotonic_ns()]
    for number in range(CHANGES):
        time.sleep(CHANGE_SECONDS)
        moments.append(time.monotonic_ns())
        _write(tokens, number + 1)
    publisher.wait(LIMIT_SECONDS)
    wait_until(lambda: stub.calls() >= count, "all calls", LIMIT_SECONDS, alive=[worker.process])
    reread = sum("access tokens have changed" in line for line in worker.log_lines)
    if not reread:
        raise AssertionError(f"no token was read again: {worker.process.log[-1_500:]}")
    stub.process.stop()
    begun = sorted(first for first, _ in stamps(called).values())
    gaps = [(begin, (end - begin) / 1e6) for begin, end in zip(begun, begun[1:])]
    quiet = max(gap for begin, gap in gaps if moments[0] <= begin < moments[1])
    end = moments[-1] + CHANGE_SECONDS * 10**9
    return {"without": quiet, "with": max(gap for begin, gap in gaps if moments[1] <= begin < end), "times_read": reread}


def _write(path, number):
    """At once, as those do who know that it is being read. The accounts that are called come first."""
    tokens = {str(17841400000000000 + each): f"bench-token-{number}-{each:0>100}" for each in range(TOKEN_ACCOUNTS)}
    assert ACCOUNTS <= TOKEN_ACCOUNTS
    written = path.with_suffix(".new")
    written.write_text(json.dumps(tokens, indent=0))
    os.replace(written, path)
