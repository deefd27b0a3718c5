"""An independent broker: noida-db, a small server that speaks the Kafka protocol."""

import os
import socket
from importlib.resources import files
from pathlib import Path

from .processes import Process, free_port
from .waiting import wait_until


class Broker:
    """A broker of our own, on a fixed port, that keeps its data over an orderly restart."""

    #: Its second join of a cooperative rebalance stalls.
    worker_settings = {"kafka.properties.partition.assignment.strategy": "range"}
    #: A broker with data of its own can be stopped and started.
    is_own = True

    def __init__(self, directory):
        self._directory = Path(directory)
        self._directory.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.process = None

    @property
    def bootstrap(self):
        return f"127.0.0.1:{self.port}"

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
    """The broker that KAFKA_BOOTSTRAP_SERVERS names."""

    worker_settings = {}
    is_own = False
    process = None

    def __init__(self):
        self.bootstrap = os.environ["KAFKA_BOOTSTRAP_SERVERS"]

    def abandon(self):
        """It is not ours to end."""
