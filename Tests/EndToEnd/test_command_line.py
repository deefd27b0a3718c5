"""The command line itself: help, bad usage, completion, and where the output goes.

`expected/help.txt` and `expected/usage.txt` hold what the binary says; RECORD=1 writes them anew, for a look at the difference.
"""

import os
import re
import shlex
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from stage.processes import clean_environment

EXPECTED = Path(__file__).parent / "expected"
COMMANDS = ["", "run", "demo", "simulator", "publish", "results", "dead-letters", "dead-letters list", "dead-letters redrive"]
COMMANDS += ["resume", "validate", "schema", "topics", "topics create", "config"]
USAGE = [
    "--hlp",
    "reuslts",
    "run extra",
    "run extra more",
    "publish --x",
    "publish --no-validat",
    "results --format",
    "results --statu sent",
    "results --status",
    "results --status snt",
    "results --from never",
    "results --limit 0",
    "simulator --port",
    "simulator --port x",
    "simulator --port -1",
    "simulator --port=70000",
    "simulator --unlimited=yes",
    "--port 1",
    "topics make",
    "redrive",
    "topics creat",
    "topics create --partitions 0",
    "dead-letters redriv",
    "dead-letters list --since x",
    "dead-letters list --since 2026-11-22T00:00:00Z --until 2026-11-21T00:00:00Z",
    "dead-letters list --counts --follow",
    "publish --json",
    "publish --timeout 0s --wait",
    "config --set",
    "config --set a",
    "config --set retry.maxDelays=3s",
    "config --check --example",
    "resume --set admin.token=x",
    "validate",
    "validate missing.json",
    "validate -- -x.json",
    "validate -x.json",
    "validate --explain nothing",
    "schema nothing",
    "--generate-completion-script tcsh",
]


@pytest.fixture
def say(binary, tmp_path):
    """Runs the binary with words and gives what it came to."""

    def run(*words, environment=None, **options):
        options.setdefault("stdin", subprocess.DEVNULL)
        options.setdefault("stdout", subprocess.PIPE)
        return subprocess.run(
            [binary, *words],
            stderr=subprocess.PIPE,
            cwd=tmp_path,
            env=clean_environment(**{"SHELL": "/bin/sh", **(environment or {})}),
            timeout=20,
            **options,
        )

    return run


def compare(name, text):
    """Compares a text with a file of `expected`, or writes it there."""
    path = EXPECTED / name
    if os.environ.get("RECORD"):
        path.write_text(text)
    assert text == path.read_text(), f"not as in {path}; RECORD=1 writes it anew"


@pytest.mark.timeout(60)
def test_help_is_what_it_was(say):
    text = ""
    for command in COMMANDS:
        done = say(*command.split(), "--help")
        assert done.returncode == 0 and done.stderr == b"", done.stderr
        assert say("help", *command.split()).stdout == done.stdout
        assert say(*command.split(), "-h").stdout == done.stdout
        text += f"==== send-worker {command}\n{done.stdout.decode()}"
    compare("help.txt", text)


@pytest.mark.timeout(60)
def test_bad_usage_is_said_as_it_was(say):
    text = ""
    for words in USAGE:
        done = say(*words.split())
        assert done.returncode == 2 and done.stdout == b"", f"{words}: {done}"
        text += f"==== {words}\n{done.stderr.decode()}"
    compare("usage.txt", re.sub(r"(?<=the rules are: ).*", "...", text))


@pytest.mark.timeout(30)
def test_a_group_without_a_command_shows_its_help(say):
    for group in ["", "topics", "dead-letters"]:
        done = say(*group.split())
        assert done.returncode == 0 and done.stdout == say(*group.split(), "--help").stdout


@pytest.mark.timeout(30)
def test_the_version_is_told_at_each_level(say):
    versions = {say(*command.split(), "--version").stdout for command in COMMANDS}
    assert len(versions) == 1 and re.fullmatch(rb"\d+\.\d+\.\d+\n", versions.pop())


@pytest.mark.timeout(30)
@pytest.mark.parametrize("columns, width", [("100", 100), ("60", 60), ("5", 40), ("0", 80), ("abc", 80), ("", 80)])
def test_help_is_as_wide_as_columns_says(say, columns, width):
    overview = say("run", "--help", environment={"COLUMNS": columns}).stdout.decode().partition("USAGE")[0]
    widest = max(len(line) for line in overview.splitlines())
    assert width - 10 < widest <= width


