"""Requests to judge: valid ones, valid ones with one thing changed, and one or more for every gap of the schema.

A case with a `gap` is one where the worker and the schema are known to differ, by the named rule of schemas/README.md.
"""

import copy
import itertools
import json
from dataclasses import dataclass
from random import Random
from typing import Any, Iterator

import agreement_requests as requests

Path = tuple[str | int, ...]

CHARACTER_LIMITS = {
    "message.quick_replies.*.title": (20, "quick_reply.title_too_long"),
    "message.quick_replies.*.payload": (1000, "quick_reply.payload_too_long"),
    "message.attachment.payload.text": (640, "button_template.text_too_long"),
    "message.attachment.payload.elements.*.title": (80, "element.title_too_long"),
    "message.attachment.payload.elements.*.subtitle": (80, "element.subtitle_too_long"),
    "message.attachment.payload.buttons.*.title": (20, "button.title_too_long"),
    "message.attachment.payload.buttons.*.payload": (1000, "button.payload_too_long"),
    "message.attachment.payload.elements.*.buttons.*.title": (20, "button.title_too_long"),
    "message.attachment.payload.elements.*.buttons.*.payload": (1000, "button.payload_too_long"),
}
ID_LIMITS = {
    "request_id": 128,
    "account_id": 32,
    "recipient.id": 512,
    "recipient.comment_id": 512,
    "payload.message_id": 512,
    "reply_to.mid": 512,
    "message.attachment.payload.id": 512,
    "message.attachment.payload.attachment_id": 512,
    "message.attachments.*.payload.attachment_id": 512,
    "message.attachment.payload.elements.*.id": 512,
}
COUNT_LIMITS = {
    "message.quick_replies": 13,
    "message.attachments": 10,
    "message.attachment.payload.elements": 10,
    "message.attachment.payload.elements.*.buttons": 3,
    "message.attachment.payload.buttons": 3,
}
CHOICES = {
    "sender_action", "messaging_type", "tag", "sender", "comment", "delivery", "message.attachment.type", "message.attachments.*.type",
    "message.attachment.payload.template_type", "message.quick_replies.*.content_type",
    "message.attachment.payload.buttons.*.type", "message.attachment.payload.elements.*.buttons.*.type",
    "message.attachment.payload.elements.*.default_action.type",
}
MEDIA_URLS = {"message.attachment.payload.url", "message.attachments.*.payload.url"}
OTHER_URLS = {
    "message.attachment.payload.buttons.*.url", "message.attachment.payload.elements.*.buttons.*.url",
    "message.attachment.payload.elements.*.image_url", "message.attachment.payload.elements.*.default_action.url",
}
MOMENTS = {"last_inbound_at", "window_expires_at", "expires_at"}
TEXTS = {"message.text", "message.attachment.payload.text"}

