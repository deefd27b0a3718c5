"""Apache Kafka itself in KRaft mode, from the distribution that KAFKA_HOME names: one broker, or several in a cluster."""

import base64
import fcntl
import os
import re
import shutil
import subprocess
import uuid
from pathlib import Path

from .processes import Process, clean_environment, lasting_port
from .protocol import cluster_metadata
from .waiting import wait_until

STORAGE = Path(__file__).resolve().parents[3] / ".build/kafka-storage"
#: Small enough for three on a machine with two cores.
HEAP = "-Xmx512M -Xms128M"
LOGGING = """\
rootLogger.level=warn
rootLogger.appenderRef.stdout.ref=STDOUT
appender.stdout.type=Console
appender.stdout.name=STDOUT
appender.stdout.layout.type=PatternLayout
appender.stdout.layout.pattern=[%d] %p %m (%c)%n
"""
#: As production has it where a test could tell; the rest lets nothing wait.
PROPERTIES = {
    "process.roles": "broker,controller",
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "CLIENT",
    "auto.create.topics.enable": "false",
    "num.partitions": 1,
    "offsets.topic.num.partitions": 4,
    "transaction.state.log.num.partitions": 4,
    "share.coordinator.state.topic.num.partitions": 1,
    "group.initial.rebalance.delay.ms": 0,
    # How long the others wait for a broker that was killed (nine seconds by default): less than a member's session in the
    # tests (six), as the defaults have it (45).
    "broker.session.timeout.ms": 4_000,
    "broker.heartbeat.interval.ms": 1_000,
    # A test's index files need not be ten megabytes each.
    "log.index.size.max.bytes": 1_048_576,
}


