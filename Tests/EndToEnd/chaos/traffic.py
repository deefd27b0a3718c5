"""Requests of many kinds, drawn from a seed, and what is known about each."""

import json
import random
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from stage.traffic import account_id, recipient_id

ACCOUNTS = 40
CONVERSATIONS = 6
#: The share of the account that has the most to say, so that its limit binds.
BUSIEST_SHARE = 0.12
#: What tells a request in a call: its name, or the recipient that only it has (typing has nothing else to tell it by).
MARKER = re.compile(rb"q\d{7}|7700\d{7}")


@dataclass
class Asked:
    """A record as it was published."""

    name: str
    key: bytes
    value: bytes
    marker: str | None = None
    account: str | None = None
    recipient: str | None = None
    kind: str = "malformed"
    delivery: str = "at_least_once"
    #: The status it must end with; None where that depends on what happens.
    status: str | None = None
    #: Its record's Kafka timestamp, on the monotonic clock.
    published: float = 0.0
    partition: int = -1
    offset: int = -1

    @property
    def source(self):
        return self.partition, self.offset

    @property
    def is_idempotent(self):
        return self.kind in ("react", "typing")

    @property
    def conversation(self):
        return self.account, self.recipient

    def __str__(self):
        return f"{self.name} ({self.kind}, {self.delivery}) at {self.partition}/{self.offset}"


def moment(seconds):
    return (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _media(kind, suffix):
    def body(name):
        return {"message": {"attachment": {"type": kind, "payload": {"url": f"https://media.example.com/{name}{suffix}"}}}}

    return body


BODIES = {
    "text": lambda name: {"message": {"text": f"{name} your order has shipped"}},
    "image": _media("image", ".jpg"),
    "audio": _media("audio", ".m4a"),
    "video": _media("video", ".mp4"),
    "share": lambda name: {"message": {"attachment": {"type": "MEDIA_SHARE", "payload": {"id": name}}}},
    "quick": lambda name: {
        "message": {
            "text": f"{name} which size?",
            "quick_replies": [{"content_type": "text", "title": size, "payload": size} for size in ("M", "L")],
        }
    },
    "template": lambda name: {
        "message": {
            "attachment": {
                "type": "template",
                "payload": {"template_type": "generic", "elements": [{"title": f"{name} shoes", "subtitle": "blue"}]},
            }
        }
    },
    "react": lambda name: {"sender_action": "react", "payload": {"message_id": f"mid.{name}", "reaction": "love"}},
    "typing": lambda name: {"sender_action": "typing_on"},
    "private_reply": lambda name: {"message": {"text": f"{name} thank you for your comment"}},
    "broken": lambda name: {"message": {"txt": f"{name} a typo"}},
}
SHARES = {
    "text": 56, "image": 6, "audio": 3, "video": 3, "share": 3, "quick": 5, "template": 4,
    "react": 7, "typing": 6, "private_reply": 3, "broken": 2, "malformed": 2,
}  # fmt: skip
RUBBISH = (b"", b"{", b"not json at all", b'{"request_id": 7}', b"\xff\xfe\x00", b'["a list"]')


class Traffic:
    """Makes the requests of a run, one after the other; the same seed makes the same requests."""

    def __init__(self, seed, only=None, delivery=None, accounts=ACCOUNTS):
        self._random = random.Random(f"traffic {seed}")
        self._shares = {kind: SHARES[kind] for kind in only} if only else SHARES
        self._delivery = delivery
        self._accounts = accounts
        self._number = 0

    def next(self):
        draw = self._random
        self._number += 1
        name = f"q{self._number:07d}"
        kind = draw.choices(list(self._shares), self._shares.values())[0]
        is_busiest = draw.random() < BUSIEST_SHARE and not self._delivery
        account = account_id(0 if is_busiest else draw.randrange(self._accounts))
        conversation = draw.randrange(CONVERSATIONS)
        delivery = self._delivery or ("at_most_once" if draw.random() < 0.25 else "at_least_once")
        deadline = draw.choice([None] * 17 + [-60, 3, 20])
        if kind == "malformed":
            return Asked(name, account.encode(), draw.choice(RUBBISH), status="rejected")
        recipient = self._recipient(kind, name, account, conversation)
        request = {"request_id": name, "account_id": account, "recipient": recipient, "delivery": delivery}
        request |= BODIES[kind](name)
        status = "rejected" if kind == "broken" else None
        if kind == "text" and deadline and not self._delivery:
            request["expires_at"] = moment(deadline)
            status = "expired" if deadline < 0 else None
        who = next(iter(recipient.values()))
        return Asked(
            name,
            account.encode(),
            json.dumps(request).encode(),
            marker=who if kind == "typing" else name,
            account=account,
            recipient=who,
            kind=kind,
            delivery=delivery,
            status=status,
        )

    @staticmethod
    def _recipient(kind, name, account, conversation):
        if kind == "typing":
            return {"id": f"7700{name[1:]}"}
        if kind == "private_reply":
            return {"comment_id": f"comment-{name}"}
        return {"id": recipient_id(int(account[-4:]), conversation)}
