"""Scripted runs, each with one question."""

import random
import time
from collections import Counter

from . import scripts
from .arena import Arena
from .run import Progress, conclude, heading

FAST_GRAPH = {"effect": "latency", "fixed": "2ms", "jitter": "6ms"}
SLOW_GRAPH = {"effect": "latency", "fixed": "300ms", "jitter": "300ms"}


def _until(arena, progress, condition, what, timeout=60):
    """Lets the run go on until something is so."""
    deadline = time.monotonic() + timeout
    while not condition():
        arena.director.tick()
        progress.tick()
        if time.monotonic() > deadline:
            raise AssertionError(f"after {timeout} s still not: {what}")
        time.sleep(0.02)


def _warm_up(arena, progress, results=150):
    _until(arena, progress, lambda: arena.witness.finished >= results, f"{results} results")


def kills(settings):
    """Many kill -9 in a row, at random moments, with calls in flight."""
    began = time.monotonic()
    draw = random.Random(f"kills {settings.seed}")
    with Arena(settings, latency={"effect": "latency", "fixed": "50ms", "jitter": "250ms"}) as arena:
        heading(arena)
        arena.publish()
        progress = Progress(arena)
        _warm_up(arena, progress)
        for _ in range(settings.kills):
            moment = time.monotonic() + draw.uniform(0.2, 2.5)
            _until(arena, progress, lambda due=moment: time.monotonic() >= due, "the moment has come")
            # One that is at work: killing one that only joins would show nothing.
            _until(arena, progress, lambda: _at_work(arena), "a replica is at work", 90)
            replica = draw.choice(_at_work(arena))
            arena.director.begin(scripts.kill(arena, replica))
            _until(arena, progress, lambda: arena.director.is_idle, "the replica is back")
            seen = arena.witness.finished
            _until(arena, progress, lambda seen=seen: arena.witness.finished > seen + 20, "the work goes on", 90)
        return 0 if conclude(arena, began, timeout=400).is_clean else 1


def _at_work(arena):
    """Replicas that have begun a call within the last second."""
    now = time.monotonic()
    lives = {attempt.life for attempt in arena.diary.attempts[-100:] if now - attempt.at < 1}
    return [replica for replica in arena.replicas if replica.life.name in lives and replica.life.is_running]


def _conclude_without_repetition(arena, began):
    """The end of a run without sudden deaths: nothing excuses a message that is sent twice."""
    balance = conclude(arena, began)
    again = len(balance.through) + len(balance.declared)
    print(f"{'ok ' if not again else 'BAD'}  messages sent twice          {again}")
    return 0 if balance.is_clean and not again else 1


def rolling(settings, rounds=3, latencies=(SLOW_GRAPH,)):
    """A rolling restart under load."""
    began = time.monotonic()
    with Arena(settings, latency=latencies[0]) as arena:
        heading(arena)
        arena.publish()
        progress = Progress(arena)
        _warm_up(arena, progress)
        for number in range(rounds):
            arena.change_latency(latencies[number % len(latencies)])
            arena.director.begin(scripts.rolling_restart(arena))
            _until(arena, progress, lambda: arena.director.is_idle, "all replicas are restarted", 200)
        return _conclude_without_repetition(arena, began)


def upgrade(settings, together=60):
    """One replica after the other of the version before is replaced by this one's, under load; both live for a while."""
    began = time.monotonic()
    with Arena(settings, latency=FAST_GRAPH, first_binary=settings.before) as arena:
        heading(arena)
        arena.publish()
        progress = Progress(arena)
        _warm_up(arena, progress)
        arena.binary = arena.scene.binary
        for number, replica in enumerate(arena.replicas):
            arena.director.begin(scripts.rolling_restart(arena, [replica]))
            _until(arena, progress, lambda: arena.director.is_idle, "the replica is replaced", 90)
            wait = together if number == 0 else 10
            end = time.monotonic() + wait
            _until(arena, progress, lambda end=end: time.monotonic() >= end, "they live together", wait + 30)
        return _conclude_without_repetition(arena, began)


def orderly(settings):
    """Three restarts of each replica, ten times over, half of them while answers take 100 ms, give or take 50."""
    slow = {"effect": "latency", "fixed": "50ms", "jitter": "100ms"}
    return rolling(settings, rounds=30, latencies=[FAST_GRAPH] * 3 + [slow] * 3)


def zombie(settings):
    """SIGSTOP for longer than the session, take-over, SIGCONT."""
    began = time.monotonic()
    with Arena(settings, latency=SLOW_GRAPH) as arena:
        heading(arena)
        arena.publish()
        progress = Progress(arena)
        _warm_up(arena, progress)
        rows = []
        for replica in arena.replicas[: settings.kills]:
            life, calls = replica.life, len(arena.diary.attempts)
            arena.director.begin(scripts.zombie(arena, replica))
            _until(arena, progress, lambda: arena.director.is_idle, "the zombie goes on")
            woken = time.monotonic()
            _until(arena, progress, lambda life=life: _is_over_it(life, woken, arena), "the zombie ends or works again", 90)
            taken_over = {attempt.life for attempt in arena.diary.attempts[calls:]} - {life.name}
            rows.append((life.name, life.process.exit_code, time.monotonic() - woken, len(taken_over)))
            seen = arena.witness.finished
            _until(arena, progress, lambda seen=seen: arena.witness.finished > seen + 100, "the work goes on", 90)
        balance = conclude(arena, began)
        print("\nzombie          after SIGCONT            seconds  replicas that called meanwhile")
        for name, code, seconds, others in rows:
            print(f"{name:15} {'joined again' if code is None else f'exit code {code}':24} {seconds:7.2f}  {others}")
        return 0 if balance.is_clean else 1


