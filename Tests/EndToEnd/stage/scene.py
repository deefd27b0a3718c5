"""What one test plays with: its topics, tokens, simulator and workers, all of which it ends itself."""

import subprocess

from .processes import clean_environment
from .simulator import Simulator
from .tokens import TokenFile
from .topics import Topics
from .traffic import account_id
from .worker import Worker, set_options

PARTITIONS = 6


class Scene:
    def __init__(self, binary, broker, directory, guarantee="exactly_once"):
        self.binary = binary
        self.broker = broker
        self.directory = directory
        self.guarantee = guarantee
        self.topics = Topics(broker.bootstrap)
        self.tokens = TokenFile(directory / "tokens.json", [account_id(number) for number in range(50)])
        self.simulator = Simulator(binary, directory / "simulator.log")
        #: What the admin pages showed when workers were told to stop, or when a test asked.
        self.pages = []
        self._workers = []
        self._others = []
        self._readers = {}

    # What the worker is told

    @property
    def kafka_settings(self):
        return {
            "kafka.bootstrapServers": self.broker.bootstrap,
            **self.topics.settings,
            **self.broker.worker_settings,
        }

    @property
    def settings(self):
        return {
            **self.kafka_settings,
            "delivery.guarantee": self.guarantee,
            "graph.baseURL": self.simulator.url,
            "validation.allowPrivateHosts": "true",
            "media.preflight": "false",
            "tokens.file": self.tokens.path,
        }

    # Acting

    def start_other_simulator(self, *arguments):
        """Another endpoint beside the one that all accounts use which have none of their own."""
        log_path = self.directory / f"simulator-{len(self._others) + 2}.log"
        self._others.append(Simulator(self.binary, log_path).start(*arguments))
        return self._others[-1]

    def command(self, *arguments, text=None, environment=None, timeout=60):
        """Runs a command to its end."""
        return subprocess.run(
            [str(self.binary), *(str(argument) for argument in arguments)],
            input=text,
            stdin=subprocess.DEVNULL if text is None else None,
            capture_output=True,
            text=True,
            timeout=timeout,
            env=clean_environment(**(environment or {})),
        )

    def create_topics(self):
        done = self.command("topics", "create", "--partitions", PARTITIONS, *set_options(self.kafka_settings))
        assert done.returncode == 0, done.stdout + done.stderr
        return done

    def start_worker(self, settings=None, *arguments):
        """Starts a worker without waiting for it."""
        name = f"worker-{len(self._workers) + 1}"
        worker = Worker(self.binary, {**self.settings, **(settings or {})}, self.directory / f"{name}.log", name, arguments)
        self._workers.append(worker)
        return worker

    def stop_worker(self, worker):
        """Keeps what the worker's pages show, ends it in order, and expects that it ends well."""
        self.keep_pages(worker)
        code = worker.stop()
        assert code == 0, f"the worker ended with {code}; its last lines:\n" + "\n".join(worker.log_lines[-10:])

    def keep_pages(self, worker):
        for path in ("/", "/metrics", "/api/status", "/healthz", "/readyz"):
            page = worker.page(path)
            if page is not None:
                self.pages.append(page.content)

    # Looking

    @property
    def results(self):
        return self._reader(self.topics.results)

    @property
    def dead_letters(self):
        return self._reader(self.topics.dead_letters)

    def forget_readers(self):
        """Lets readers connect anew, after the broker was away."""
        for reader in self._readers.values():
            reader.close()
        self._readers = {}

    @property
    def logs(self):
        """Every log file, broker's included."""
        return [*sorted(self.directory.glob("*.log")), *self.broker.log_paths]

    def statuses(self):
        """Name and status page of each worker that still answers."""
        pages = [(worker.process.name, worker.page("/api/status")) for worker in self._workers]
        return [(f"status of {name}", page.text) for name, page in pages if page is not None]

    def close(self):
        self.forget_readers()
        for part in [*self._workers, self.simulator, *self._others]:
            part.abandon()

    def check_secrets(self):
        """No token stands in any log or page of this scene."""
        for log in self.directory.glob("*.log"):
            assert not self.tokens.found_in(log.read_bytes()), f"a token stands in {log}"
        for page in self.pages:
            assert not self.tokens.found_in(page), f"a token stands in an admin page: {page[:200]}"

    def _reader(self, topic):
        if topic not in self._readers:
            self._readers[topic] = self.topics.reader(topic)
        return self._readers[topic]