@pytest.mark.timeout(30)
def test_an_argument_that_is_not_utf8_is_named_by_its_place(say):
    done = say("validate", b"caf\xe9.json")
    assert done.returncode == 2
    assert done.stderr.startswith(b"Error: Argument 2 is not UTF-8")


@pytest.mark.timeout(30)
@pytest.mark.parametrize("words", [["--help"], ["schema", "request"], ["validate", "requests.ndjson"], ["config"]])
def test_output_that_cannot_be_written_is_a_failure(say, tmp_path, words):
    (tmp_path / "requests.ndjson").write_text('{"request_id":"r"}\n' * 1_000)
    with open("/dev/full", "wb") as full:
        done = say(*words, stdout=full)
    assert done.returncode == 1
    assert done.stderr.decode().splitlines()[-1] == "send-worker: standard output cannot be written: No space left on device"


@pytest.mark.timeout(30)
@pytest.mark.parametrize("words", [["--help"], ["validate", "requests.ndjson"]])
def test_a_reader_that_goes_away_ends_the_command_quietly(say, tmp_path, words):
    (tmp_path / "requests.ndjson").write_text('{"request_id":"r"}\n' * 20_000)
    read, write = os.pipe()
    os.close(read)
    done = say(*words, stdout=write)
    os.close(write)
    assert done.returncode == -signal.SIGPIPE
    assert done.stderr == b""


# Completion


@pytest.mark.timeout(30)
@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_are_valid(say, tmp_path, shell):
    script = say("--generate-completion-script", shell)
    assert script.returncode == 0 and script.stderr == b""
    assert say("run", f"--generate-completion-script={shell}").stdout == script.stdout
    assert say("--generate-completion-script", environment={"SHELL": f"/usr/bin/{shell}"}).stdout == script.stdout
    if not shutil.which(shell):
        return
    path = tmp_path / "completion"
    path.write_bytes(script.stdout)
    checked = subprocess.run([shell, "-n", path], capture_output=True, timeout=20)
    assert checked.returncode == 0 and checked.stderr == b"", checked.stderr


@pytest.fixture
def complete(say, tmp_path):
    """What bash, without configuration or add-on, completes a line to."""
    script = tmp_path / "completion.bash"
    script.write_bytes(say("--generate-completion-script", "bash").stdout)

    def run(line):
        words = [word for word in re.split(r"(=|:)|\s+", line) if word]
        if line.endswith(" "):
            words.append("")
        call = f"""
            source {script}
            COMP_LINE={shlex.quote(line)} COMP_POINT={len(line)} COMP_CWORD={len(words) - 1}
            COMP_WORDS=({" ".join(map(shlex.quote, words))})
            _send_worker send-worker "${{COMP_WORDS[COMP_CWORD]}}" "${{COMP_WORDS[COMP_CWORD - 1]}}"
            printf '%s\\n' "${{COMPREPLY[@]}}"
        """
        done = subprocess.run(["bash", "--norc", "-c", call], cwd=tmp_path, capture_output=True, text=True, timeout=20)
        assert done.returncode == 0 and done.stderr == "", done.stderr
        return set(done.stdout.split("\n")) - {""}

    return run


@pytest.mark.timeout(30)
def test_bash_completes_commands_options_and_values(complete):
    assert complete("send-worker ") >= {"run", "demo", "dead-letters", "config", "help"}
    assert complete("send-worker dead-letters ") >= {"list", "redrive"}
    assert complete("send-worker help dead-letters r") == {"redrive"}
    assert complete("send-worker simulator --") == {
        "--host", "--port", "--seed", "--unlimited", "--app-secret", "--version", "--help",
    }
    assert complete("send-worker topics create --part") == {"--partitions"}
    assert complete("send-worker results --status s") == {"sent"}
    assert complete("send-worker results --status=f") == {"failed"}
    assert complete("send-worker schema re") == {"request", "request-types", "result"}
    assert complete("send-worker validate --explain text.too_l") == {"text.too_long"}
    assert complete("send-worker --config x.yaml topics c") == {"create"}


@pytest.mark.timeout(30)
def test_bash_completes_files_by_their_extension(complete, tmp_path):
    for name in ["worker.yaml", "other.yml", "requests.ndjson", "notes.txt"]:
        (tmp_path / name).touch()
    (tmp_path / "folder").mkdir()
    assert complete("send-worker run --config ") == {"worker.yaml", "other.yml", "folder"}
    assert complete("send-worker run --config=w") == {"worker.yaml"}
    assert complete("send-worker publish ") == {"requests.ndjson", "folder"}
    assert complete("send-worker dead-letters redrive --state n") == {"notes.txt"}
