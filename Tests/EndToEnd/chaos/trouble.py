"""Trouble of the endpoint, one kind after the other: whom it concerns waits, and nobody else."""

import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from stage.traffic import account_id

from .arena import Arena
from .evidence import marker_of
from .run import Progress, heading

ACCOUNTS = 50
#: The part of a kind's time that is left out of the comparison: it pays for the beginning.
SETTLING_SECONDS = 2
#: A delay that people would notice, and a busy machine would not cause.
NOTICED_SECONDS = 0.25
#: How long what waited for a general trouble may take to be sent after its end.
RECOVERY_SECONDS = 600
LATENCY = {"effect": "latency", "fixed": "20ms", "jitter": "20ms"}
#: The worker as its users run it, not as it is hurried along for runs of minutes.
DEFAULTS = {
    "graph.responseTimeout": "30s",
    "retry.initialDelay": "500ms",
    "retry.maxDelay": "60s",
    "limits.messagesPerSecond": 100,
    "worker.drainTimeout": "20s",
}


@dataclass
class Kind:
    """One kind of trouble."""

    name: str
    faults: list = field(default_factory=list)
    #: Concerns one account alone, and no other may notice it.
    is_own: bool = True
    #: What is called meanwhile may end without anybody knowing how.
    may_end_unknown: bool = False


def _error(code, subcode=None, status=400, **more):
    return {"effect": "error", "code": code, "status": status, **({"subcode": subcode} if subcode else {}), **more}


def _kinds():
    """The undisturbed run first; trouble for everybody last, since what it leaves behind concerns everybody."""
    return [
        Kind("undisturbed", is_own=False),
        Kind("throttled: 613", [_error(613)]),
        Kind("throttled: 429, Retry-After 60", [_error(613, status=429, retry_after_seconds=60)]),
        Kind("action blocked: 4/2207051", [_error(4, 2207051, 403)]),
        Kind("policy block: 368", [_error(368)]),
        Kind("token dead: 190/460", [_error(190, 460, 401)]),
        Kind("refused: 10/2018048", [_error(10, 2018048, 403)]),
        Kind("person: 613/2018338", [_error(613, 2018338)]),
        Kind("code 2", [_error(2, status=500)], may_end_unknown=True),
        Kind("no answer for 20 s", [{"effect": "latency", "fixed": "20s"}]),
        Kind("connection reset", [{"effect": "reset_after_body"}], may_end_unknown=True),
        Kind("one code 4 in 500, everybody", [_error(4, share=0.002)], is_own=False),
    ]


@dataclass
class Phase:
    kind: Kind
    #: The account that it concerns; none where it concerns everybody.
    account: str | None
    start: float
    end: float = 0.0

    def has(self, moment):
        return self.start + SETTLING_SECONDS <= moment < self.end


def trouble(settings):
    """Each kind for `--minutes` divided among them, under load; only whom it concerns may notice it."""
    kinds = _kinds()
    seconds = settings.minutes * 60 / len(kinds)
    with Arena(settings, DEFAULTS, LATENCY) as arena:
        heading(arena)
        arena.publish(only=("text",), delivery="at_least_once", accounts=ACCOUNTS)
        progress = Progress(arena)
        _pass(arena, progress, 5)
        phases = []
        for number, kind in enumerate(kinds):
            account = account_id(ACCOUNTS - number) if kind.is_own else None
            phases.append(_play(arena, progress, kind, account, seconds))
        # What is held, or parked, stays so for longer than anybody waits here.
        return 0 if _conclude(arena, phases) else 1


def outage(settings):
    """Every call is answered 500 with code 2 for `--minutes`, then the endpoint works again; the same for one account."""
    kind = Kind("code 2, everybody", [_error(2, status=500)], is_own=False, may_end_unknown=True)
    own = Kind("code 2, one account", [_error(2, status=500)], may_end_unknown=True)
    with Arena(settings, DEFAULTS, LATENCY) as arena:
        heading(arena)
        arena.publish(only=("text",), delivery="at_least_once", accounts=ACCOUNTS)
        progress = Progress(arena)
        _pass(arena, progress, 5)
        phases = [_play(arena, progress, Kind("undisturbed", is_own=False), None, 30)]
        phases.append(_play(arena, progress, own, account_id(ACCOUNTS - 1), settings.minutes * 60))
        _await_backlog(arena, progress, phases[-1])
        phases.append(_play(arena, progress, kind, None, settings.minutes * 60))
        _await_backlog(arena, progress, phases[-1])
        return 0 if _conclude(arena, phases, most_unknown=ACCOUNTS) else 1


