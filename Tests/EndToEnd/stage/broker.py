"""The broker that the tests play on: a running one, Apache Kafka from a distribution, or a small one from PyPI."""

import os
import socket
from importlib.resources import files
from pathlib import Path

from .kafka import Distribution, KafkaCluster
from .processes import Process, lasting_port
from .waiting import wait_until


def make_broker(directory):
    """A broker of our own, not yet started: Apache Kafka where KAFKA_HOME names it, else noida-db."""
    distribution = Distribution.named()
    return KafkaCluster(directory, distribution=distribution) if distribution else NoidaDB(directory)


def shared_broker(directory):
    """The broker that KAFKA_BOOTSTRAP_SERVERS names, else one of our own that is not yet started."""
    return GivenBroker() if os.environ.get("KAFKA_BOOTSTRAP_SERVERS") else make_broker(directory)


def description():
    """Which broker tests are going to use, and by which right."""
    if servers := os.environ.get("KAFKA_BOOTSTRAP_SERVERS"):
        return f"the brokers that KAFKA_BOOTSTRAP_SERVERS names ({servers})"
    if distribution := Distribution.named():
        return f"{distribution.name}, started from KAFKA_HOME ({distribution.home})"
    return "noida-db, for neither KAFKA_BOOTSTRAP_SERVERS nor KAFKA_HOME is set; it is not Kafka (CONTRIBUTING.md, Brokers)"


class NoidaDB:
    """A small server that speaks the Kafka protocol, on a fixed port; it keeps its data over an orderly restart."""

    name = "noida-db"
    #: Its second join of a cooperative rebalance stalls.
    worker_settings = {"kafka.properties.partition.assignment.strategy": "range"}
    #: A broker with data of its own can be stopped and started.
    is_own = True
    is_kafka = False

    def __init__(self, directory):
        self._directory = Path(directory)
        self._directory.mkdir(parents=True, exist_ok=True)
        self.port = lasting_port()
        self.process = None

    @property
    def bootstrap(self):
        return f"127.0.0.1:{self.port}"

    @property
    def ports(self):
        return [self.port]

    @property
    def log_paths(self):
        return [self.process.log_path] if self.process else []

    def start(self):
        # The program itself: the script that pip puts beside python would not pass a signal on to it.
        program = Path(str(files("noida_db") / "noida-db"))
        program.chmod(0o755)
        command = [program, "start", "--only", "kafka", "--kafka-port", self.port, "--data-dir", self._directory / "data"]
        self.process = Process("broker", command, self._directory / "broker.log", directory=self._directory)
        wait_until(self._accepts, f"the broker listens on {self.bootstrap}", alive=[self.process])
        return self

    def stop(self):
        """Ends it in order, so that it writes down what it has."""
        self.process.stop()

    def abandon(self):
        if self.process:
            self.process.terminate()
            self.process.abandon()

    def _accepts(self):
        with socket.socket() as client:
            client.settimeout(1)
            return client.connect_ex(("127.0.0.1", self.port)) == 0


class GivenBroker:
    """The broker that KAFKA_BOOTSTRAP_SERVERS names: Kafka, as far as the tests are concerned."""

    name = "the given broker"
    worker_settings = {}
    is_own = False
    is_kafka = True
    process = None
    log_paths = ()

    def __init__(self):
        self.bootstrap = os.environ["KAFKA_BOOTSTRAP_SERVERS"]

    def start(self):
        """It runs."""
        return self

    def abandon(self):
        """It is not ours to end."""
