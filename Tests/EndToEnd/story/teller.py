"""Tells the story while it happens, and remembers it for the page."""

import sys
from dataclasses import dataclass

WIDTH = 150
LINES = 20


@dataclass(frozen=True)
class Event:
    """A piece of the story; `kind` is heading, prose, command or check."""

    kind: str
    text: str
    output: str = ""


class Teller:
    def __init__(self, out=sys.stdout, transcript=None):
        self.events = []
        self._out = out
        self._transcript = transcript
        self._has_colour = out.isatty()

    def heading(self, text):
        self._add(Event("heading", text))
        self._line()
        self._line(self._in("1", text))
        self._line(self._in("1", "─" * len(text)))

    def prose(self, text):
        """A paragraph; the words may be broken into lines as in the source."""
        text = " ".join(text.split())
        self._add(Event("prose", text))
        self._line()
        for line in wrapped(text, 100):
            self._line(line)

    def command(self, line, output=""):
        """A command as it is typed, and what it printed, shortened where it is long."""
        self._add(Event("command", line, shortened(output)))
        self._note(f"$ {line}\n{output}")
        self._line()
        self._line(self._in("36", f"  $ {line}"))
        for row in shortened(output).splitlines():
            self._line(f"    {row}")

    def check(self, text):
        self._add(Event("check", text))
        self._line(f"  {self._in('32', '✓')} {text}")

    def _add(self, event):
        self.events.append(event)

    def _note(self, text):
        """The transcript holds what was printed in full, to be searched for secrets at the end."""
        if self._transcript:
            with self._transcript.open("a") as file:
                file.write(text + "\n")

    def _in(self, style, text):
        return f"\033[{style}m{text}\033[0m" if self._has_colour else text

    def _line(self, text=""):
        print(text, file=self._out, flush=True)


def shortened(output):
    """At most so many lines of at most so many characters; what is left out is marked."""
    lines = [line if len(line) <= WIDTH else line[: WIDTH - 1] + "…" for line in output.rstrip("\n").splitlines()]
    if len(lines) > LINES:
        lines = [*lines[: LINES - 1], f"[… {len(lines) - LINES + 1} more lines]"]
    return "\n".join(lines)


def wrapped(text, width):
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > width:
            lines.append("")
        lines[-1] += f" {word}" if lines[-1] else word
    return lines
