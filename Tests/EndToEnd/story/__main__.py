"""`python -m story`: see `make story`."""

import argparse
import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from stage.broker import description

from .chapters import CHAPTERS
from .page import markdown
from .theatre import DEFAULT_PORTS, Theatre, is_free

ROOT = Path(__file__).resolve().parents[3]
#: A run takes a quarter of this.
SECONDS_AT_MOST = 120


def arguments():
    parser = argparse.ArgumentParser(prog="story", description="A day on call, told with real commands and asserted.")
    binary = os.environ.get("SEND_WORKER_BINARY", ROOT / ".build/debug/send-worker")
    parser.add_argument("--binary", type=Path, default=binary, help="the send-worker to tell of (the debug build)")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the story as a page")
    parser.add_argument("--directory", type=Path, help="play in this new folder and keep it (a temporary one)")
    parser.add_argument("--free-ports", action="store_true", help="take any free ports instead of the default ones")
    options = parser.parse_args()
    if not options.binary.exists():
        parser.error(f"{options.binary} is missing; run: swift build --product send-worker")
    for tool in ("curl", "jq"):
        if not shutil.which(tool):
            parser.error(f"{tool} is missing; run: make setup")
    return options


def ports(options):
    """The default ones, so that commands can be typed as they stand; others where those are taken."""
    if options.free_ports or not all(is_free(port) for port in DEFAULT_PORTS):
        return None
    return DEFAULT_PORTS


def too_long(*_):
    raise AssertionError(f"the whole story took longer than {SECONDS_AT_MOST} s")


def told_to_end(*_):
    raise KeyboardInterrupt


def play(theatre):
    """Tells all chapters; gives the sentence that says where it broke off, or None."""
    title = "the opening"
    try:
        for number, (name, chapter) in enumerate(CHAPTERS, start=1):
            title = f"{number}. {name}"
            theatre.teller.heading(title)
            chapter(theatre)
    except KeyboardInterrupt:
        return f'The story was interrupted in step "{title}".'
    except Exception as failure:
        reason = str(failure) if isinstance(failure, AssertionError) else repr(failure)
        return f'The story broke off in step "{title}": {reason}'
    finally:
        signal.alarm(0)
        theatre.close()


def main():
    options = arguments()
    signal.signal(signal.SIGTERM, told_to_end)
    signal.signal(signal.SIGALRM, too_long)
    signal.alarm(SECONDS_AT_MOST)
    chosen = ports(options)
    if options.markdown and not chosen and not options.free_ports:
        sys.exit(f"The page shows the ports {DEFAULT_PORTS}, and one of them is in use; end what uses it.")
    directory = (options.directory or Path(tempfile.mkdtemp(prefix="send-worker-story-"))).resolve()
    started = time.monotonic()
    print(f"broker: {description()}", flush=True)
    theatre = Theatre(options.binary.resolve(), directory, chosen)
    failure = play(theatre)
    if failure:
        print(f"\n{failure}\nIts logs and everything that was printed are in {directory}", file=sys.stderr)
        return 1
    checks = len([event for event in theatre.teller.events if event.kind == "check"])
    print(f"\nThe story held: {checks} checks in {time.monotonic() - started:.0f} s.")
    if options.markdown:
        options.markdown.write_text(markdown(theatre.teller.events))
    if not options.directory:
        shutil.rmtree(directory)
    return 0


if __name__ == "__main__":
    sys.exit(main())