def _is_over_it(life, woken, arena):
    if not life.is_running:
        return True
    return any(attempt.life == life.name and attempt.at > woken for attempt in arena.diary.attempts)


def at_most_once(settings):
    """kill -9 while many at_most_once calls are in flight."""
    began = time.monotonic()
    slow = {"effect": "latency", "fixed": "1200ms", "jitter": "300ms"}
    rows = []
    with Arena(settings, latency=slow) as arena:
        heading(arena)
        arena.publish(delivery="at_most_once", only=("text", "image", "quick"))
        progress = Progress(arena)
        _warm_up(arena, progress)
        for round_number in range(3):
            replica = arena.replicas[round_number % len(arena.replicas)]
            name = replica.life.name
            _until(arena, progress, lambda name=name: _in_flight(arena, name) >= 10, f"{name} has calls in flight")
            caught = {attempt.marker for attempt in _open_attempts(arena, name)}
            arena.director.begin(scripts.kill(arena, replica))
            _until(arena, progress, lambda: arena.director.is_idle, "the replica is back")
            seen = arena.witness.finished
            _until(arena, progress, lambda seen=seen: arena.witness.finished > seen + 300, "the work goes on", 90)
            rows.append((name, caught))
        balance = conclude(arena, began)
        by_name = {asked.marker: asked for asked in arena.publisher.asked}
        print("\nkilled          calls in flight  how those requests ended")
        is_right = True
        for name, caught in rows:
            ends = Counter(balance.evidence.results[by_name[marker].source][0].body["status"] for marker in caught)
            is_right = is_right and set(ends) == {"unknown"}
            print(f"{name:15} {len(caught):15}  {dict(ends)}")
        called = Counter(len(balance.evidence.calls_of(asked)) for asked in arena.publisher.asked)
        print(f"calls for each request: {dict(called)}")
        print(f"{'ok ' if is_right else 'BAD'}  caught requests end unknown")
        return 0 if balance.is_clean and is_right else 1


def _open_attempts(arena, name):
    """Calls of a life that began so lately that none can have been answered: latency is 1.2 s at least."""
    now = time.monotonic()
    return [attempt for attempt in arena.diary.attempts[-400:] if attempt.life == name and now - attempt.at < 1.0]


def _in_flight(arena, name):
    return len(_open_attempts(arena, name))


def takeover(settings):
    """How long accounts wait after their replica's end for the next one's first call."""
    began = time.monotonic()
    rows = []
    with Arena(settings) as arena:
        heading(arena)
        arena.publish()
        progress = Progress(arena)
        _warm_up(arena, progress)
        for how in ("kill -9", "SIGTERM") * 3:
            replica = arena.replicas[len(rows) % len(arena.replicas)]
            accounts, ended, gone = _end(arena, progress, replica, how)
            waits = _take_over(arena, progress, accounts, replica.life.name, ended)
            rows.append((how, replica.life.name, waits, gone - ended))
            replica.close_last()
            replica.begin()
            replica.is_taken = False
            _until(arena, progress, replica.life.is_ready, "the replica is back", 90)
            seen = arena.witness.finished
            _until(arena, progress, lambda seen=seen: arena.witness.finished > seen + 300, "the work goes on", 90)
        is_clean = conclude(arena, began).is_clean
    print(f"\ntake-over, seconds; session time-out {settings.session:g}")
    if arena.plays_expiry:
        print(f"after kill -9 the harness ended the membership {settings.expiry:g} s after the kill, in the broker's place")
    print("end       replica        accounts  first call  median  last account  process gone")
    for how, name, waits, gone in rows:
        first, median, last = waits[0], waits[len(waits) // 2], waits[-1]
        print(f"{how:9} {name:14} {len(waits):8}  {first:10.2f}  {median:6.2f}  {last:12.2f}  {gone:12.2f}")
    return 0 if is_clean else 1


def _end(arena, progress, replica, how):
    """Ends a life; gives the accounts it served, when it was told, and when it was gone."""
    life = replica.life
    by_marker = {asked.marker: asked.account for asked in arena.publisher.asked}
    recent = [attempt for attempt in arena.diary.attempts if time.monotonic() - attempt.at < 8]
    last = {by_marker[attempt.marker]: attempt.life for attempt in recent if attempt.marker in by_marker}
    accounts = {account for account, name in last.items() if name == life.name}
    replica.is_taken = True
    ended = time.monotonic()
    if how == "kill -9":
        life.kill()
        arena.expire(life)
    else:
        life.process.terminate()
        _until(arena, progress, lambda: not life.is_running, "the replica ends")
    gone = time.monotonic()
    incident = arena.diary.tell(how, life.name)
    incident.start = incident.end = ended
    return accounts, ended, gone


def _take_over(arena, progress, accounts, name, ended):
    """Seconds until each account was first called by somebody else, sorted."""
    waits, taken = {}, len(arena.diary.attempts)

    def have_all():
        nonlocal taken
        by_marker = {asked.marker: asked.account for asked in arena.publisher.asked[-6_000:]}
        new = arena.diary.attempts[taken:]
        taken += len(new)
        for attempt in new:
            account = by_marker.get(attempt.marker)
            if account in accounts and attempt.life != name:
                waits.setdefault(account, attempt.at - ended)
        return len(waits) == len(accounts)

    _until(arena, progress, have_all, "all accounts are taken over", 90)
    return sorted(waits.values())