BAD_URLS = [
    "", "a", "//example.com/a", "/a.png", "www.example.com/a", "https:/example.com", "https://", "https:///a", "https://?a",
    "ftp://example.com/a", "file:///etc/passwd", "data:image/png;base64,AA", "javascript:alert(1)", "gopher://example.com",
    "https://user@example.com/a", "https://user:secret@example.com/a", "https://@example.com", " https://example.com",
    "https://example.com ", "https://example.com\n", "https://exa mple.com", "https://example.com/a b", "https://bücher.example",
    "https://example.com/日", "https://example.com/%", "https://example.com/%4", "https://example.com/%zz", "https://ex%61mple.com",
    "https://example.com/<a>", "https://example.com/a|b", "https://example.com/\"", "https://example.com/a\\b", "https://example.com/`",
    "https://example.com/{a}", "https://example.com/^", "https://example.com/\x7f", "https://example.com\\@evil.example",
    "https://-a.example.com", "https://a-.example.com", "https://a..example.com", "https://.example.com", "https://example.com..",
    "https://.", f"https://{'a' * 64}.example.com", "https://example.com:", "https://example.com:0", "https://example.com:65536",
    "https://example.com:-1", "https://example.com:80a", "https://example.com:8 0", "https://[::1", "https://::1]/", "https://[]/a",
    "https://[fe80::1%25eth0]/", "https://[2606:4700::1111]x/", "https://[2606:4700::1111]:99999/", "https://a,b.example.com",
    "https://example.com/\u0085", "https://example.com/a\tb", "https\n://example.com", "ht+tp://example.com",
]  # fmt: skip
URL_GAPS = {
    "url.form": [
        "https://[1:2]/", "https://[1:2:3:4:5:6:7:8:9]/", "https://[::1::2]/", "https://[12345::1]/", "https://[.]/",
        "https://256.1.1.1/", "https://1.2.3.4.5/", "https://example.123/", "https://1.2.3.0x1ffff/", "https://4294967296/",
        f"https://{'.'.join(['a' * 49] * 5)}.exampl/",
    ],
    "url.private_host": [
        "http://localhost/", "http://LOCALHOST:80/", "http://127.0.0.1/", "http://10.1.2.3/", "http://192.168.0.1/",
        "http://172.16.0.1/", "http://169.254.169.254/latest", "http://0.0.0.0/", "http://2130706433/", "http://0x7f.1/",
        "http://0177.0.0.1/", "http://[::1]/", "http://[fe80::1]/", "http://[fc00::1]/", "http://[::ffff:10.0.0.1]/",
        "http://[64:ff9b::7f00:1]/", "http://intranet/", "http://printer.local/", "http://db.internal./", "http://x.home.arpa/",
        "http://shop.test/", "http://media.invalid/", "http://abc.onion./", "http://a.LOCALHOST/",
    ],
}  # fmt: skip
EXTENSIONS = """png jpeg jpg gif webp heic heif avif bmp tif tiff svg ico psd aac m4a wav mp3 oga opus flac wma amr aif aiff mid
mp4 ogg avi mov webm mkv wmv flv 3gp mpg mpeg pdf doc docx xls xlsx ppt pptx odt rtf txt csv epub zip rar 7z gz tar exe apk
dmg iso php aspx html bin jpe mp xmp4 mp4x""".split()
BAD_MOMENTS = [
    "", "tomorrow", "2099-06-30", "2099-06-30T12:00:00", "2099-06-30T12:00Z", "2099-06-30 12:00:00Z", "2099-06-30T12:00:00.Z",
    "2099-06-30T12:00:00,5Z", "2099-06-30T12:00:00+0200", "2099-06-30T12:00:00+02", "2099-06-30T24:00:00Z", "2099-06-30T12:60:00Z",
    "2099-06-30T12:00:61Z", "2099-13-01T12:00:00Z", "2099-00-01T12:00:00Z", "2099-01-00T12:00:00Z", "2099-01-32T12:00:00Z",
    "2099-04-31T12:00:00Z", "2099-02-29T12:00:00Z", "2100-02-29T12:00:00Z", "2096-02-30T12:00:00Z", "99-06-30T12:00:00Z",
    "+2099-06-30T12:00:00Z", "2099-6-30T12:00:00Z", "2099-06-30T12:00:00+24:00", "2099-06-30T12:00:00+02:60",
    "2099-06-30T12:00:00Z ", "2099-06-30T12:00:00Z\n", " 2099-06-30T12:00:00Z", "２099-06-30T12:00:00Z", "4085208000", "2099-W26-1",
    f"2099-06-30T12:00:00.{'1' * 44}Z",
]  # fmt: skip
BAD_IDS = ["", " ", "a b", "1\n", "\n1", "é", "１", "١", "😀", "\x00", "\x7f", "1\t", "\u2028"]
BAD_REACTIONS = ["", "Love", "LOVE", "love!", "a", "1", "#", "<3", "a😀", "😀a", "😀 ", "😀\n", "love\n", "1\u20e3\u20e3"]
REACTION_GAPS = ["😀😀", "é", "日", "🇩", "\u200d", "🇩🇪🇫🇷", "❤️❤️"]
LINK_GAPS = ["http://", "see https://:80 there", "https://-a.example", "http://example.com:99999/", "x HTTP://..", "https://[::1", "https://:D"]
WHITE_SPACE = [" ", "\n\t ", "\r", "\u0085", "\u00a0", "\u1680", "\u2000\u200a", "\u2028\u2029", "\u202f", "\u205f", "\u3000"]
LOOKS_EMPTY = ["\u200b", "\ufeff", "\u001f", "\u180e", "\u2060"]
SMILEYS = ["https://shop.example.com:D", "https://shop.example.com:-) and http://example.com:80:P", "https://example.com:@ https://example.com-"]
CLUSTERS = ["e\u0301", "👨‍👩‍👧‍👦", "🇩🇪", "\r\n", "👍🏽"]
UNKNOWN_MEMBERS = ["txt", "Text", "recipient_id", "access_token", "", "é", "title ", "$comment", "x" * 70]


@dataclass(frozen=True)
class Case:
    """One record to judge."""

    change: str
    record: bytes
    gap: str | None = None


def encoded(request: Any) -> bytes:
    return json.dumps(request, ensure_ascii=False, separators=(",", ":")).encode()


