"""What was measured, as plain text."""

from .rows import ROWS

WIDTH = max(len(title) for title, _ in ROWS.values()) + 2
THREADS_SHOWN = 6


def table(figures):
    """One line for each row that was measured."""
    floor, bridge = figures.get("floor"), figures.get("bridge")
    heads = ["messages/s", "CPU µs", "× floor", "× bridge", "RSS MB", "core %", "broker µs", "core %", "stub µs", "core %"]
    widths = [12, 8, 9, 10, 8, 8, 11, 8, 9, 8]
    yield " " * WIDTH + "".join(head.rjust(width) for head, width in zip(heads, widths))
    for name, each in figures.items():
        cells = [
            f"{each.rate:,.0f}",
            f"{each.cpu:.1f}",
            _ratio(each, floor),
            _ratio(each, bridge),
            f"{each.memory_mb:.0f}",
            f"{each.share(each.cpu):.0f}",
            *_beside(each, each.broker_cpu),
            *_beside(each, each.stub_cpu),
        ]
        yield ROWS[name][0].ljust(WIDTH) + "".join(cell.rjust(width) for cell, width in zip(cells, widths))


def threads(figures):
    """Where the processor time went, by thread."""
    yield "CPU µs a message by thread"
    for name, each in figures.items():
        shown = [f"{thread} {cpu:.1f}" for thread, cpu in list(each.cpu_by_thread.items())[:THREADS_SHOWN] if cpu >= 0.05]
        yield ROWS[name][0].ljust(WIDTH) + ", ".join(shown)


def latencies(found):
    """`found` has the figures by guarantee and rate."""
    yield "milliseconds, p50 / p99".ljust(WIDTH) + "".join(
        head.rjust(22) for head in ("produce → first byte", "answer → result", "produce → result")
    )
    for (guarantee, rate), figures in found.items():
        spans = (figures[name] for name in ("first_byte", "result", "whole"))
        cells = "".join(f"{half:.1f} / {most:.1f}".rjust(22) for half, most in spans)
        yield f"{guarantee}, {rate:,}/s".ljust(WIDTH) + cells


def _ratio(each, peer):
    return f"{each.cpu / peer.cpu:.2f}" if peer else "–"


def _beside(each, cpu):
    return (f"{cpu:.1f}", f"{each.share(cpu):.0f}") if cpu is not None else ("–", "–")
