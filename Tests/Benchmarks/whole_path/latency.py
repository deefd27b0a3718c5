"""How long a request waits for its call, and its answer for a result that others can read, at an even pace."""

import time

from .place import ACCOUNTS
from .sampling import percentiles, process_seconds

RATES = (100, 1_000, 5_000)
SECONDS = 10
#: The first calls pay for connections and for a broker that is cold.
WARM_UP_SECONDS = 3
GUARANTEES = ("exactly_once", "at_least_once")
LIMIT_SECONDS = 120
IDLE_SECONDS = 10


def latency(place, guarantee, rate):
    """The percentiles of one run in milliseconds, by name."""
    count = (WARM_UP_SECONDS + SECONDS) * rate
    produced, read, called = (place.folder / f"{name}.stamps" for name in ("produced", "read", "called"))
    topics = place.fresh_topics()
    stub = place.start_stub(0, called)
    worker = place.start_worker(topics, stub.url, guarantee).wait_until_ready()
    bootstrap = place.broker.bootstrap
    reader = place.start("reader", [place.load, "read", bootstrap, topics.results, count, read])
    publish = [place.load, "publish", bootstrap, topics.requests, count, rate, ACCOUNTS, produced]
    for process in (place.start("publisher", publish), reader):
        if process.wait(LIMIT_SECONDS):
            raise AssertionError(f"{process.name}: {process.log[-1_500:]}; {worker.process.log[-1_500:]}")
    stub.process.stop()
    return _figures(_stamps(produced), _stamps(called), _stamps(read), WARM_UP_SECONDS * rate)


def _figures(produced, called, read, warm_up):
    steady = [number for number in produced if number > warm_up]
    spans = {
        "first_byte": [called[number][0] - produced[number][0] for number in steady],
        "result": [read[number][0] - called[number][1] for number in steady],
        "whole": [read[number][0] - produced[number][0] for number in steady],
    }
    figures = {name: [each / 1e6 for each in percentiles(values)] for name, values in spans.items()}
    moments = [produced[number][0] for number in steady]
    figures["messages_per_second"] = (len(steady) - 1) / (max(moments) - min(moments)) * 1e9
    return figures


def _stamps(path):
    """Moments by the number of their request."""
    numbers = (list(map(int, line.split())) for line in path.read_text().splitlines())
    return {number: moments for number, *moments in numbers}


def idle(place):
    """The share of one core, in percent, that a worker without requests takes."""
    topics = place.fresh_topics()
    worker = place.start_worker(topics, place.nginx.plain_url, "exactly_once").wait_until_ready()
    # What the start left to do is not idleness.
    time.sleep(WARM_UP_SECONDS)
    began, before = time.monotonic(), process_seconds(worker.process.id)
    time.sleep(IDLE_SECONDS)
    return (process_seconds(worker.process.id) - before) / (time.monotonic() - began) * 100