class Distribution:
    """What KAFKA_HOME names."""

    def __init__(self, home):
        self.home = Path(home).resolve()
        self.start_script = self.home / "bin/kafka-server-start.sh"
        if not self.start_script.exists():
            raise RuntimeError(f"KAFKA_HOME={home} is no Kafka distribution: {self.start_script} is missing")
        java = Path(os.environ["JAVA_HOME"]) / "bin/java" if os.environ.get("JAVA_HOME") else shutil.which("java")
        if not java or not Path(java).exists():
            raise RuntimeError("KAFKA_HOME is set, but there is no Java runtime (Debian: openjdk-17-jre-headless)")

    @classmethod
    def named(cls):
        """The one that the environment names; None where it names none."""
        home = os.environ.get("KAFKA_HOME")
        return cls(home) if home else None

    @property
    def version(self):
        found = [re.match(r"kafka-clients-(\d[\w.]*)\.jar", path.name) for path in (self.home / "libs").glob("kafka-clients-*")]
        return next((match.group(1) for match in found if match), "of an unknown version")

    @property
    def name(self):
        return f"Apache Kafka {self.version}"

    def environment(self, directory):
        """Of its scripts; they write logs into this directory."""
        java = {name: os.environ[name] for name in ("JAVA_HOME",) if name in os.environ}
        return clean_environment(
            KAFKA_HEAP_OPTS=os.environ.get("KAFKA_HEAP_OPTS", HEAP),
            KAFKA_OPTS=f"-Dlog4j2.configurationFile={directory / 'log4j2.properties'}",
            LOG_DIR=str(directory),
            **java,
        )

    def formatted_storage(self):
        """An empty data folder. Formatting starts a JVM: it is done once for each version and kept in the build's folder."""
        STORAGE.mkdir(parents=True, exist_ok=True)
        kept = STORAGE / self.version
        with (STORAGE / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not kept.exists():
                self._format(kept)
        return kept

    def _format(self, kept):
        new = kept.with_name(f"{kept.name}.new")
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir()
        properties = {
            **PROPERTIES,
            "node.id": 1,
            "controller.quorum.voters": "1@127.0.0.1:9093",
            "listeners": "CLIENT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093",
            "listener.security.protocol.map": "CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "log.dirs": new / "data",
        }
        write_properties(new / "server.properties", properties)
        (new / "log4j2.properties").write_text(LOGGING)
        command = [self.home / "bin/kafka-storage.sh", "format", "-t", new_id(), "-c", new / "server.properties"]
        done = subprocess.run(command, env=self.environment(new), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            raise RuntimeError(f"kafka-storage.sh format ended with {done.returncode}: {done.stdout[-2_000:]}")
        (new / "data").rename(kept)
        shutil.rmtree(new)


class KafkaNode:
    """One broker that is a controller, too."""

    def __init__(self, cluster, number, directory):
        self.id = number
        self.directory = directory
        self.ports = {name: lasting_port() for name in ("CONTROLLER", *cluster.listeners)}
        self._cluster = cluster
        self.process = None

    @property
    def port(self):
        """Of the plain listener."""
        return self.ports["CLIENT"]

    @property
    def log_path(self):
        return self.directory.with_suffix(".log")

    @property
    def is_running(self):
        return self.process is not None and self.process.exit_code is None

    def prepare(self, properties):
        self.directory.mkdir(parents=True)
        distribution, data = self._cluster.distribution, self.directory / "data"
        shutil.copytree(distribution.formatted_storage(), data)
        written = read_properties(data / "meta.properties")
        written |= {"cluster.id": self._cluster.id, "node.id": self.id}
        written |= {"directory.id": new_id()} if "directory.id" in written else {}
        write_properties(data / "meta.properties", written)
        write_properties(self.directory / "server.properties", {**properties, "node.id": self.id, "log.dirs": data})
        (self.directory / "log4j2.properties").write_text(LOGGING)

    def begin(self):
        """Starts it without waiting for it."""
        command = [self._cluster.distribution.start_script, self.directory / "server.properties"]
        environment = self._cluster.distribution.environment(self.directory)
        name = f"broker {self.id}"
        self.process = Process(name, command, self.log_path, environment, self.directory)

    def start(self):
        """Starts it and waits until it takes part in the cluster."""
        self.begin()
        self.await_up()
        return self

    def await_up(self):
        wait_until(self.is_up, f"broker {self.id} takes part, see {self.log_path}", 60, alive=[self.process])

    def is_up(self):
        try:
            return self.id in cluster_metadata(self.port).brokers
        except OSError:
            return False

    def stop(self):
        """Ends it in order: it hands its partitions over first."""
        self.process.stop(60)

    def kill(self):
        """kill -9."""
        self.process.abandon()


class KafkaCluster:
    """Brokers of our own, on fixed ports, which keep their data over any end. Three replicate each partition thrice."""

    #: Nothing has to be set for the real thing.
    worker_settings = {}
    is_own = True
    is_kafka = True

    def __init__(self, directory, nodes=1, properties=None, listeners=None, distribution=None):
        """`listeners` are names and protocols beside the plain one, CLIENT, that the tests themselves use; `properties` add
        to the brokers' own."""
        self.distribution = distribution or Distribution.named()
        self.id = new_id()
        self.listeners = {"CLIENT": "PLAINTEXT", **(listeners or {})}
        self._directory = Path(directory)
        self._properties = properties or {}
        self.nodes = [KafkaNode(self, number, self._directory / f"broker-{number}") for number in range(1, nodes + 1)]
        self._is_prepared = False

    @property
    def name(self):
        count = len(self.nodes)
        return self.distribution.name if count == 1 else f"{self.distribution.name}, {count} brokers"

    @property
    def bootstrap(self):
        return self.bootstrap_of("CLIENT")

    def bootstrap_of(self, listener):
        return ",".join(f"127.0.0.1:{node.ports[listener]}" for node in self.nodes)

    @property
    def port(self):
        """Of the first broker."""
        return self.nodes[0].port

    @port.setter
    def port(self, number):
        """Before its first start."""
        self.nodes[0].ports["CLIENT"] = number

    @property
    def ports(self):
        """Of all brokers, for clients."""
        return [node.port for node in self.nodes]

    @property
    def process(self):
        """Of the first broker."""
        return self.nodes[0].process

    @property
    def log_paths(self):
        return [node.log_path for node in self.nodes if node.log_path.exists()]

    def start(self):
        """Starts those that do not run, and waits until all take part."""
        if not self._is_prepared:
            self._is_prepared = True
            for node in self.nodes:
                node.prepare(self._properties_of(node))
        for node in self.nodes:
            if not node.is_running:
                node.begin()
        for node in self.nodes:
            node.await_up()
        wait_until(self._is_complete, "all brokers know of each other", 60, [node.process for node in self.nodes])
        return self

    def stop(self):
        """Ends all in order."""
        for node in self.nodes:
            node.process.terminate()
        for node in self.nodes:
            node.process.wait(60)

    def abandon(self):
        for node in self.nodes:
            if node.process:
                node.kill()

    def metadata(self, with_topics=False):
        """As a broker that runs knows it."""
        for node in self.nodes:
            try:
                if node.is_running:
                    return cluster_metadata(node.port, with_topics)
            except OSError:
                continue
        raise OSError("no broker answers")

    def is_in_sync(self):
        """Whether every replica of every partition has all that its leader has."""
        try:
            partitions = self.metadata(with_topics=True).partitions
        except OSError:
            return False
        return all(each.leader > 0 and set(each.in_sync) == set(each.replicas) for each in partitions)

    def await_in_sync(self, timeout=60):
        wait_until(self.is_in_sync, "all replicas are in sync", timeout)

    def _is_complete(self):
        try:
            return all(len(cluster_metadata(node.port).brokers) == len(self.nodes) for node in self.nodes)
        except OSError:
            return False

    def _properties_of(self, node):
        copies = min(3, len(self.nodes))
        in_sync = max(1, copies - 1)
        addresses = {name: f"{name}://127.0.0.1:{node.ports[name]}" for name in self.listeners}
        controller = f"CONTROLLER://127.0.0.1:{node.ports['CONTROLLER']}"
        protocols = {**self.listeners, "CONTROLLER": "PLAINTEXT"}
        return {
            **PROPERTIES,
            "controller.quorum.voters": ",".join(f"{each.id}@127.0.0.1:{each.ports['CONTROLLER']}" for each in self.nodes),
            "listeners": ",".join([*addresses.values(), controller]),
            "advertised.listeners": ",".join(addresses.values()),
            "listener.security.protocol.map": ",".join(f"{name}:{protocol}" for name, protocol in protocols.items()),
            "default.replication.factor": copies,
            "min.insync.replicas": in_sync,
            "offsets.topic.replication.factor": copies,
            "transaction.state.log.replication.factor": copies,
            "transaction.state.log.min.isr": in_sync,
            "share.coordinator.state.topic.replication.factor": copies,
            "share.coordinator.state.topic.min.isr": in_sync,
            **self._properties,
        }


def new_id():
    """An id as Kafka writes them: 22 letters, none of them a dash in front, which a command would take for an option."""
    return "A" + base64.urlsafe_b64encode(uuid.uuid4().bytes).decode()[1:22]


def write_properties(path, properties):
    path.write_text("".join(f"{name}={value}\n" for name, value in properties.items()))


def read_properties(path):
    lines = [line.partition("=") for line in path.read_text().splitlines() if line and not line.startswith("#")]
    return {name: value for name, _, value in lines}
