"""What was measured, as plain text."""

from .rows import ROWS

WIDTH = max(len(title) for title, _ in ROWS.values()) + 2
COLUMNS = [
    ("messages/s", 12),
    ("× floor", 9),
    ("CPU µs", 9),
    ("× floor", 9),
    ("× bridge", 10),
    ("core %", 8),
    ("RSS MB", 8),
    ("broker µs", 11),
    ("core %", 8),
    ("stub µs", 9),
    ("core %", 8),
]
THREADS_SHOWN = 6


def peers(name):
    """The floor and the bridge that a row is compared with: those that meet the same endpoint."""
    return ("slow-floor", None) if name.startswith("slow") else ("floor", "bridge")


def table(figures):
    """One line for each row that was measured."""
    yield " " * WIDTH + "".join(head.rjust(width) for head, width in COLUMNS)
    for name, each in figures.items():
        floor, bridge = (figures.get(peer) for peer in peers(name))
        cells = [
            f"{each.rate:,.0f}",
            _ratio(each.rate, floor and floor.rate),
            f"{each.cpu:.1f}",
            _ratio(each.cpu, floor and floor.cpu),
            _ratio(each.cpu, bridge and bridge.cpu),
            f"{each.share(each.cpu):.0f}",
            f"{each.memory_mb:.0f}",
            *_beside(each, each.broker_cpu),
            *_beside(each, each.stub_cpu),
        ]
        yield ROWS[name][0].ljust(WIDTH) + "".join(cell.rjust(width) for cell, (_, width) in zip(cells, COLUMNS))
    if "exactly-once" in figures and "exactly-once-tls" in figures:
        ratio = figures["exactly-once-tls"].cpu / figures["exactly-once"].cpu
        yield f"the worker's CPU with TLS / plain: {ratio:.2f} ×"


def turns(figures):
    """How long the engine loop was busy at once, in the rows that are workers'."""
    cells = [f"{ROWS[name][0]} {each.turn_p99:g}" for name, each in figures.items() if each.turn_p99 is not None]
    if cells:
        yield "99 of 100 turns of the engine's loop were over within milliseconds: " + "; ".join(cells)


def restarts(found):
    """`found` has seconds by guarantee, ascending."""
    for guarantee, seconds in found.items():
        middle = seconds[len(seconds) // 2]
        yield f"restart to first call, {guarantee}: median {middle:.2f} s, longest of {len(seconds)} {seconds[-1]:.2f} s"


def token_change(found):
    yield (
        f"longest gap between calls at 1,000/s: {found['without']:.0f} ms; while 100,000 tokens change: "
        f"{found['with']:.0f} ms (read {found['times_read']} times)"
    )


def threads(figures):
    """Where the processor time went, by thread."""
    yield "CPU µs a message by thread (percent of a core)"
    for name, each in figures.items():
        busy = [(thread, cpu) for thread, cpu in each.cpu_by_thread.items() if cpu >= 0.1]
        shown = (f"{thread} {cpu:.1f} ({each.share(cpu):.0f})" for thread, cpu in busy[:THREADS_SHOWN])
        yield ROWS[name][0].ljust(WIDTH) + ", ".join(shown)


def latencies(found):
    """`found` has the figures by guarantee and rate."""
    heads = ("produce → first byte", "answer → result", "produce → result")
    yield "milliseconds, p50 / p99".ljust(WIDTH) + "".join(head.rjust(24) for head in heads) + "   percent of a core"
    for (guarantee, rate), figures in found.items():
        spans = (figures[name] for name in ("first_byte", "result", "whole"))
        cells = "".join(f"{half:.1f} / {most:.1f}".rjust(24) for half, most in spans)
        shares = ", ".join(f"{name} {share:.0f}" for name, share in figures["core_percent"].items())
        yield f"{guarantee}, {rate:,}/s".ljust(WIDTH) + cells + "   " + shares


def _ratio(value, of_peer):
    return f"{value / of_peer:.2f}" if of_peer else "–"


def _beside(each, cpu):
    return (f"{cpu:.1f}", f"{each.share(cpu):.0f}") if cpu is not None else ("–", "–")
