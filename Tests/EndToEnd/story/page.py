"""The story as a page of documentation."""

import re

from .teller import wrapped

HEAD = """# A day on call

A guided tour: one worker, a Kafka broker and a simulator of Instagram's endpoint go through an ordinary request, an expired
token, wrong requests, a redrive and a restart. It is the output of one run of `make story`, with long lines and long output
shortened (…). Each line with a check mark was asserted in that run, and is in every `make test`.

`make story MARKDOWN=docs/walkthrough.md` writes this page anew.
"""


def markdown(events):
    """The page; pieces of one kind that follow each other share a block."""
    lines, before = [HEAD.rstrip("\n")], None
    for event in events:
        if before == "command" and event.kind != "command":
            lines.append("```")
        if event.kind == "heading":
            lines += ["", f"## {event.text}"]
        elif event.kind == "prose":
            lines += ["", *wrapped(event.text, 120)]
        elif event.kind == "command":
            lines += [""] if before == "command" else ["", "```console"]
            lines += [f"$ {event.text}", *event.output.splitlines()]
        else:
            lines += [] if before == "check" else [""]
            lines.append(f"- ✓ {event.text}")
        before = event.kind
    return "\n".join([*lines, *(["```"] if before == "command" else [])]) + "\n"


def commands(page):
    """The commands on a page, with ports left out, since runs may choose their own."""
    return [re.sub(r"(127\.0\.0\.1:|--port )\d+", r"\1…", line) for line in page.splitlines() if line.startswith("$ ")]
