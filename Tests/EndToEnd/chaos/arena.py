"""Broker, simulator, replicas, publisher and witness of one run."""

import os
import shutil
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from stage.broker import GivenBroker, NoidaDB
from stage.kafka import Distribution, KafkaCluster
from stage.membership import Reaper
from stage.mock_broker import MockBroker
from stage.scene import PARTITIONS, Scene
from stage.waiting import wait_until

from .director import Director
from .publisher import Publisher
from .replicas import Diary, Life, Replica
from .settings import WORKER_SETTINGS, Settings
from .traffic import Traffic
from .witness import Witness

BASE_LATENCY = {"effect": "latency", "fixed": "20ms", "jitter": "80ms"}


class Arena:
    """Everything of one run; a context manager that ends what it started."""

    def __init__(self, settings, worker_settings=None, latency=None, first_binary=None):
        self.settings = settings
        #: What the next life is of.
        self.binary = (first_binary or settings.binary).resolve()
        #: True once the balance has shown nothing wrong: then nobody needs the logs.
        self.is_clean = False
        #: True while a script is at one of the brokers: a second one away at once is another question.
        self.is_broker_taken = False
        self.replicas = []
        self.publisher = self.witness = self.reaper = None
        own = {"kafka.properties.session.timeout.ms": int(settings.session * 1000)}
        if settings.max_in_doubt != Settings.max_in_doubt:
            # A version before may not know the key.
            own["delivery.maxInDoubt"] = settings.max_in_doubt
        self._worker_settings = {**WORKER_SETTINGS, **own, **(worker_settings or {})}
        if settings.strategy:
            self._worker_settings["kafka.properties.partition.assignment.strategy"] = settings.strategy
        if settings.brokers > 1:
            # While a coordinator moves nothing can be committed, and a hand-over must outlast that to be an orderly one.
            self._worker_settings["worker.drainTimeout"] = "20s"
        self._latency = latency or BASE_LATENCY
        self.directory = Path(tempfile.mkdtemp(prefix="chaos-"))
        self.diary = Diary(self.note)
        self.broker = self._make_broker()
        #: What follows from the ways of a broker that is not Kafka is told apart on that broker, and on no other.
        self.plays_expiry = isinstance(self.broker, NoidaDB)
        if isinstance(self.broker, MockBroker):
            # It waits for a member that drains for a session less one second, where Apache Kafka waits for five minutes.
            self._worker_settings["worker.drainTimeout"] = "4s"

    def _make_broker(self):
        if os.environ.get("KAFKA_BOOTSTRAP_SERVERS"):
            return GivenBroker()
        if distribution := Distribution.named():
            return KafkaCluster(self.directory / "brokers", self.settings.brokers, distribution=distribution)
        return (NoidaDB if self.settings.guarantee == "exactly_once" else MockBroker)(self.directory / "broker")

    @property
    def broker_name(self):
        return self.broker.name

    @property
    def is_cluster(self):
        """Whether one broker can be away without harm."""
        return isinstance(self.broker, KafkaCluster) and len(self.broker.nodes) >= 3

    def __enter__(self):
        try:
            return self._build()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *_):
        self.close()

    def _build(self):
        if self.broker.is_own:
            self.broker.start()
        self.scene = Scene(self.settings.binary.resolve(), self.broker, self.directory, self.settings.guarantee)
        self._create_topics()
        self.scene.simulator.start()
        self.scene.simulator.add_faults(self._latency)
        if self.plays_expiry:
            topics = self.scene.topics
            self.reaper = Reaper(
                self.broker.bootstrap, topics.group, self._living_members, self._reconnect, log=self.note
            )
        self.witness = Witness(self.scene).start()
        self.director = Director(self)
        self.replicas = [Replica(number, self) for number in range(1, self.settings.replicas + 1)]
        for replica in self.replicas:
            replica.begin()
        for replica in self.replicas:
            self.await_ready(replica)
        return self

    def _create_topics(self):
        if isinstance(self.broker, MockBroker):
            topics = self.scene.topics
            for name in (topics.requests, topics.results, topics.dead_letters, topics.state):
                self.broker.create_topic(name, PARTITIONS)
        else:
            self.scene.create_topics()

    def make_life(self, name, is_proxied=True):
        is_cut = is_proxied and self.broker.is_own
        return Life(name, self.scene, self.diary, self._worker_settings, self.binary, is_cut, is_heard=is_proxied)

    def _living_members(self):
        lives = [replica.life for replica in self.replicas if replica.lives]
        return [life.member_id for life in lives if life.is_running and life.member_id]

    def _reconnect(self):
        """Breaks the replicas' connections to the broker once, so that none waits for an answer that never comes."""
        for replica in self.replicas:
            link = replica.life.kafka_link
            if link and replica.life.is_running:
                self.diary.tell("broker cut off", replica.life.name)
                link.cut()
                link.open()

    def change_latency(self, latency):
        """How long the endpoint takes to answer, from now on; ends its other faults."""
        self._latency = latency
        self.scene.simulator.remove_faults()
        self.scene.simulator.add_faults(latency)

    def publish(self, **traffic):
        """Begins to publish."""
        source = Traffic(self.settings.seed, **traffic)
        topics = self.scene.topics
        self.publisher = Publisher(self.broker, topics.requests, source, self.settings.rate).start()
        return self.publisher

    # What scripts do

    def await_ready(self, replica, timeout=90):
        wait_until(replica.life.is_ready, f"{replica.life.name} is ready", timeout, alive=[replica.life.process])

    def expire(self, life, after=None):
        """Has a dead or stopped life's membership end, where the broker does not do so by itself."""
        if self.reaper:
            now = time.monotonic()
            due = now + (self.settings.expiry if after is None else after)
            self.reaper.expire(life.member_id, due)
            if not life.is_running and life.kafka_link:
                life.kafka_link.await_end()
            transaction = life.transaction
            # Offsets that this broker has applied already must not be without their results for a moment.
            is_done = transaction and transaction.holds_offsets and not life.is_running
            self.reaper.end_transaction(lambda: life.transaction, now if is_done else due)

    def is_expired(self, life):
        return self.reaper is None or not self.reaper.is_pending(life.member_id)

    def finish(self, timeout=240, progress=lambda: None):
        """Ends publishing and faults, and waits until every request has its result. Gives the seconds it took."""
        began = time.monotonic()
        if self.publisher:
            self.publisher.end()
            self.witness.asked = self.publisher.asked
        self.director.end()
        self.scene.simulator.remove_faults()
        self.scene.simulator.add_faults(self._latency)
        is_complete = self.witness.wait_until_complete(timeout, each_second=lambda: (self.director.tick(), progress()))
        seconds = time.monotonic() - began
        for replica in self.replicas:
            replica.is_taken = True
            replica.life.process.terminate()
        for replica in self.replicas:
            code = replica.life.process.wait(60)
            if code:
                self.diary.bad_ends.append((replica.life.name, code))
        self.witness.finish()
        return is_complete, seconds

    def close(self):
        for replica in self.replicas:
            for life in replica.lives[-1:]:
                life.close()
        for part in (self.witness, self.reaper):
            if part:
                part.close()
        if hasattr(self, "scene"):
            self.scene.close()
        self.broker.abandon()
        if self.is_clean:
            shutil.rmtree(self.directory, ignore_errors=True)

    def note(self, line):
        """Writes down what the harness does, beside the logs of the replicas."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        with (self.directory / "harness.log").open("a") as log:
            log.write(f"{now} {time.monotonic():.3f} {line}\n")
