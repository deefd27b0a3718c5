"""Valid send requests of every kind, with contents drawn from a seeded generator.

No character of their texts is made of several code points, so that what the worker counts (characters as people see them)
and what JSON Schema counts (code points) is the same. No moment depends on the time of the run.
"""

from random import Random

CHARACTERS = "abcdefghij XYZ019.,:;!?'\"/\\\t-_é日😀ж"
LIMIT_UNITS = ["a", "é", "日", "😀"]
REACTIONS = ["love", "😀", "👍🏽", "❤️", "👨‍👩‍👧‍👦", "🇩🇪", "1️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿"]
MOMENTS = [
    "2099-06-30T12:00:00Z",
    "2099-06-30t12:00:00z",
    "2096-02-29T23:59:59.999999999+23:59",
    "2098-12-31T23:59:60Z",
    "2400-02-29T00:00:00.1-11:30",
]
URLS = [
    "https://cdn.example.com/a/b.{0}",
    "HTTPS://CDN.Example.COM./a.{0}?size=large&x=%20y",
    "http://example.com:8080/a.{0}#part",
    "https://example.com",
    "https://example.com?file=a.exe",
    "https://example.com/get.php?name=a.zip",
    "https://xn--bcher-kva.example/a.{0}",
    "https://8.8.8.8/a.{0}",
    "https://[2606:4700::1111]:00443/a.{0}",
    "https://a_b.example.com/~x/(1)/[2]/@me/.hidden",
    "https://example.com/v1.2/no-extension",
    "https://example.com/a.{0}/",
]
EXTENSIONS = {
    "image": ["png", "jpeg", "jpg", "gif", "PNG", "Jpg"],
    "audio": ["aac", "m4a", "wav", "mp4", "WAV"],
    "video": ["mp4", "ogg", "avi", "mov", "webm", "MoV"],
    "file": ["pdf", "Pdf"],
}


