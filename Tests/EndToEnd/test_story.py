"""A day on call from the first topic to the last balance, with the commands that the documentation shows."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from stage.processes import clean_environment
from story.page import commands

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs/walkthrough.md"


def tell(binary, directory, *arguments):
    """Runs the story as `make story` does, on ports of its own."""
    given = {name: os.environ[name] for name in ("KAFKA_BOOTSTRAP_SERVERS", "KAFKA_HOME", "JAVA_HOME") if name in os.environ}
    command = [sys.executable, "-m", "story", "--binary", binary, "--directory", directory, "--free-ports", *arguments]
    return subprocess.run(
        [str(part) for part in command],
        cwd=HERE,
        env=clean_environment(**given),
        capture_output=True,
        text=True,
        timeout=140,
    )


@pytest.mark.timeout(150)
def test_the_story_holds_and_the_page_shows_the_commands_that_it_runs(binary, tmp_path):
    told = tell(binary, tmp_path / "play", "--markdown", tmp_path / "page.md")
    assert told.returncode == 0, told.stdout[-8_000:] + told.stderr
    page = (tmp_path / "page.md").read_text()
    assert commands(PAGE.read_text()) == commands(page), "refresh it with: make story MARKDOWN=docs/walkthrough.md"


@pytest.mark.timeout(60)
def test_a_story_that_breaks_off_names_the_step_and_the_logs(tmp_path):
    told = tell("/bin/false", tmp_path / "play")
    assert told.returncode == 1
    assert "✓" not in told.stdout
    assert 'broke off in step "1. Before the shift' in told.stderr and "topics create" in told.stderr
    assert str(tmp_path / "play") in told.stderr and (tmp_path / "play/transcript.log").exists()
