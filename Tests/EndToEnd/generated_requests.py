"""Runs in the environment of the type generators: reads requests and prints what the generated types write of them.

    python generated_requests.py MODELS TYPES < requests.ndjson

MODELS and TYPES are the modules that datamodel-code-generator and jsonschema-gentypes made. Each request is printed as the
models write it, with the members that are absent as null and without them, and as the dictionary that the types describe.
"""

import json
import sys
import typing
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pydantic


def load(path: str, name: str) -> ModuleType:
    """A generated module, with the typed dictionaries of typing_extensions: those of older Pythons cannot be checked."""
    module = ModuleType(name)
    sys.modules[name] = module
    source = Path(path).read_text().replace("from typing import", "from typing_extensions import")
    exec(compile(source, path, "exec"), vars(module))
    return module


def checker(types: ModuleType) -> pydantic.TypeAdapter:
    """Tells whether a dictionary is what the module calls SendRequest: a union of names that stand further below."""
    holder = type("Holder", (), {"__annotations__": {"request": types.SendRequest}})
    return pydantic.TypeAdapter(typing.get_type_hints(holder, vars(types), include_extras=True)["request"])


def refuses(wrong: dict, validate: Callable[[dict], object]) -> bool:
    try:
        validate(wrong)
    except pydantic.ValidationError:
        return True
    return False


def built(models: ModuleType) -> list[pydantic.BaseModel]:
    """Requests that are made of the models' own constructors, as a backend does."""
    envelope = {"request_id": "built", "account_id": "17841400000000001"}
    button = models.Button(models.WebURLButton(type="web_url", title="Open", url="https://example.com"))
    template = models.ButtonTemplate(template_type="button", text="Which?", buttons=[button])
    attachment = models.TemplateAttachment(type="template", payload=models.Template(template))
    message = models.AttachmentMessage(attachment=models.Attachment(attachment))
    person = models.PersonRecipient(id="90210")
    return [
        models.MessageRequest(
            **envelope, recipient=models.Recipient(person), message=models.Message(message), sender=models.Sender.bot
        ),
        models.ActionRequest(**envelope, recipient=person, sender_action="typing_on"),
    ]


def main() -> None:
    models = load(sys.argv[1], "models")
    dictionaries = checker(load(sys.argv[2], "types_of_requests"))
    for line in sys.stdin:
        request = json.loads(line)
        model = models.SendRequest.model_validate(request)
        print(model.model_dump_json())
        print(model.model_dump_json(exclude_none=True))
        dictionaries.validate_python(request)
        print(json.dumps(request))
    for model in built(models):
        print(model.model_dump_json())
    person = {"request_id": "r", "account_id": "1", "recipient": {"id": "1"}}
    for wrong in (
        person,
        person | {"message": {"text": 1}},
        person | {"message": {"text": "a"}, "sender": "machine"},
        person | {"message": {"attachment": {"type": "gif", "payload": {"url": "https://example.com"}}}},
        person | {"sender_action": "react"},
    ):
        for validate in (models.SendRequest.model_validate, dictionaries.validate_python):
            if not refuses(wrong, validate):
                sys.exit(f"the generated types take {json.dumps(wrong)}")


main()
