"""Where the story plays: a folder with configuration and logs, a broker, the endpoint's simulator and a worker."""

import os
import signal
import socket
import subprocess

from stage.broker import shared_broker
from stage.processes import Process, clean_environment, free_port
from stage.tokens import TokenFile
from stage.topics import TopicReader, Topics
from stage.traffic import account_id
from stage.waiting import wait_until

from .ledger import Ledger
from .backends import compact
from .teller import Teller

#: What kafka.bootstrapServers, admin.port and `send-worker simulator` have as defaults.
DEFAULT_PORTS = 9092, 8080, 8090
#: The accounts that there are tokens for.
ACCOUNTS = [account_id(number) for number in range(1, 5)]
PATIENCE = 20


class Theatre:
    """Runs commands in its folder as a person would, and ends whatever it started."""

    def __init__(self, binary, directory, ports=None):
        self.directory = directory
        (directory / "bin").mkdir(parents=True)
        (directory / "bin" / "send-worker").symlink_to(binary)
        self.teller = Teller(transcript=directory / "transcript.log")
        self.ledger = Ledger()
        self.broker = shared_broker(directory / "broker")
        kafka, self.admin_port, self.simulator_port = ports or (free_port(), free_port(), free_port())
        if self.broker.is_own:
            self.broker.port = kafka
        self.topics = Topics(self.broker.bootstrap)
        self.tokens = TokenFile(directory / "tokens.yaml", ACCOUNTS)
        self.processes = []
        self._environment = clean_environment(PATH=f"{directory / 'bin'}:{os.environ['PATH']}")

    @property
    def admin(self):
        return f"http://127.0.0.1:{self.admin_port}"

    @property
    def simulator(self):
        return f"http://127.0.0.1:{self.simulator_port}/_simulator"

    def topic(self, name):
        """The records of a topic, by its configuration key, as an independent client reads them (read_committed)."""
        reader = TopicReader(self.broker.bootstrap, self.topic_names[name])
        try:
            return reader.read_to_end()
        finally:
            reader.close()

    @property
    def topic_names(self):
        """Their default names on a broker of our own; on a given one, names that nobody else uses."""
        own = {name: f"instagram.send.{name}" for name in ("requests", "results", "state")}
        own["deadLetters"] = "instagram.send.dead-letters"
        return own if self.broker.is_own else {name: self.topics.settings[f"topics.{name}"] for name in own}

    # Acting

    def write(self, name, *lines):
        """A file of the folder, an object or a text for each line."""
        texts = [line if isinstance(line, str) else compact(line) for line in lines]
        (self.directory / name).write_text("\n".join(texts) + "\n")

    def run(self, line, code=0):
        """Types a command, shows what it prints, and expects its exit code."""
        output, actual = self.execute(line)
        self.teller.command(line, output)
        assert actual == code, f"exit code {actual} instead of {code}: {line}\n{output}"
        return output

    def run_until(self, line, condition, what):
        """Types a command again and again until its output is as it should be, and shows the last time."""
        last = ""

        def is_met():
            nonlocal last
            last, _ = self.execute(line)
            return condition(last)

        try:
            wait_until(is_met, what, PATIENCE, self.processes)
        finally:
            self.teller.command(line, last)
        return last

    def start(self, name, line):
        """Starts a process as `LINE >> NAME.log 2>&1 &` does in a shell, but as a child of this one."""
        command = ["bash", "-c", f"exec {line}"]
        log = self.directory / f"{name}.log"
        process = Process(name, command, log, environment=self._environment, directory=self.directory)
        (self.directory / f"{name}.pid").write_text(f"{process.id}\n")
        self.processes.append(process)
        self.teller.command(f"{line} >> {name}.log 2>&1 & echo $! > {name}.pid")
        return process

    def ended(self, process):
        """Waits for a process that was told to end; its exit code."""
        code = process.wait(PATIENCE)
        self.processes.remove(process)
        return code

    def check(self, condition, text, seen=""):
        """A line with a check mark, if it is true."""
        assert condition, f"not so: {text}\n{seen}".rstrip()
        self.teller.check(text)

    def close(self):
        for process in [*self.processes, self.broker]:
            process.abandon()

    def execute(self, line):
        """Runs a command without telling of it; what it prints, its complaints included, and its exit code."""
        shell = subprocess.Popen(
            ["bash", "-c", line],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=self.directory,
            env=self._environment,
            start_new_session=True,
        )
        try:
            output, _ = shell.communicate(timeout=PATIENCE)
        except BaseException:
            os.killpg(shell.pid, signal.SIGKILL)
            shell.communicate()
            raise
        return output, shell.returncode


def is_free(port):
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
