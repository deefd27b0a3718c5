"""Replicas, each of which lives several lives."""

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from stage.worker import Worker

from .links import GraphLink, KafkaLinks


@dataclass
class Incident:
    """Something done to one life of a replica, or to all."""

    kind: str
    life: str
    start: float
    end: float
    #: Messages delivered again because of it, and requests that got a second result.
    duplicates: int = 0
    extra_results: int = 0


@dataclass
class Attempt:
    """The beginning of a call, as the proxy in front of a life heard it."""

    at: float
    life: str
    marker: str


@dataclass
class Diary:
    """What happened, in the order in which it did."""

    note: Callable[[str], None]
    incidents: list[Incident] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    #: Ends of replicas that nobody asked for or that ended badly: `(life, exit code)`.
    bad_ends: list[tuple[str, int]] = field(default_factory=list)
    #: Replicas that left with 3 (restart me).
    restarts_asked: list[str] = field(default_factory=list)

    #: Transactions that committed offsets without a generation: no group fences those.
    unfenced: list[tuple[str, float]] = field(default_factory=list)
    #: Those with a generation that was over, as far as other members tell: `(life, beginning, when offsets were added)`.
    stale: list[tuple[str, float, float]] = field(default_factory=list)
    newest_generation: int = -1

    def note_generation(self, generation):
        """Somebody is in this generation of the group."""
        self.newest_generation = max(self.newest_generation, generation)

    def tell(self, kind, life, seconds=0.0):
        now = time.monotonic()
        incident = Incident(kind, life, now, now + seconds)
        self.incidents.append(incident)
        self.note(f"{kind}: {life}")
        return incident


class Life:
    """One process of a replica, behind its own proxies, as far as it has any."""

    def __init__(self, name, scene, diary, settings, binary, is_proxied, is_heard=True):
        self.name = name
        self.started = time.monotonic()
        self.is_stopped = False
        self._diary = diary
        self.graph_link = GraphLink(scene.simulator.port, self._heard).open() if is_heard else None
        own = {"graph.baseURL": f"http://{self.graph_link.address}"} if is_heard else {}
        ports = scene.broker.ports if is_proxied else ()
        self.kafka_link = KafkaLinks(ports, self._committing, diary.note_generation).open() if ports else None
        if self.kafka_link:
            own["kafka.bootstrapServers"] = self.kafka_link.address
        diary.note(f"{name} begins")
        self.worker = Worker(binary, {**scene.settings, **settings, **own}, scene.directory / f"{name}.log", name)
        self.process = self.worker.process

    def _heard(self, at, marker):
        self._diary.attempts.append(Attempt(at, self.name, marker))

    def _committing(self, began, at, generation):
        """Offsets go into a transaction; the group ought to refuse those of a generation that is over."""
        if generation is None:
            return
        newest = self._diary.newest_generation
        if generation < newest:
            self._diary.note(f"{self.name} commits with generation {generation}, the newest is {newest}")
            if generation < 0:
                self._diary.unfenced.append((self.name, at))
            else:
                self._diary.stale.append((self.name, began, at))
        self._diary.note_generation(generation)

    @property
    def commits(self):
        return self.kafka_link.commits if self.kafka_link else []

    @property
    def transaction(self):
        return self.kafka_link.transaction if self.kafka_link else None

    @property
    def member_id(self):
        return self.kafka_link.member_id if self.kafka_link else None

    @property
    def is_running(self):
        return self.process.exit_code is None

    def is_ready(self):
        page = self.worker.page("/readyz") if self.is_running and not self.is_stopped else None
        return page is not None and page.status_code == 200

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def stop(self):
        self.is_stopped = True
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self):
        self._diary.note(f"{self.name} goes on")
        self.process.send_signal(signal.SIGCONT)
        self.is_stopped = False

    def close(self):
        if self.is_stopped:
            self.go_on()
        self.process.abandon()
        for link in (self.graph_link, self.kafka_link):
            if link:
                link.close()


class Replica:
    """A place for one life after the other."""

    def __init__(self, number, arena):
        self.name = f"replica-{number}"
        self._arena = arena
        self.lives = []
        #: True while a script is at it: its end is expected then.
        self.is_taken = False

    @property
    def life(self):
        return self.lives[-1]

    def begin(self):
        name = f"{self.name}.{len(self.lives) + 1}"
        self.lives.append(self._arena.make_life(name))
        return self.life

    def close_last(self):
        """Ends the proxies of a life that is over."""
        self.life.close()
