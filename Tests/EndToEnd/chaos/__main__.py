"""python -m chaos [SCENARIO] [options]: see docs/chaos.md."""

import argparse
import dataclasses
import random
import sys
from pathlib import Path

from stage.kafka import Distribution

from . import cost, deaths, run, scenarios, trouble, weather
from .settings import Settings

SCENARIOS = {
    "run": run.run,
    "kills": scenarios.kills,
    "deaths": deaths.deaths,
    "takeover": scenarios.takeover,
    "cost": cost.cost,
    "rolling": scenarios.rolling,
    "orderly": scenarios.orderly,
    "upgrade": scenarios.upgrade,
    "zombie": scenarios.zombie,
    "trouble": trouble.trouble,
    "outage": trouble.outage,
    "at-most-once": scenarios.at_most_once,
}
#: Where the general defaults do not fit.
DEFAULTS = {
    "kills": {"expiry": 1.0},
    "trouble": {"replicas": 1, "rate": 100.0, "minutes": 6.0},
    "outage": {"replicas": 1, "rate": 100.0, "minutes": 10.0},
}


def settings_from(arguments):
    defaults = Settings()
    parser = argparse.ArgumentParser(prog="python -m chaos", description="Whole workers under a seeded rain of faults.")
    parser.add_argument("scenario", nargs="?", default="run", choices=SCENARIOS)
    parser.add_argument("--seed", type=int, default=None, help="draws the traffic and the faults; a random one by default")
    parser.add_argument("--minutes", type=float, default=None, help="how long faults and load last (run, trouble, outage)")
    parser.add_argument("--guarantee", default=defaults.guarantee, choices=["exactly_once", "at_least_once"])
    parser.add_argument("--replicas", type=int, default=None)
    parser.add_argument("--rate", type=float, default=None, help="requests a second, over all accounts")
    parser.add_argument("--pace", type=float, default=defaults.pace, help="seconds between two faults, on average")
    parser.add_argument(
        "--expiry", type=float, default=None, help="seconds until the harness ends a dead member, where the broker does not"
    )
    parser.add_argument("--kills", type=int, default=defaults.kills, help="how many times a replica is hit (kills, zombie)")
    parser.add_argument(
        "--strategy", default="", choices=["", "range", "roundrobin", "cooperative-sticky"], help="the group's assignment"
    )
    parser.add_argument("--brokers", type=int, default=None, help="brokers of Apache Kafka, from KAFKA_HOME (run: 3)")
    parser.add_argument("--broker-restarts", action="store_true", help="stop and start the broker too, in order")
    parser.add_argument("--max-in-doubt", type=int, default=defaults.max_in_doubt, help="delivery.maxInDoubt")
    kinds = [*weather.MEMBERSHIP, *weather.OTHERS, *weather.BROKERS]
    parser.add_argument("--without", action="append", choices=kinds, help="a fault to leave out (run); may be repeated")
    parser.add_argument("--binary", type=Path, default=defaults.binary)
    parser.add_argument("--before", type=Path, default=None, help="the binary of the version before (upgrade)")
    given = {name: value for name, value in vars(parser.parse_args(arguments)).items() if value is not None}
    given = {**DEFAULTS.get(given["scenario"], {}), **given}
    given["without"] = tuple(given.get("without", ()))
    if given["scenario"] == "run" and Distribution.named():
        given.setdefault("brokers", 3)
    given.setdefault("seed", random.SystemRandom().randrange(1_000_000))
    settings = dataclasses.replace(defaults, **given)
    bounds = {"minutes": (0.1, 720), "replicas": (1, 10), "rate": (1, 500), "pace": (0.5, 600), "kills": (1, 1000), "brokers": (1, 5), "max_in_doubt": (1, 1_000_000)}
    for name, (least, most) in bounds.items():
        if not least <= getattr(settings, name) <= most:
            parser.error(f"--{name} {getattr(settings, name)} is out of range; give {least} to {most}")
    if settings.scenario == "upgrade" and not (settings.before and settings.before.exists()):
        parser.error("upgrade needs --before, the binary of the version before")
    if not settings.binary.exists():
        parser.error(f"{settings.binary} is missing; run: swift build --product send-worker, or set SEND_WORKER_BINARY")
    return settings


def main():
    settings = settings_from(sys.argv[1:])
    return SCENARIOS[settings.scenario](settings)


if __name__ == "__main__":
    sys.exit(main())