def text(random: Random, limit: int) -> str:
    """1 to `limit` characters, sometimes exactly `limit`, never more than 1000 bytes."""
    if random.random() < 0.05:
        unit = random.choice(LIMIT_UNITS)
        return unit * min(limit, 1000 // len(unit.encode()))
    return "".join(random.choice(CHARACTERS) for _ in range(random.randint(1, min(limit, 30)))).replace("://", "")


def words(random: Random) -> str:
    """A message's text, which is not white space alone."""
    while not (some := text(random, 1000)).strip():
        pass
    return some


def graph_id(random: Random) -> str:
    if random.random() < 0.05:
        return random.choice(["!", "~" * 512, "a{}\"'"])
    return "".join(random.choice("0123456789aWdfZAG_=-") for _ in range(random.randint(1, 24)))


def url(random: Random, kind: str = "image") -> str:
    return random.choice(URLS).format(random.choice(EXTENSIONS[kind]))


def media(random: Random, kind: str) -> dict:
    if random.random() < 0.2:
        return {"type": kind, "payload": {"attachment_id": graph_id(random)}}
    payload: dict = {"url": url(random, kind)}
    if random.random() < 0.2:
        payload["is_reusable"] = random.choice([True, False])
    return {"type": kind, "payload": payload}


def button(random: Random) -> dict:
    title = text(random, 20)
    if random.random() < 0.5:
        return {"type": "web_url", "title": title, "url": url(random)}
    return {"type": "postback", "title": title, "payload": text(random, 1000)}


def element(random: Random) -> dict:
    optional = {
        "subtitle": lambda: text(random, 80),
        "image_url": lambda: url(random),
        "default_action": lambda: {"type": "web_url", "url": url(random)},
        "buttons": lambda: [button(random) for _ in range(random.randint(1, 3))],
    }
    chosen = random.sample(sorted(optional), random.randint(1, len(optional)))
    return {"title": text(random, 80)} | {name: optional[name]() for name in chosen}


def quick_reply(random: Random) -> dict:
    return {"content_type": "text", "title": text(random, 20), "payload": random.choice(["", text(random, 1000)])}


def message(random: Random, kind: str) -> dict:
    if kind == "text":
        return {"text": random.choice([words(random), "See https://example.com/a, please."])}
    if kind == "quick_replies":
        replies = [quick_reply(random) for _ in range(random.choice([1, 2, 3, 13]))]
        return {"text": words(random), "quick_replies": replies}
    if kind == "images":
        return {"attachments": [media(random, "image") for _ in range(random.choice([1, 2, 10]))]}
    return {"attachment": attachment(random, kind)}


def attachment(random: Random, kind: str) -> dict:
    if kind == "sticker":
        return {"type": "like_heart"}
    if kind == "share":
        return {"type": "MEDIA_SHARE", "payload": {random.choice(["id", "attachment_id"]): graph_id(random)}}
    if kind == "generic_template":
        elements = [element(random) for _ in range(random.choice([1, 2, 10]))]
        return {"type": "template", "payload": {"template_type": "generic", "elements": elements}}
    if kind == "button_template":
        buttons = [button(random) for _ in range(random.randint(1, 3))]
        payload = {"template_type": "button", "text": text(random, 640), "buttons": buttons}
        return {"type": "template", "payload": payload}
    if kind == "product_template":
        products = [{"id": graph_id(random)} for _ in range(random.choice([1, 2, 10]))]
        return {"type": "template", "payload": {"template_type": "product", "elements": products}}
    return media(random, kind)


def sender_action(random: Random, kind: str) -> dict:
    if kind == "react":
        payload = {"message_id": graph_id(random), "reaction": random.choice(REACTIONS)}
        return {"sender_action": kind, "payload": payload}
    if kind == "unreact":
        return {"sender_action": kind, "payload": {"message_id": graph_id(random)}}
    return {"sender_action": kind}


MESSAGES = ["text", "quick_replies", "images", "image", "audio", "video", "file", "sticker", "share"]
MESSAGES += ["generic_template", "button_template", "product_template"]
ACTIONS = ["react", "unreact", "typing_on", "typing_off", "mark_seen"]
KINDS = MESSAGES + ACTIONS


def request(random: Random, kind: str | None = None) -> dict:
    """A valid request of that kind, or of any."""
    kind = kind or random.choice(KINDS)
    made = {
        "request_id": random.choice(["r", "order-1:a.B_2", "9" * 128]),
        "account_id": random.choice(["1", "17841400008460056", "0" * 32]),
        "recipient": {"id": graph_id(random)},
    }
    if kind in ACTIONS:
        made |= sender_action(random, kind)
    else:
        made["message"] = message(random, kind)
        if random.random() < 0.2:
            made["recipient"] = {"comment_id": graph_id(random)}
            if random.random() < 0.5:
                made["comment"] = "live"
        made |= beside_message(random)
    return made | envelope(random)


def beside_message(random: Random) -> dict:
    """Some of the members that stand beside a message only."""
    members: dict = {}
    if random.random() < 0.2:
        members["reply_to"] = {"mid": graph_id(random)}
    if random.random() < 0.4:
        members |= random.choice(
            [
                {"messaging_type": "RESPONSE", "sender": "bot"},
                {"messaging_type": "UPDATE"},
                {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"},
                {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT", "sender": "human"},
                {"sender": "human"},
            ]
        )
    return members


def with_nulls(random: Random, made: dict) -> dict:
    """The request as serializers write it that name what has no value."""
    absent = [name for name in OPTIONAL if name not in made]
    named = {name: None for name in random.sample(absent, random.randint(1, len(absent)))}
    parts = {"recipient": {"id": None, "comment_id": None} | made["recipient"]}
    if "message" in made:
        parts["message"] = dict.fromkeys(["text", "quick_replies", "attachment", "attachments"]) | made["message"]
    return made | named | parts


OPTIONAL = ["message", "sender_action", "payload", "messaging_type", "tag", "reply_to", "last_inbound_at"]
OPTIONAL += ["window_expires_at", "expires_at", "sender", "comment", "delivery", "context"]


def envelope(random: Random) -> dict:
    """Some of the optional members."""
    optional = [
        {"last_inbound_at": random.choice(MOMENTS)},
        {"window_expires_at": random.choice(MOMENTS)},
        {"expires_at": random.choice(MOMENTS)},
        {"delivery": random.choice(["at_least_once", "at_most_once"])},
        {"context": random.choice([{}, {"order": 4711, "deep": {"list": [1.5, None, True, "😀"]}}])},
    ]
    chosen: dict = {}
    for members in optional:
        if random.random() < 0.25:
            chosen |= members
    return chosen
