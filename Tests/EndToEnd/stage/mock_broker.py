"""librdkafka's mock cluster as a process: group members that die expire by themselves; it knows no transactions."""

import subprocess
import sys
from pathlib import Path

from kafka.net.connection import KafkaConnection

from .processes import clean_environment

#: The newest ApiVersions request that the mock cluster can read; it garbles its refusal of newer ones.
OLD_API_VERSIONS = 2


class MockBroker:
    """Keeps about 5 MB of a partition and nothing over its end. Stopped, it refuses connections and remembers all."""

    name = "librdkafka's mock cluster"
    worker_settings = {}
    is_own = True
    is_kafka = False
    process = None
    log_paths = ()

    def __init__(self, directory):
        self._log_path = Path(directory) / "mock-broker.log"
        self._log_path.parent.mkdir(parents=True, exist_ok=True)
        self._program = None
        self.bootstrap = None

    @property
    def ports(self):
        return [self.port]

    @property
    def port(self):
        return int(self.bootstrap.rpartition(":")[2])

    def start(self):
        if self._program:
            self._order("up")
            return self
        with self._log_path.open("ab") as log:
            self._program = subprocess.Popen(
                [sys.executable, Path(__file__).with_name("mock_cluster.py")],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                env=clean_environment(),
            )
        self.bootstrap = self._program.stdout.readline().strip()
        ask_in_old_words()
        assert self.bootstrap, f"the mock cluster did not start: {self._log_path.read_text()}"
        return self

    def create_topic(self, name, partitions):
        self._order(f"topic {name} {partitions}")

    def stop(self):
        """Cuts every connection and refuses new ones until it is started again."""
        self._order("down")

    def abandon(self):
        if self._program is None:
            return
        self._program.stdin.close()
        try:
            self._program.wait(10)
        except subprocess.TimeoutExpired:
            self._program.kill()
            self._program.wait(10)
        self._program.stdout.close()

    def _order(self, line):
        self._program.stdin.write(line + "\n")
        self._program.stdin.flush()
        answer = self._program.stdout.readline().strip()
        assert answer == "ok", f"the mock cluster was told '{line}' and answered '{answer}'"


def ask_in_old_words():
    """Lets this process's Kafka clients begin with a question that the mock cluster understands, as every broker does."""
    if hasattr(KafkaConnection, "asks_in_old_words"):
        return
    begin = KafkaConnection.__init__

    def begin_in_old_words(self, *arguments, **options):
        begin(self, *arguments, **options)
        self._api_versions_idx = OLD_API_VERSIONS

    KafkaConnection.__init__ = begin_in_old_words
    KafkaConnection.asks_in_old_words = True
