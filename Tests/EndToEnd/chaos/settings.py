"""What a run is made of."""

import os
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
SESSION_SECONDS = 6.0
#: Where brokers die, too: what a group's coordinator dies with must be elsewhere before its members' sessions are over, as it
#: is with the defaults (45 s, and 9 s until a broker is missed; 4 s here).
CLUSTER_SESSION_SECONDS = 12.0
RESPONSE_TIMEOUT_SECONDS = 2.0
#: Calls stop when no commit has shown for so long that the partitions are the worker's own: half its session.
COMMIT_PATIENCE_SECONDS = SESSION_SECONDS / 2
#: How long before its replica's end a call may have been made whose end was not committed any more: calls go on for that
#: long, a call lasts up to its time-out, and a commit takes a moment.
FORGETTING_SECONDS = COMMIT_PATIENCE_SECONDS + RESPONSE_TIMEOUT_SECONDS + 2.0

#: Lower than documented, so that they bind at the rates a small machine can do.
MESSAGES_PER_SECOND = 12
MEDIA_PER_SECOND = 3
PRIVATE_REPLIES_PER_HOUR = 750

WORKER_SETTINGS = {
    "kafka.properties.heartbeat.interval.ms": 1_000,
    "kafka.properties.reconnect.backoff.max.ms": 500,
    "graph.responseTimeout": f"{RESPONSE_TIMEOUT_SECONDS:g}s",
    "retry.initialDelay": "100ms",
    "retry.maxDelay": "2s",
    "limits.messagesPerSecond": MESSAGES_PER_SECOND,
    "limits.mediaPerSecond": MEDIA_PER_SECOND,
    "worker.drainTimeout": "8s",
}


@dataclass(frozen=True)
class Settings:
    scenario: str = "run"
    seed: int = 1
    minutes: float = 3.0
    guarantee: str = "exactly_once"
    replicas: int = 3
    #: Requests a second, over all accounts.
    rate: float = 60.0
    #: Seconds between two faults, on average.
    pace: float = 4.0
    #: Seconds until a member that died leaves the group, where the harness does it in the broker's place.
    expiry: float = SESSION_SECONDS
    kills: int = 100
    #: How the group shares partitions out, where the broker leaves a choice; empty for the worker's default.
    strategy: str = ""
    broker_restarts: bool = False
    #: How many brokers of Apache Kafka; the others come alone.
    brokers: int = 1
    #: What the sudden death of a replica may double (`delivery.maxInDoubt`).
    max_in_doubt: int = 1000
    #: Faults that are left out of the weather, to look at the others alone.
    without: tuple[str, ...] = ()
    #: The version before (upgrade).
    before: Path | None = None
    binary: Path = Path(os.environ.get("SEND_WORKER_BINARY", ROOT / ".build/debug/send-worker"))

    @property
    def session(self):
        """Seconds after which the group takes a silent member for dead."""
        return CLUSTER_SESSION_SECONDS if self.brokers >= 3 else SESSION_SECONDS

    @property
    def command(self):
        """What repeats this run."""
        parts = ["python -m chaos", self.scenario, f"--seed {self.seed}", f"--minutes {self.minutes:g}"]
        parts += [f"--guarantee {self.guarantee}", f"--replicas {self.replicas}", f"--rate {self.rate:g}"]
        parts += [f"--pace {self.pace:g}", f"--expiry {self.expiry:g}", f"--kills {self.kills}"]
        parts += [f"--strategy {self.strategy}"] if self.strategy else []
        parts += ["--broker-restarts"] if self.broker_restarts else []
        parts += [f"--brokers {self.brokers}"] if self.brokers > 1 else []
        parts += [f"--max-in-doubt {self.max_in_doubt}"]
        parts += [f'--without "{kind}"' for kind in self.without]
        return " ".join(parts)
