"""Types that generators make of schemas/request-types.schema.json write requests that the worker accepts."""

import json
import subprocess
from pathlib import Path
from random import Random

import jsonschema
import pytest

import agreement_requests

ROOT = Path(__file__).resolve().parents[2]
SCHEMA = ROOT / "schemas/request-types.schema.json"
PYTHON = ROOT / ".venv-generators/bin/python"
CONDITIONS = {"if", "then", "else", "not", "allOf", "anyOf", "dependentRequired", "dependentSchemas", "patternProperties"}

pytestmark = pytest.mark.timeout(240)


@pytest.fixture(scope="module")
def schema() -> dict:
    return json.loads(SCHEMA.read_text())


def run(*arguments: object, text: str | None = None) -> str:
    done = subprocess.run([*map(str, arguments)], input=text, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def examples() -> list[dict]:
    return [json.loads(file.read_text()) for file in sorted((ROOT / "schemas/examples/requests").glob("*.json"))]


def drawn() -> list[dict]:
    """Valid requests of every kind. Their moments are such as every language's types hold: no leap second, no nanosecond."""
    random = Random(7)
    requests = [agreement_requests.request(random, kind) for kind in agreement_requests.KINDS * 8]
    moments = ("last_inbound_at", "window_expires_at", "expires_at")
    return [request | {name: "2099-06-30T12:00:00.5+02:00" for name in moments if name in request} for request in requests]


@pytest.fixture(scope="module")
def written(tmp_path_factory) -> list[str]:
    """What the generated types write of the examples and of drawn requests."""
    if not PYTHON.exists():
        pytest.fail(f"{PYTHON} is missing; run: Tests/Tools/setup")
    folder = tmp_path_factory.mktemp("generated")
    models, types = folder / "models.py", folder / "request_types.py"
    generate = [PYTHON, "-m", "datamodel_code_generator", "--input", SCHEMA, "--input-file-type", "jsonschema"]
    run(*generate, "--output-model-type", "pydantic_v2.BaseModel", "--formatters", "builtin", "--output", models)
    run(PYTHON.parent / "jsonschema-gentypes", "--json-schema", SCHEMA, "--python", types)
    for name in ("MessageRequest", "ImageAttachment", "PostbackButton"):
        assert f"class {name}(BaseModel)" in models.read_text()
        assert f"class {name}(TypedDict" in types.read_text()
    lines = "".join(json.dumps(request) + "\n" for request in examples() + drawn())
    script = Path(__file__).with_name("generated_requests.py")
    return run(PYTHON, script, models, types, text=lines).splitlines()


def test_what_generated_types_write_is_accepted(binary, written):
    assert len(written) > 3 * len(examples() + drawn())
    assert any('"tag":null' in line for line in written)
    done = subprocess.run([binary, "validate"], input="\n".join(written), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout[:3000] + done.stderr
    assert f"{len(written)} of {len(written)} requests are valid" in done.stdout


def test_the_schema_is_structure_only(schema):
    def parts(value):
        if isinstance(value, dict):
            yield value
        for child in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            yield from parts(child)

    jsonschema.Draft202012Validator.check_schema(schema)
    names = {name.lower() for name in schema["$defs"]}
    for part in parts(schema):
        assert not CONDITIONS & part.keys(), part
        # Every object has a name of its own; a context is the caller's.
        if "properties" in part and part.get("type") == "object":
            assert part["title"].replace(" ", "").lower() in names, part
    for union in (part for part in schema["$defs"].values() if "discriminator" in part):
        member = union["discriminator"]["propertyName"]
        variants = [schema["$defs"][branch["$ref"].rpartition("/")[2]] for branch in union["oneOf"]]
        values = [variant["properties"][member]["const"] for variant in variants]
        assert len(set(values)) == len(values) > 1


def test_the_schema_takes_whatever_the_rules_take(schema):
    validator = jsonschema.Draft202012Validator(schema)
    for request in examples() + drawn():
        assert validator.is_valid(request), request


def test_both_schemas_name_the_same_members(schema):
    rules = json.loads((ROOT / "schemas/request.schema.json").read_text())
    requests = [schema["$defs"][branch["$ref"].rpartition("/")[2]] for branch in schema["oneOf"]]
    assert set().union(*(request["properties"] for request in requests)) == set(rules["properties"])
