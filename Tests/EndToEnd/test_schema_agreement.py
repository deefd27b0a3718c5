"""The worker's rules and the published schema, judged by an independent validator, agree on every request.

    SCHEMA_AGREEMENT_CASES=200000 SCHEMA_AGREEMENT_SEED=7 python -m pytest Tests/EndToEnd/test_schema_agreement.py

The rules by which they may differ are those of the table in schemas/README.md, and only in the cases made for them.
"""

import json
import os
import re
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import jsonschema
import pytest

import agreement_cases
from agreement_cases import Case

ROOT = Path(__file__).resolve().parents[2]
CASES = int(os.environ.get("SCHEMA_AGREEMENT_CASES", "20000"))
SEED = int(os.environ.get("SCHEMA_AGREEMENT_SEED", "1"))
TIME_LIMIT = 120 + CASES / 100
# What no file can hold: a record without a value.
NEVER_IN_A_FILE = {"record.missing"}
# What only the worker's preflight tells, by asking the servers of the files.
PREFLIGHT = "media."

pytestmark = pytest.mark.timeout(2 * TIME_LIMIT)


@dataclass(frozen=True)
class Judged:
    """A case with both verdicts."""

    case: Case
    rules: frozenset[str]
    worker_accepts: bool
    schema_accepts: bool

    @property
    def text(self) -> str:
        verdicts = f"worker {'accepts' if self.worker_accepts else sorted(self.rules)}"
        verdicts += f", schema {'accepts' if self.schema_accepts else 'refuses'}"
        return f"{self.case.change}: {verdicts}\n    {self.case.record[:600].decode(errors='replace')}"


def worker_verdicts(binary: Path, cases: list[Case]) -> list[dict]:
    lines = b"\n".join(case.record for case in cases)
    run = subprocess.run([binary, "validate", "--json"], input=lines, capture_output=True, timeout=TIME_LIMIT)
    assert run.returncode == 1, f"exit code {run.returncode}: {run.stderr.decode(errors='replace')[:2000]}"
    verdicts = [json.loads(line) for line in run.stdout.splitlines()]
    assert [verdict["location"] for verdict in verdicts] == [f"standard input:{n + 1}" for n in range(len(cases))]
    return verdicts


def schema_accepts(validator: jsonschema.Draft202012Validator, record: bytes) -> bool:
    try:
        return validator.is_valid(json.loads(record))
    except ValueError:
        return False


@pytest.fixture(scope="module")
def gaps() -> dict[str, str]:
    """The table of schemas/README.md: rule id and what the schema does about the rule."""
    text = (ROOT / "schemas/README.md").read_text()
    rows = re.findall(r"^\| `([a-z_.]+)` \| (nothing|a part|stricter) \|", text, re.MULTILINE)
    assert rows and len(dict(rows)) == len(rows)
    return dict(rows)


@pytest.fixture(scope="module")
def judged(binary) -> list[Judged]:
    schema = json.loads((ROOT / "schemas/request.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    cases = list(agreement_cases.listed_cases(SEED))
    cases += [agreement_cases.random_case(SEED, index) for index in range(max(CASES - len(cases), CASES // 2))]
    return [
        Judged(
            case,
            frozenset(violation["rule"] for violation in verdict.get("violations", [])),
            verdict["valid"],
            schema_accepts(validator, case.record),
        )
        for case, verdict in zip(cases, worker_verdicts(binary, cases), strict=True)
    ]


def report(wrong: list[Judged]) -> str:
    return f"{len(wrong)} cases, seed {SEED}:\n" + "\n".join(one.text for one in wrong[:20])


def test_worker_and_schema_agree_on_every_request(judged):
    agreeing = [one for one in judged if one.case.gap is None]
    wrong = [one for one in agreeing if one.worker_accepts != one.schema_accepts]
    assert not wrong, report(wrong)
    valid = sum(one.worker_accepts for one in agreeing)
    print(f"{len(judged)} requests: {valid} valid, {len(agreeing) - valid} invalid, {len(judged) - len(agreeing)} gaps")
    assert len(agreeing) / 5 < valid < len(agreeing) * 4 / 5


def test_requests_that_were_left_unchanged_are_valid(judged):
    unchanged = [one for one in judged if one.case.change in ("none", "null for absent")]
    wrong = [one for one in unchanged if not one.worker_accepts]
    assert {one.case.change for one in unchanged} == {"none", "null for absent"}
    assert not wrong, report(wrong)


def test_a_listed_gap_is_exactly_what_the_table_says(judged, gaps):
    for one in judged:
        if one.case.gap is None:
            continue
        assert one.case.gap in gaps, f"schemas/README.md does not list {one.case.gap}: {one.text}"
        if gaps[one.case.gap] == "stricter":
            assert one.worker_accepts and not one.schema_accepts, one.text
        else:
            assert one.rules == {one.case.gap} and one.schema_accepts, one.text


def test_the_table_lists_no_rule_that_the_schema_expresses(judged, gaps):
    shown = Counter(one.case.gap for one in judged)
    assert [rule for rule in gaps if not shown[rule]] == []
    expressed = {next(iter(one.rules)) for one in judged if len(one.rules) == 1 and not one.schema_accepts}
    assert {rule for rule, share in gaps.items() if share != "nothing"} - expressed == set()
    silent = {rule for rule, share in gaps.items() if share == "nothing"}
    assert silent & expressed == set()


def test_every_rule_is_broken_by_some_request(judged):
    limits = (ROOT / "schemas/LIMITS.md").read_text()
    rules = set(re.findall(r"^\| `([a-z_.]+)` \|", limits, re.MULTILINE))
    assert len(rules) > 50
    broken = {rule for one in judged for rule in one.rules}
    assert broken <= rules
    preflight = {rule for rule in rules if rule.startswith(PREFLIGHT)}
    assert preflight and rules - broken == NEVER_IN_A_FILE | preflight


def test_the_rules_that_need_the_network_are_listed(gaps):
    text = (ROOT / "schemas/README.md").read_text()
    sentence = re.search(r"^Neither `validate` nor the schema checks ([^:]*):", text, re.MULTILINE)
    listed = re.findall(r"`([a-z_.]+)`", sentence[1])
    limits = (ROOT / "schemas/LIMITS.md").read_text()
    assert listed == re.findall(rf"^\| `({re.escape(PREFLIGHT)}[a-z_]+)` \|", limits, re.MULTILINE)
    assert not set(listed) & gaps.keys()
