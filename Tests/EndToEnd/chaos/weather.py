"""Draws faults from a seed: what, to whom, when."""

import random
import time
from collections import Counter

from stage.traffic import account_id

from . import scripts
from .traffic import ACCOUNTS

#: How the endpoint misbehaves: its weight, how long in seconds, and the fault. None of them may last: an account that
#: is held for minutes would only make the run longer.
GRAPH_FAULTS = {
    "lost replies": (3, 3, {"effect": "reply_lost", "share": 0.3}),
    "late replies": (2, 2, {"effect": "reply_delayed", "by": "4s", "share": 0.2}),
    "resets before the body": (2, 3, {"effect": "reset_before_body", "share": 0.3}),
    "resets after the body": (2, 3, {"effect": "reset_after_body", "share": 0.3}),
    "code 1 after delivery": (2, 3, {"effect": "error", "code": 1, "status": 500, "delivers": True, "share": 0.3}),
    "code 2": (2, 3, {"effect": "error", "code": 2, "status": 500, "share": 0.4}),
    "torn answers": (1, 3, {"effect": "truncated_answer", "share": 0.3}),
    "gateway pages": (1, 3, {"effect": "html_page", "status": 502, "delivers": True, "share": 0.3}),
    "endpoint down": (1, 2, {"effect": "endpoint_down", "status": 503}),
    "slow answers": (2, 4, {"effect": "latency", "fixed": "300ms", "jitter": "900ms"}),
    "media not fetched": (1, 3, {"effect": "media_fetch_failure", "subcode": 2018008, "share": 0.5}),
    "throttled account": (2, 2, {"effect": "throttle", "code": 80002, "retry_after_seconds": 1}),
}
MEMBERSHIP = {"kill -9": 5, "zombie": 2, "rolling restart": 1}
OTHERS = {"endpoint": 8, "dead token": 1, "endpoint cut off": 2, "broker cut off": 2}
#: Only where the others can go on meanwhile.
BROKERS = {"broker kill -9": 3, "broker rolling restart": 1}
BROKER_PEACE_SECONDS = 12


class Weather:
    """Begins a fault every `pace` seconds on average; memberships are left in peace for a while after each change."""

    def __init__(self, arena):
        settings = arena.settings
        self._arena = arena
        self._random = random.Random(f"weather {settings.seed}")
        self._pace = settings.pace
        left_out = {*settings.without} if arena.broker.is_own else {*settings.without, "broker cut off"}
        self._membership = {kind: weight for kind, weight in MEMBERSHIP.items() if kind not in left_out}
        self._others = {kind: weight for kind, weight in OTHERS.items() if kind not in left_out}
        if settings.broker_restarts and arena.broker.is_own:
            self._others["broker restart"] = 1
        is_cluster = arena.is_cluster
        self._brokers = {kind: weight for kind, weight in BROKERS.items() if is_cluster and kind not in left_out}
        self._next = time.monotonic() + 2
        self._next_membership = time.monotonic() + 3
        self._next_broker = time.monotonic() + 8
        self.counts = Counter()

    def tick(self):
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + self._random.uniform(0.4, 1.6) * self._pace
        is_membership = now >= self._next_membership and self._membership
        is_broker = not is_membership and now >= self._next_broker and self._brokers
        kind = self._draw(self._membership if is_membership else self._brokers if is_broker else self._others)
        script = self._script(kind)
        if script is None:
            return
        if is_membership:
            self._next_membership = now + self._random.uniform(0.8, 1.6) * (self._arena.settings.session + 4)
        if is_broker:
            self._next_broker = now + self._random.uniform(0.8, 1.6) * BROKER_PEACE_SECONDS
        self._arena.director.begin(script)

    def _draw(self, weights):
        return self._random.choices(list(weights), weights.values())[0]

    def _script(self, kind):
        arena, draw = self._arena, self._random
        replica = draw.choice(arena.replicas)
        seconds = draw.uniform(0.3, 2.5)
        restart_after = draw.choice([0.0, 0.0, 2.0, arena.settings.session + 3])
        account = account_id(draw.randrange(ACCOUNTS))
        fault = draw.choices(list(GRAPH_FAULTS), [fault[0] for fault in GRAPH_FAULTS.values()])[0]
        is_everybody = draw.random() < 0.3
        busy = any(each.is_taken for each in arena.replicas)
        if kind in BROKERS or kind == "broker restart":
            if arena.is_broker_taken:
                return None
        elif replica.is_taken or (busy and kind == "rolling restart"):
            return None
        node = draw.choice(arena.broker.nodes) if kind == "broker kill -9" else None
        self.counts[fault if kind == "endpoint" else kind] += 1
        arena.note(f"{kind}: {fault if kind == 'endpoint' else replica.name}")
        match kind:
            case "kill -9":
                return scripts.kill(arena, replica, restart_after)
            case "zombie":
                return scripts.zombie(arena, replica, beyond=seconds)
            case "rolling restart":
                return scripts.rolling_restart(arena)
            case "dead token":
                return scripts.dead_token(arena, account, 1 + seconds)
            case "endpoint cut off":
                return scripts.cut_graph(arena, replica, seconds)
            case "broker cut off":
                return scripts.cut_kafka(arena, arena.replicas if is_everybody else [replica], seconds)
            case "broker restart":
                return scripts.restart_broker(arena)
            case "broker kill -9":
                return scripts.kill_broker(arena, node, draw.choice([0.0, 2.0, 2.0, 9.0]))
            case "broker rolling restart":
                return scripts.roll_brokers(arena)
        return scripts.graph_fault(arena, self._endpoint_fault(fault, account))

    @staticmethod
    def _endpoint_fault(name, account):
        _, seconds, fault = GRAPH_FAULTS[name]
        scope = {"account": account} if fault["effect"] == "throttle" else {}
        return {**fault, **scope, "for": f"{seconds}s"}
