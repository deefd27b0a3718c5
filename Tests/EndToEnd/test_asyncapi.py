"""The AsyncAPI document keeps the official schema of its version (Tests/Fixtures/asyncapi), and says what the topics hold."""

import copy
import gzip
import json
from pathlib import Path

import jsonschema
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
OFFICIAL = ROOT / "Tests/Fixtures/asyncapi/3.0.0.schema.json.gz"

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(scope="module")
def validator() -> jsonschema.protocols.Validator:
    schema = json.loads(gzip.decompress(OFFICIAL.read_bytes()))
    return jsonschema.validators.validator_for(schema)(schema)


@pytest.fixture(scope="module")
def document() -> dict:
    return yaml.safe_load((ROOT / "schemas/asyncapi.yaml").read_text())


def faults(validator, document) -> list[str]:
    return [f"{fault.json_path}: {fault.message[:200]}" for fault in validator.iter_errors(document)]


def test_the_document_keeps_the_official_schema(validator, document):
    assert document["asyncapi"] == "3.0.0"
    assert faults(validator, document) == []


def test_the_official_schema_refuses_what_is_wrong(validator, document):
    for message in ("sendRequest", "sendResult"):
        wrong = copy.deepcopy(document)
        # Both branches of the binding's key, a schema and a reference, take a reference: that is one too many.
        wrong["components"]["schemas"]["accountKey"] = {"type": "string"}
        wrong["components"]["messages"][message]["bindings"]["kafka"]["key"] = {"$ref": "#/components/schemas/accountKey"}
        assert len(faults(validator, wrong)) == 1
    wrong = copy.deepcopy(document)
    wrong["operations"]["publishResult"]["action"] = "publish"
    assert faults(validator, wrong)


def test_every_reference_leads_somewhere(document):
    def references(value):
        if isinstance(value, dict):
            yield from ([value["$ref"]] if isinstance(value.get("$ref"), str) else [])
        for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            yield from references(child)

    found = set(references(document))
    assert len(found) > 10
    for reference in found:
        file, _, pointer = reference.partition("#")
        if file:
            assert (ROOT / "schemas" / file).exists(), reference
            continue
        target = document
        for step in pointer.strip("/").split("/"):
            target = target[step]
