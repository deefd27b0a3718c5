"""Where everything is measured: one broker, one nginx, fresh topics for each run, and the programs in C."""

import http.client
import json
import subprocess
from pathlib import Path

from nginx import Nginx
from stage.broker import shared_broker
from stage.processes import Process, free_port
from stage.topics import Topics
from stage.waiting import wait_until
from stage.worker import Worker, set_options
from stand import listens

SOURCES = Path(__file__).resolve().parent
ACCOUNTS = 500
PARTITIONS = 6
#: An account's limit is not what is measured.
MESSAGES_PER_SECOND = 100_000


class Place:
    """Has what runs need, and ends it. Everything is on loopback."""

    def __init__(self, folder: Path, binary: str):
        self.folder, self.binary = folder, Path(binary).resolve()
        self._opened = []
        self._runs = 0
        self.floor = self.compile("floor", ["floor.c", "floor_calls.c", "floor_kafka.c"])
        self.load = self.compile("load", ["load.c"])
        self.stub = self.compile("stub", ["stub.c"])
        self.tokens = folder / "tokens.json"
        self.tokens.write_text(json.dumps({str(17841400000000000 + account): "bench-token" for account in range(ACCOUNTS)}))
        self.broker = shared_broker(folder / "broker")

    def __enter__(self):
        try:
            self.broker.start()
            self.nginx = Nginx(self.folder)
        except BaseException:
            self.broker.abandon()
            raise
        return self

    def __exit__(self, *_):
        self.end_run()
        self.nginx.stop()
        self.broker.abandon()

    def start(self, name, command, environment=None):
        """A process of this run, with a log of its own."""
        self._runs += 1
        process = Process(name, command, self.folder / f"{name}-{self._runs}.log", environment)
        self._opened.append(process)
        return process

    def start_stub(self, delay_ms, stamps=None):
        """The stand-in for Graph that takes its time and remembers it."""
        stub = Stub(self, delay_ms, stamps)
        wait_until(lambda: listens(stub.port), "the stub", alive=[stub.process])
        return stub

    def start_worker(self, topics, url, guarantee, **settings):
        self._runs += 1
        all_settings = {**self.settings(topics, url, guarantee), **settings}
        worker = Worker(self.binary, all_settings, self.folder / f"worker-{self._runs}.log")
        self._opened.append(worker.process)
        return worker

    def settings(self, topics, url, guarantee):
        return {
            "kafka.bootstrapServers": self.broker.bootstrap,
            **topics.settings,
            **self.broker.worker_settings,
            "delivery.guarantee": guarantee,
            "graph.baseURL": url,
            "graph.caFile": self.nginx.authority,
            "validation.allowPrivateHosts": "true",
            "tokens.file": self.tokens,
            "limits.messagesPerSecond": MESSAGES_PER_SECOND,
        }

    def fresh_topics(self, messages=0):
        """Topics that nobody else uses, with so many requests."""
        topics = Topics(self.broker.bootstrap)
        settings = {"kafka.bootstrapServers": self.broker.bootstrap, **topics.settings}
        self._run([self.binary, "topics", "create", "--partitions", PARTITIONS, *set_options(settings)], 60)
        if messages:
            self.publish(topics, messages)
        return topics

    def publish(self, topics, messages):
        self._run([self.load, "publish", self.broker.bootstrap, topics.requests, ACCOUNTS, messages], 120)

    def start_publisher(self, topics, messages, rate, warm_up, stamps):
        """Publishes so many a second, none in a batch with another; the first ones at half of the pace."""
        words = ["publish", self.broker.bootstrap, topics.requests, ACCOUNTS, messages, rate, warm_up, stamps]
        return self.start("publisher", [self.load, *words])

    def end_run(self):
        """Ends the processes of a run that are still there, last ones first."""
        for process in reversed(self._opened):
            process.terminate()
            try:
                process.wait(20)
            except AssertionError:
                process.abandon()
        self._opened = []

    def compile(self, name, sources, *options):
        """Gives the path of the program."""
        words = ["pkg-config", "--cflags", "--libs", "rdkafka"]
        libraries = subprocess.run(words, check=True, capture_output=True, text=True).stdout.split()
        checks = ["-std=gnu11", "-O2", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Werror", "-pthread", *options]
        program = self.folder / name
        subprocess.run(["cc", *checks, "-o", program, *(SOURCES / source for source in sources), *libraries], check=True)
        return program

    def _run(self, command, limit):
        words = [str(word) for word in command]
        done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=limit)
        if done.returncode:
            raise AssertionError(f"{Path(words[0]).name} {words[1]} ended with {done.returncode}: {done.stdout[-1_500:]}")


class Stub:
    """stub.c as a process."""

    def __init__(self, place, delay_ms, stamps):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        command = [place.stub, self.port, delay_ms, *([stamps] if stamps else [])]
        self.process = place.start("stub", command)
        self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)

    def calls(self):
        """How many requests have come."""
        self._connection.request("GET", "/")
        return int(self._connection.getresponse().read())
