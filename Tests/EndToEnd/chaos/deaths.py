"""How much the death of a replica doubles, whenever it comes: many kill -9 from the first calls of a process on."""

import dataclasses
import random
import time
from collections import Counter, defaultdict
from itertools import pairwise

from stage.traffic import texts
from stage.waiting import wait_until

from .arena import Arena
from .balance import LISTED
from .evidence import marker_of
from .run import heading

BACKLOG = 2_500
ACCOUNTS, CONVERSATIONS = 50, 20
#: Requests a second, where there is no backlog.
TRICKLE = 150
TICK_SECONDS = 0.05
#: What a busy machine has not delivered by then never left the dead process.
QUIET_SECONDS = 1.0
#: From the first call of a life, half of them before its first transaction can have committed.
MOMENTS = ((0.1, 1.0), (0.1, 3.0))
SETTINGS = {
    # Whoever comes next takes the dead one's place without waiting for its session to end.
    "kafka.instanceId": "deaths",
    "limits.messagesPerSecond": 100,
    # A simulator that is slow for lack of a processor must not lead to calls that are sent again.
    "graph.responseTimeout": "30s",
}


def deaths(settings):
    """One replica after the other is killed 0.1 to 3 s after its first call, half of them with a backlog before them."""
    draw = random.Random(f"deaths {settings.seed}")
    began = time.monotonic()
    with Arena(dataclasses.replace(settings, replicas=0), SETTINGS, {"effect": "latency", "fixed": "5ms", "jitter": "10ms"}) as arena:
        heading(arena)
        if not arena.broker.is_kafka:
            print("skipped: what a death doubles is measured on Apache Kafka only; set KAFKA_HOME")
            return 0
        run = Deaths(arena)
        for number in range(settings.kills):
            has_backlog = number >= settings.kills // 2
            run.live_and_die(draw.uniform(*draw.choice(MOMENTS)), has_backlog)
            if (number + 1) % 10 == 0:
                print(f"{time.monotonic() - began:6.0f} s  {number + 1} deaths, {run.published} requests", flush=True)
        run.live_to_the_end()
        is_right = run.balance(settings.max_in_doubt)
        print(f"wall time: {time.monotonic() - began:.0f} s")
        arena.is_clean = is_right
        return 0 if is_right else 1


class Deaths:
    def __init__(self, arena):
        self._arena = arena
        self._scene = arena.scene
        self._calls = []
        #: Of each life: whether it had a backlog, how long after its first call it died, and the last call that it made.
        self._lives = []
        self.published = 0

    def live_and_die(self, moment, has_backlog):
        if has_backlog:
            self._publish(max(0, BACKLOG - (self.published - self._called())))
        life = self._begin()
        first = wait_until(lambda: self._first_call(has_backlog), "the first call of a life", 60, alive=[life.process])
        while time.monotonic() < first + moment:
            self._breathe(has_backlog)
        life.kill()
        life.close()
        self._arena.diary.note(f"{life.name} died {moment:.3f} s after its first call, {has_backlog=}")
        self._settle()
        self._lives.append((has_backlog, moment, len(self._calls)))

    def live_to_the_end(self):
        life = self._begin()
        witness = self._arena.witness
        wait_until(lambda: witness.finished >= self.published, "every request has its result", 300, alive=[life.process])
        code = life.worker.stop()
        assert code == 0, f"the last life ended with {code}"
        life.close()
        self._settle()
        self._lives.append((True, 0, len(self._calls)))
        witness.finish()

    def _begin(self):
        return self._arena.make_life(f"life-{len(self._lives) + 1}", is_proxied=False)

    def _first_call(self, has_backlog):
        known = len(self._calls)
        self._breathe(has_backlog)
        self._take_calls()
        return self._calls[known]["arrival_ns"] / 1e9 if len(self._calls) > known else None

    def _breathe(self, has_backlog):
        if not has_backlog:
            self._publish(int(TRICKLE * TICK_SECONDS))
        time.sleep(TICK_SECONDS)

    def _publish(self, count):
        if count:
            requests = texts(self.published + count, ACCOUNTS, CONVERSATIONS, prefix="q00")[self.published :]
            self._scene.topics.publish_requests(requests)
            self.published += count

    def _take_calls(self):
        while page := self._scene.simulator.calls_since(self._calls[-1]["sequence"] if self._calls else 0):
            self._calls += page

    def _settle(self):
        """Waits until what was under way when its caller died has arrived: whoever comes next has not called yet."""
        known, since = -1, time.monotonic()
        while known != len(self._calls) or time.monotonic() < since + QUIET_SECONDS:
            if known != len(self._calls):
                known, since = len(self._calls), time.monotonic()
            time.sleep(TICK_SECONDS)
            self._take_calls()

    def _called(self):
        return len({marker_of(call) for call in self._calls})

    def balance(self, bound):
        """Prints what was counted; gives whether all of it is as promised."""
        doubled, within = self._doubled()
        results = Counter(result.body["request_id"] for result in self._arena.witness.results)
        missing = self.published - len(results)
        second = sum(results.values()) - len(results)
        print(f"\n{self.published} requests, {len(self._calls)} calls, {len(self._lives) - 1} deaths")
        print("before the life                deaths  messages doubled by one: least  mean  most")
        for has_backlog, name in ((False, f"no backlog, {TRICKLE} requests/s"), (True, f"a backlog of {BACKLOG}")):
            counts = [doubled[number] for number, life in enumerate(self._lives[:-1]) if life[0] == has_backlog]
            if counts:
                print(f"  {name:28} {len(counts):6}  {min(counts):30}  {sum(counts) / len(counts):4.1f}  {max(counts):4}")
        worst = sorted(range(len(self._lives) - 1), key=lambda number: -doubled[number])[:5]
        print("most:", ", ".join(f"{doubled[n]} by life-{n + 1}, {self._lives[n][1]:.2f} s after its first call" for n in worst))
        above = sum(count > bound for count in doubled.values())
        breaches = {"missing": missing, "second results": second, "sent twice by one life": len(within),
                    f"deaths that doubled more than {bound}": above}  # fmt: skip
        for line in within[:LISTED]:
            print(line)
        for name, count in breaches.items():
            print(f"{'ok ' if not count else 'BAD'}  {name:36} {count}")
        if any(breaches.values()):
            print(f"logs are kept in {self._arena.directory}")
        return not any(breaches.values())

    def _doubled(self):
        """How many messages each life made arrive that arrived again later, by its number; and how many twice in one life."""
        number, lives = 0, defaultdict(list)
        for index, call in enumerate(self._calls):
            while index >= self._lives[number][2]:
                number += 1
            if call.get("accepted"):
                lives[marker_of(call)].append((number, call))
        doubled, within = Counter(), []
        for marker, each in lives.items():
            for (first, call), (second, again) in pairwise(each):
                doubled[first] += first != second
                if first == second:
                    within.append(f"{marker} arrived twice from life-{first + 1}: {_place(call)} and {_place(again)}")
        return doubled, within


def _place(call):
    return f"{call['arrival_ns'] / 1e9:.3f} (call {call['sequence']})"