def _pass(arena, progress, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        progress.tick()
        time.sleep(0.1)


def _play(arena, progress, kind, account, seconds):
    """One kind's time. The endpoint's own latency is a fault, too: it stays."""
    phase = Phase(kind, account, time.monotonic())
    if kind.faults:
        arena.scene.simulator.add_faults(*({**fault, **({"account": account} if account else {})} for fault in kind.faults))
    _pass(arena, progress, seconds)
    arena.change_latency(LATENCY)
    phase.end = time.monotonic()
    return phase


def _await_backlog(arena, progress, phase):
    """Until what was asked before the trouble's end has its results; says how long that took."""
    began = time.monotonic()
    asked = [each for each in list(arena.publisher.asked) if each.published < phase.end]
    while any(each.source not in arena.witness.first_read for each in asked):
        if time.monotonic() - began > RECOVERY_SECONDS:
            break
        progress.tick()
        time.sleep(0.5)
    print(f"{phase.kind.name}: all that waited has its result {time.monotonic() - phase.end:.0f} s after its end", flush=True)


def _conclude(arena, phases, most_unknown=None):
    """Prints what was seen and whether it is right. Where `most_unknown` is given, everything else has to be sent."""
    is_complete, _ = arena.finish(timeout=15)
    seen = Seen(arena, {phase.account for phase in phases if phase.account})
    print("\nfrom the request to its first call and to its result, milliseconds")
    print("                                 accounts that it does not concern                  the account that it concerns")
    print("trouble                               n  call p50     p99  result p50     p99   asked  calls  ends")
    for phase in phases:
        print(seen.line(phase), flush=True)
    checks = {
        "second results": sum(len(found) > 1 for found in seen.ends.values()),
        "others not sent": sum(seen.not_sent(phase) for phase in phases if not phase.kind.may_end_unknown or phase.account),
        "others called later": sum(seen.is_noticed(phase, phases[0]) for phase in phases if phase.account),
        "sent twice, and nobody says so": sum(map(seen.is_hidden_repetition, arena.publisher.asked)),
        "bad exits": len(arena.diary.bad_ends),
    }
    if most_unknown is not None:
        for phase in phases:
            unknown = seen.status_counts(phase.start, phase.end)["unknown"]
            print(f"{phase.kind.name}: {unknown} unknown of what was asked meanwhile")
            checks[f"unknown above {most_unknown}: {phase.kind.name}"] = max(unknown - most_unknown, 0)
        ends = seen.status_counts()
        checks["neither sent nor unknown"] = ends.total() - ends["sent"] - ends["unknown"]
        checks["missing"] = 0 if is_complete else len(arena.witness.missing)
    for name, count in checks.items():
        print(f"{'ok ' if not count else 'BAD'}  {name:45} {count}")
    arena.is_clean = not any(checks.values())
    return arena.is_clean


class Seen:
    """Requests, calls and results side by side."""

    def __init__(self, arena, touched):
        self._asked = arena.publisher.asked
        #: Accounts that some trouble concerned by themselves.
        self._touched = touched
        self.ends, self._calls = defaultdict(list), defaultdict(list)
        for result in arena.witness.results:
            self.ends[result.source].append(result)
        for call in arena.witness.calls:
            self._calls[marker_of(call)].append(call)

    def status_of(self, asked):
        return self.ends[asked.source][0].body["status"] if self.ends[asked.source] else "waiting"

    def status_counts(self, start=0.0, end=float("inf")):
        return Counter(self.status_of(each) for each in self._asked if start <= each.published < end)

    def not_sent(self, phase):
        """Requests of accounts that the phase does not concern alone, and that were not sent."""
        return sum(self.status_of(each) != "sent" for each in self._others(phase))

    def is_hidden_repetition(self, asked):
        accepted = sum(call["accepted"] for call in self._calls[asked.marker])
        return accepted > 1 and not any(end.body["possible_duplicate"] for end in self.ends[asked.source])

    def is_noticed(self, phase, undisturbed):
        """Whether one of a hundred others was called much later than in the undisturbed run."""
        late, usual = (_quantile(self._until_called(each), 0.99) for each in (phase, undisturbed))
        return late > 2 * usual + NOTICED_SECONDS

    def _until_called(self, phase):
        calls = [(each, self._calls[each.marker]) for each in self._others(phase)]
        return [found[0]["arrival_ns"] / 1e9 - each.published for each, found in calls if found]

    def line(self, phase):
        others = self._others(phase)
        ends = [(each, self.ends[each.source]) for each in others]
        until_called = self._until_called(phase)
        until_ended = [found[0].at - each.published for each, found in ends if found]
        parts = [_part(seconds, share) for seconds in (until_called, until_ended) for share in (0.5, 0.99)]
        line = f"{phase.kind.name:32} {len(others):6}  {parts[0]:>8} {parts[1]:>7}  {parts[2]:>10} {parts[3]:>7}"
        if not phase.account:
            return line
        concerned = [each for each in self._asked if each.account == phase.account and phase.start <= each.published < phase.end]
        calls = sum(len(self._calls[each.marker]) for each in concerned)
        return f"{line}  {len(concerned):6} {calls:6}  {dict(Counter(map(self.status_of, concerned)))}"

    def _others(self, phase):
        return [each for each in self._asked if each.account not in self._touched and phase.has(each.published)]


def _quantile(seconds, share):
    return sorted(seconds)[int(len(seconds) * share)]


def _part(seconds, share):
    return f"{_quantile(seconds, share) * 1000:.1f}" if seconds else "-"
