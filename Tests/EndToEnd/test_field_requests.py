"""Requests as they come from backends in the field: `send-worker validate` says of each what is right.

The first byte of one line is a zero (a schema registry's prefix), so the file is read as bytes throughout.
"""

import csv
import json
import subprocess
from pathlib import Path

import pytest

REQUESTS = Path(__file__).resolve().parents[1] / "Fixtures/requests"
CASES = list(csv.DictReader((REQUESTS / "field.tsv").open(encoding="utf-8"), delimiter="\t", quoting=csv.QUOTE_NONE))

pytestmark = pytest.mark.timeout(60)


@pytest.fixture(scope="module")
def verdicts(binary) -> list[dict]:
    done = subprocess.run([binary, "validate", "--json", REQUESTS / "field.ndjson"], capture_output=True, timeout=50)
    assert done.returncode == 1, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_every_line_has_a_verdict(verdicts):
    assert len(CASES) > 100
    assert len(verdicts) == len(CASES) == len((REQUESTS / "field.ndjson").read_bytes().splitlines())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_the_verdict_is_right(verdicts, case):
    verdict = verdicts[int(case["line"]) - 1]
    assert verdict["valid"] == (case["expected"] == "valid"), verdict
    rules = [rule for rule in case["rule (any of)"].split("|") if rule]
    if verdict["valid"] or not rules:
        return
    # A part of a member that is wrong as a whole may be what is named.
    below = (case["field"], case["field"] + "/")
    fitting = [v for v in verdict["violations"] if v["rule"] in rules]
    assert any(v["field"] == below[0] or v["field"].startswith(below[1]) for v in fitting), verdict


def test_a_token_in_the_body_is_not_repeated(verdicts):
    line = next(int(case["line"]) for case in CASES if case["case"] == "access-token-in-body")
    assert "IGAAnotatoken" not in json.dumps(verdicts[line - 1])
