"""How many instructions the worker takes for a message, whatever else the machine does meanwhile."""

import re
import shutil

from stage.processes import clean_environment
from stage.waiting import wait_until
from stage.worker import set_options

from .rows import IN_FLIGHT

FEW, MANY = 500, 2_500
LIMIT_SECONDS = 300


def instructions(place):
    """What MANY messages take more than FEW, by message: so the start does not count."""
    if not shutil.which("valgrind"):
        raise AssertionError("valgrind is missing: apt-get install valgrind")
    few, many = (_counted(place, messages) for messages in (FEW, MANY))
    return (many - few) / (MANY - FEW)


def _counted(place, messages):
    topics = place.fresh_topics(messages)
    # Under valgrind everything is fifty times as slow, except time: commits at the usual interval would be for a few
    # messages each.
    slow = {
        "worker.maxInFlight": IN_FLIGHT,
        "delivery.commitInterval": "5s",
        "graph.responseTimeout": "60s",
        "admin.port": 0,
    }
    settings = {**place.settings(topics, place.nginx.plain_url, "exactly_once"), **slow}
    tool = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={place.folder / 'callgrind.out'}"]
    before = place.nginx.calls()
    # Without this, valgrind 3.19 dies of the worker's libdispatch.
    environment = clean_environment(LD_PRELOAD=str(place.compile("sigsuspend.so", ["sigsuspend.c"], "-shared", "-fPIC")))
    process = place.start("valgrind", [*tool, place.binary, "run", *set_options(settings)], environment)
    try:
        wait_until(lambda: place.nginx.calls() - before >= messages, "the calls", LIMIT_SECONDS, alive=[process])
    except AssertionError as failure:
        raise AssertionError(f"{failure}: {process.log[-1_500:]}") from None
    process.stop(LIMIT_SECONDS)
    return int(re.search(r"Collected : (\d+)", process.log).group(1))