def places(value: Any, path: Path = ()) -> Iterator[Path]:
    """The paths of all values below the top, those inside `context` left out."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, child in items:
        yield (*path, step)
        if (*path, step) != ("context",):
            yield from places(child, (*path, step))


def name(path: Path) -> str:
    return ".".join("*" if isinstance(step, int) else step for step in path)


def get(request: Any, path: Path) -> Any:
    for step in path:
        request = request[step]
    return request


def put(request: dict, path: Path, value: Any) -> dict:
    changed = copy.deepcopy(request)
    get(changed, path[:-1])[path[-1]] = value
    return changed


def removed(request: dict, path: Path) -> dict:
    changed = copy.deepcopy(request)
    del get(changed, path[:-1])[path[-1]]
    return changed


# ---- one random change


def random_case(seed: int, index: int) -> Case:
    """Case number `index` of a seed; a third are valid."""
    random = Random(f"{seed}:{index}")
    request = requests.request(random)
    if index % 3 == 0:
        return Case("none", encoded(request))
    change = random.choice(CHANGES)
    return change(random, request)


def remove(random: Random, request: dict) -> Case:
    path = random.choice(list(places(request)))
    return Case(f"remove {name(path)}", encoded(removed(request, path)))


def retype(random: Random, request: dict) -> Case:
    path = random.choice(list(places(request)))
    old = get(request, path)
    wrong = [other for other in (None, True, 17, 1.5, "x", [], {}, [old], {"x": old}) if type(other) is not type(old)]
    value = random.choice(wrong)
    return Case(f"set {name(path)} to {type(value).__name__}", encoded(put(request, path, value)))


def add_unknown(random: Random, request: dict) -> Case:
    objects = [()] + [path for path in places(request) if isinstance(get(request, path), dict) and path != ("context",)]
    path = random.choice(objects)
    known = [place[-1] for place in places(requests.request(random)) if isinstance(place[-1], str)]
    member = random.choice(UNKNOWN_MEMBERS + known)
    return Case(f"add {member!r} to {name(path)}", encoded(put(request, (*path, member), random.choice(["x", {}, 1]))))


def rename(random: Random, request: dict) -> Case:
    path = random.choice([path for path in places(request) if isinstance(path[-1], str)])
    member = path[-1]
    other = random.choice([member.upper(), member + "s", member[:-1], member.replace("_", ""), member + " "])
    changed = put(removed(request, path), (*path[:-1], other), get(request, path))
    return Case(f"rename {name(path)} to {other!r}", encoded(changed))


def exchange(random: Random, request: dict) -> Case:
    """Takes a part of another valid request, or adds one that this request has not."""
    other = requests.request(random)
    path = random.choice([path for path in places(other) if parent_exists(request, path)])
    return Case(f"take {name(path)} of another", encoded(put(request, path, get(other, path))))


def parent_exists(request: dict, path: Path) -> bool:
    try:
        parent = get(request, path[:-1])
    except (KeyError, IndexError, TypeError):
        return False
    return isinstance(parent, dict) or (isinstance(parent, list) and path[-1] < len(parent))


def resize(random: Random, request: dict) -> Case:
    """Empties a text or a list, or makes a list one too long."""
    sized = [path for path in places(request) if isinstance(get(request, path), str | list)]
    path = random.choice(sized)
    value = get(request, path)
    limit = COUNT_LIMITS.get(name(path))
    if limit and random.random() < 0.7:
        size = random.choice([limit, limit + 1])
        return Case(f"{size} {name(path)}", encoded(put(request, path, (value * (size + 1))[:size])))
    return Case(f"empty {name(path)}", encoded(put(request, path, type(value)())))


def respell(random: Random, request: dict) -> Case:
    """Changes one character of a text that is not for people."""
    texts = [path for path in places(request) if isinstance(get(request, path), str) and is_code(name(path))]
    path = random.choice(texts)
    value = get(request, path)
    at = random.randrange(len(value) + 1)
    # Neither digits nor points: they may make another valid host or moment, and gaps have their own cases.
    inserted = random.choice([" ", "\n", "\\", "é", "😀", "\u0000", "<", "%", "\u0301"])
    return Case(f"spoil {name(path)}", encoded(put(request, path, value[:at] + inserted + value[at:])))


def is_code(place: str) -> bool:
    return place in ID_LIMITS or place in CHOICES or place in MEDIA_URLS | OTHER_URLS or place in MOMENTS


def name_absent(random: Random, request: dict) -> Case:
    """Writes null for members that are absent, which changes nothing."""
    return Case("null for absent", encoded(requests.with_nulls(random, request)))


CHANGES = [name_absent, remove, retype, add_unknown, rename, exchange, resize, respell]


# ---- every listed value at every place


def listed_cases(seed: int) -> Iterator[Case]:
    """Every limit, every wrong value and every gap at every place where it can stand."""
    random = Random(f"{seed}:listed")
    yield from malformed_cases()
    yield from envelope_gaps(requests.request(random, "text"))
    found = sorted(specimens(random).items())
    for place, (request, path) in found:
        yield from cases_at(place, request, path)
    for kind in requests.KINDS:
        yield from structural_cases(random, kind, found)


def specimens(random: Random) -> dict[str, tuple[dict, Path]]:
    """For every place that a request can have, a request that has it."""
    found: dict[str, tuple[dict, Path]] = {}
    for kind in requests.KINDS * 60:
        request = requests.request(random, kind)
        for path in places(request):
            place = name(path)
            if place in MEDIA_URLS:
                place += f" {get(request, path[:-2])['type']}"
            found.setdefault(place, (request, path))
    return found


def structural_cases(random: Random, kind: str, found: list[tuple[str, tuple[dict, Path]]]) -> Iterator[Case]:
    """Removes, nulls and empties every member of a request of that kind, adds an unknown member to each of its objects and
    to the whole every member that other kinds have."""
    request = requests.request(random, kind)
    yield Case(f"{kind} to a comment", encoded(request | {"recipient": {"comment_id": "1"}}))
    present = list(places(request))
    for path in present:
        yield Case(f"{kind} without {name(path)}", encoded(removed(request, path)))
        yield Case(f"{kind} with null at {name(path)}", encoded(put(request, path, None)))
        value = get(request, path)
        if isinstance(value, str | list):
            yield Case(f"{kind} with nothing at {name(path)}", encoded(put(request, path, type(value)())))
    for path in [(), *present]:
        if isinstance(get(request, path), dict):
            yield Case(f"{kind} with unknown at {name(path)}", encoded(put(request, (*path, "unknown"), "x")))
    for place, (other, path) in found:
        if isinstance(path[-1], str) and path not in present and parent_exists(request, path):
            yield Case(f"{kind} with {place}", encoded(put(request, path, get(other, path))))


def cases_at(place: str, request: dict, path: Path) -> Iterator[Case]:
    def case(value: Any, gap: str | None = None) -> Case:
        return Case(f"{place} = {str(value)[:80]!r}", encoded(put(request, path, value)), gap)

    bare = place.partition(" ")[0]
    if bare in CHARACTER_LIMITS:
        yield from character_cases(case, *CHARACTER_LIMITS[bare])
    if bare in ID_LIMITS:
        yield from map(case, BAD_IDS + ["1" * (ID_LIMITS[bare] + step) for step in (-1, 0, 1)])
    if bare in COUNT_LIMITS:
        element = get(request, path)[0]
        yield from (case([element] * (COUNT_LIMITS[bare] + step)) for step in (-1, 0, 1))
        yield case([])
    if bare == "message.attachment.payload.elements" and "title" in get(request, path)[0]:
        properties = get(request, path)[0]
        yield from (case([{"title": "a", member: value}]) for member, value in properties.items())
        yield from (case([{"title": "a", "buttons": []} | extra]) for extra in ({}, {"subtitle": "a"}))
    if bare in CHOICES:
        value = get(request, path)
        yield from map(case, ["", "x", value.swapcase(), f"{value} ", f"{value}\n", f"{value}\u0000"])
    if bare in MEDIA_URLS | OTHER_URLS:
        yield from map(case, BAD_URLS)
        yield from (case(url, gap) for gap, urls in URL_GAPS.items() for url in urls)
        yield from (case(form.format(end)) for end in EXTENSIONS for form in extension_forms(end))
    if bare in MOMENTS:
        yield from map(case, BAD_MOMENTS)
        yield from (case(f"2099-06-15T{time}", "timestamp.form") for time in ("23:59:60Z", "12:00:60Z", "23:59:60+01:00"))
    if bare in TEXTS:
        yield from (case(text, "text.link_form") for text in LINK_GAPS)
    if bare == "message.text":
        yield from text_cases(case)
    if bare == "payload.reaction":
        yield from map(case, requests.REACTIONS)
        yield from map(case, BAD_REACTIONS)
        yield from (case(reaction, "reaction.form") for reaction in REACTION_GAPS)


def extension_forms(extension: str) -> list[str]:
    host = "https://example.com"
    mixed = extension[:1].upper() + extension[1:]
    forms = [f"/a.{extension}", f"/b/a.{extension.upper()}?x=1", f"/a.b.{mixed}#x", f"/.{extension}", f"/a.{extension}.bin"]
    return [host + form for form in [*forms, f"/a.{extension}/", f"?a.{extension}", f"/?a=/b.{extension}", f"//..{extension}"]]


def character_cases(case: Any, limit: int, rule: str) -> Iterator[Case]:
    for unit, step in itertools.product(requests.LIMIT_UNITS, (-1, 0, 1)):
        yield case(unit * (limit + step))
    for cluster in CLUSTERS:
        yield case(cluster * limit, rule)
        yield case(cluster * (limit + 1))
        yield case(cluster * (limit // len(cluster)))


def text_cases(case: Any) -> Iterator[Case]:
    yield from map(case, WHITE_SPACE + LOOKS_EMPTY + SMILEYS)
    yield case(" " * 1001)
    for unit in requests.LIMIT_UNITS:
        size = len(unit.encode())
        for total in (999, 1000):
            yield case(unit * (total // size) + "a" * (total % size))
        yield case(unit * (1000 // size) + "a" * (1000 % size + 1), None if size == 1 else "text.too_long")
        yield case(unit * 1001)


FUTURE = "2099-01-01T00:00:00Z"


def envelope_gaps(request: dict) -> Iterator[Case]:
    request = {key: request[key] for key in ("request_id", "account_id", "message")} | {"recipient": {"id": "1"}}
    for size in (4096, 4097):
        context = {"a": "x" * (size - 8)}
        yield Case(f"context of {size} bytes", encoded(request | {"context": context}), gap_if(size > 4096, "context.too_large"))
    yield Case("expired", encoded(request | {"expires_at": "2001-01-01T00:00:00Z"}), "expires_at.passed")
    for extra in ({}, {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}, {"recipient": {"comment_id": "1"}}):
        past = "2001-01-01T00:00:00Z"
        yield Case("window", encoded(request | extra | {"last_inbound_at": past}), "window.closed")
        yield Case("window known", encoded(request | extra | {"window_expires_at": past}), "window.closed")
        yield Case("window known to be open", encoded(request | extra | {"last_inbound_at": past, "window_expires_at": FUTURE}))
    tagged = request | {"messaging_type": "MESSAGE_TAG", "tag": "HUMAN_AGENT"}
    for sender in ("bot", "human", None):
        yield Case(f"human agent by {sender}", encoded(tagged | {"sender": sender}))
    for size in (65_536, 65_537):
        record = encoded(request)
        padded = record[:-1] + b" " * (size - len(record)) + b"}"
        yield Case(f"record of {size} bytes", padded, gap_if(size > 65_536, "record.too_large"))


def gap_if(condition: bool, rule: str) -> str | None:
    return rule if condition else None


def malformed_cases() -> Iterator[Case]:
    record = b'{"request_id":"r","account_id":"1","recipient":{"id":"2"},"message":{"text":"hi"}}'
    for other in (b"[]", b"null", b'"text"', b"17", b"{}", b"{", record[:-1], record + b"}", record + b"{}", b"hello"):
        yield Case("another document", other)
    for spoiled in (b"h\x01i", b"h\xffi", b"h\xc0\xafi", b"\\x", b"\\u12"):
        yield Case("a text that is not JSON", record.replace(b"hi", spoiled))
    yield Case("single quotation marks", record.replace(b'"', b"'"))
    yield Case("a comma too many", record[:-1] + b",}")
    yield Case("a wire format's prefix cut short", b"\x00\x00\x00\x01" + record)
    # What JSON libraries let pass before a schema is asked.
    yield Case("a byte order mark", b"\xef\xbb\xbf" + record, "record.not_json")
    yield Case("a lone surrogate", record.replace(b"hi", b"\\ud83d"), "record.not_json")
    yield Case("a lone surrogate in UTF-8", record.replace(b"hi", b"\xed\xa0\xbd"), "record.not_json")
    yield Case("NaN", record[:-1] + b',"context":{"a":NaN}}', "record.not_json")
    yield Case("a member twice", record[:-1] + b',"account_id":"1"}', "record.duplicate_member")
    for depth in (30, 31):
        deep = b'{"a":' + b"[" * depth + b"]" * depth + b"}"
        yield Case(f"{depth + 2} levels", record[:-1] + b',"context":' + deep + b"}", gap_if(depth > 30, "record.too_deep"))
