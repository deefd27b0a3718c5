"""How long a request waits for its call, and its answer for a result that others can read, at an even pace."""

import time

from .sampling import percentiles, process_seconds

RATES = (100, 1_000, 5_000)
SECONDS = 10
#: The first calls pay for connections and for a broker that is cold: they come at half the rate, and do not count.
WARM_UP_SECONDS = 4
GUARANTEES = ("exactly_once", "at_least_once")
LIMIT_SECONDS = 120
IDLE_SECONDS = 10
#: What the start leaves to do is not idleness.
SETTLING_SECONDS = 3


def latency(place, guarantee, rate):
    """The percentiles of one run in milliseconds, by name."""
    warm_up = WARM_UP_SECONDS * rate // 2
    count = warm_up + SECONDS * rate
    produced, read, called = (place.folder / f"{name}.stamps" for name in ("produced", "read", "called"))
    topics = place.fresh_topics()
    stub = place.start_stub(0, called)
    worker = place.start_worker(topics, stub.url, guarantee).wait_until_ready()
    reader = place.start("reader", [place.load, "read", place.broker.bootstrap, topics.results, count, read])
    publisher = place.start_publisher(topics, count, rate, warm_up, produced)
    time.sleep(WARM_UP_SECONDS)
    shares = _shares({"worker": worker.process, "broker": place.broker.process, "stub": stub.process}, publisher)
    if reader.wait(LIMIT_SECONDS):
        raise AssertionError(f"{reader.name}: {reader.log[-1_500:]}; {worker.process.log[-1_500:]}")
    stub.process.stop()
    return _figures(stamps(produced), stamps(called), stamps(read), warm_up) | {"core_percent": shares}


def _shares(processes, publisher):
    """Percent of a core that each process takes until everything is published; of a broker that is not ours, nothing."""
    processes = {name: process.id for name, process in processes.items() if process}
    began, before = time.monotonic(), {name: process_seconds(number) for name, number in processes.items()}
    if publisher.wait(LIMIT_SECONDS):
        raise AssertionError(f"{publisher.name}: {publisher.log[-1_500:]}")
    seconds = time.monotonic() - began
    return {name: (process_seconds(number) - before[name]) / seconds * 100 for name, number in processes.items()}


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


def stamps(path):
    """Moments by the number of their request."""
    numbers = (list(map(int, line.split())) for line in path.read_text().splitlines())
    return {number: moments for number, *moments in numbers}


def idle(place):
    """The share of one core, in percent, that a worker without requests takes."""
    topics = place.fresh_topics()
    worker = place.start_worker(topics, place.nginx.plain_url, "exactly_once").wait_until_ready()
    time.sleep(SETTLING_SECONDS)
    began, before = time.monotonic(), process_seconds(worker.process.id)
    time.sleep(IDLE_SECONDS)
    return (process_seconds(worker.process.id) - before) / (time.monotonic() - began) * 100
