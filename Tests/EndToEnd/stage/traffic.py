"""Requests as backends would publish them."""

from dataclasses import dataclass


def account_id(number):
    return f"1784140000{number:07d}"


def recipient_id(account, conversation):
    return f"9{account:03d}{conversation:04d}"


def text_request(request_id, account=0, conversation=0, **members):
    """A text whose first word is the request's id, by which the simulator's log tells it."""
    return {
        "request_id": request_id,
        "account_id": account_id(account),
        "recipient": {"id": recipient_id(account, conversation)},
        "message": {"text": f"{request_id}: hello"},
        **members,
    }


def texts(count, accounts=5, conversations=4, prefix="r"):
    """Texts in turn over accounts and their conversations."""
    return [
        text_request(f"{prefix}{n:05d}", account=n % accounts, conversation=n // accounts % conversations)
        for n in range(count)
    ]


@dataclass(frozen=True)
class Planned:
    """A request, how it must end, and what marks its calls in the simulator's log (None: it makes no call)."""

    request: dict
    status: str
    marker: str | None
    category: str | None = None

    @property
    def conversation(self):
        return self.request["account_id"], self.request["recipient"]["id"]


def _attachment(kind, suffix):
    return lambda name, n: (
        {"message": {"attachment": {"type": kind, "payload": {"url": f"https://media.example.com/{name}{suffix}"}}}},
        f"https://media.example.com/{name}{suffix}",
    )


def _text(tail):
    return lambda name, n: ({"message": {"text": f"{name}: {tail}"}}, f"{name}: {tail}")


def _images(name, n):
    urls = [f"https://media.example.com/{name}-{index}.png" for index in (1, 2)]
    images = [{"type": "image", "payload": {"url": url}} for url in urls]
    return {"message": {"attachments": images}}, urls[0]


def _share(name, n):
    post = f"1795{n:08d}"
    return {"message": {"attachment": {"type": "MEDIA_SHARE", "payload": {"id": post}}}}, post


def _react(name, n):
    return {"sender_action": "react", "payload": {"message_id": f"mid.{name}", "reaction": "love"}}, f"mid.{name}"


def _unreact(name, n):
    return {"sender_action": "unreact", "payload": {"message_id": f"mid.{name}"}}, f"mid.{name}"


def _quick_replies(name, n):
    replies = [{"content_type": "text", "title": size, "payload": size} for size in ("M", "L")]
    return {"message": {"text": f"{name}: which size?", "quick_replies": replies}}, f"{name}: which size?"


def _template(payload):
    return {"message": {"attachment": {"type": "template", "payload": payload}}}


def _generic(name, n):
    element = {"title": f"{name} shoes", "subtitle": "now in blue"}
    return _template({"template_type": "generic", "elements": [element]}), f"{name} shoes"


def _buttons(name, n):
    button = {"type": "postback", "title": "Good", "payload": "good"}
    return _template({"template_type": "button", "text": f"{name}: rate us", "buttons": [button]}), f"{name}: rate us"


#: Every kind whose calls can be told apart; each takes a name and a number, gives the body and the simulator's marker.
KINDS = (
    _text("your order has shipped https://shop.example.com/o/1"),
    _attachment("image", ".jpg"),
    _attachment("audio", ".m4a"),
    _text("thank you \N{PARTY POPPER}"),
    _attachment("video", ".mp4"),
    _attachment("file", ".pdf"),
    _images,
    _share,
    _react,
    _unreact,
    _quick_replies,
    _generic,
    _buttons,
)

#: Wrong in ways that only validation can tell.
BROKEN_BODIES = (
    {"message": {"text": "x" * 1_001}},
    {"message": {"txt": "a typo in a member's name"}},
    {"message": {"attachment": {"type": "image", "payload": {"url": "ftp://example.com/a.png"}}}},
    {"sender_action": "dance"},
)


class MixedTraffic:
    """Requests of all kinds over 50 accounts with 10 conversations each; 3 % of them cannot be sent.

    The first account has the most to say, so that its limit is felt.
    """

    ACCOUNTS = 50
    CONVERSATIONS = 10
    #: A person whom Graph does not let the account write to.
    BLOCKED = recipient_id(49, 9)

    def __init__(self, count):
        self.planned = [self._plan(n) for n in range(count)]

    @property
    def requests(self):
        return [plan.request for plan in self.planned]

    def _plan(self, n):
        # Every tenth request is the first account's, beside its share of the others.
        account = 0 if n % 10 == 9 else n % self.ACCOUNTS
        conversation = n // self.ACCOUNTS % self.CONVERSATIONS
        name = f"mix-{n:05d}"
        envelope = {
            "request_id": name,
            "account_id": account_id(account),
            "recipient": {"id": recipient_id(account, conversation)},
            "context": {"number": n},
        }
        if n % 100 == 7:
            return Planned({**envelope, **BROKEN_BODIES[n // 100 % len(BROKEN_BODIES)]}, "rejected", None, "invalid_request")
        if n % 100 == 57:
            late = {"message": {"text": f"{name}: too late"}, "expires_at": "2020-01-31T12:00:00Z"}
            return Planned({**envelope, **late}, "expired", None, "expired")
        body, marker = KINDS[n * 7 // 3 % len(KINDS)](name, n)
        if envelope["recipient"]["id"] == self.BLOCKED:
            return Planned({**envelope, **body}, "failed", marker, "recipient_unavailable")
        return Planned({**envelope, **body}, "sent", marker)
