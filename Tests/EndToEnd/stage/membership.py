"""Ends a group's memberships in the broker's place, where the broker does not expire members that died."""

import threading
import time

from kafka import KafkaAdminClient
from kafka.admin import MemberToRemove
from kafka.errors import KafkaError

#: How often members that nobody is known to be are looked for.
CENSUS_SECONDS = 1.0
#: How long a rebalance may last with nobody left to wait for, and while dead members come and go.
HANGING_SECONDS = 12.0
LONGEST_REBALANCE_SECONDS = 20.0


class Reaper:
    """Sends LeaveGroup for members once they have been silent for a session.

    A member is told from another by its id, which the proxy in front of its replica overhears. A member that nobody is
    known to be (its replica was killed before it knew its own id, or has joined anew) leaves after `patience` seconds.
    """

    def __init__(self, bootstrap, group, living_ids, reconnect, patience=8.0, log=lambda line: None):
        self._bootstrap = bootstrap
        self._group = group
        self._reconnect = reconnect
        self._unstable_since = time.monotonic()
        self._living_ids = living_ids
        self._patience = patience
        self._log = log
        self._due = {}
        self._transactions = []
        self._strangers = {}
        self._next_census = 0.0
        self._admin = None
        self._lock = threading.Lock()
        self._ended = threading.Event()
        #: When a member was removed, on the monotonic clock, by its id.
        self.removed = {}
        self._thread = threading.Thread(target=self._run, name="reaper", daemon=True)
        self._thread.start()

    def expire(self, member_id, at):
        """Removes a member at this moment of the monotonic clock."""
        if member_id:
            with self._lock:
                self._due[member_id] = at

    def end_transaction(self, look_up, at):
        """Ends the transaction that a producer left open; brokers do that after the transaction's own time-out.

        `look_up` gives it as it is by then: what a stopped process wrote may still have been on its way.
        """
        with self._lock:
            self._transactions.append((at, look_up))

    def is_pending(self, member_id):
        with self._lock:
            return member_id in self._due

    def close(self):
        self._ended.set()
        self._thread.join(20)

    def _run(self):
        while not self._ended.wait(0.25):
            if not self._has_work():
                continue
            try:
                self._look()
            except (KafkaError, OSError, RuntimeError, KeyError) as failure:
                self._log(f"the group cannot be looked at: {failure!r}")
                self._disconnect()  # The broker is away for a moment; the next look tells.
        self._disconnect()

    def _has_work(self):
        now = time.monotonic()
        with self._lock:
            is_due = any(at <= now for at in [*self._due.values(), *(at for at, _ in self._transactions)])
        return is_due or now >= self._next_census

    def _disconnect(self):
        if self._admin:
            self._admin.close()
            self._admin = None

    def _look(self):
        self._admin = self._admin or KafkaAdminClient(bootstrap_servers=self._bootstrap, request_timeout_ms=5_000)
        self._next_census = time.monotonic() + CENSUS_SECONDS
        self._end_transactions()
        group = self._admin.describe_groups([self._group])[self._group]
        members = {member["member_id"] for member in group["members"]}
        self._wake_up(group["group_state"], members)
        for member_id in self._overdue(members):
            self._log(f"{member_id} is removed from the group; {group['group_state']}, {len(members)} members")
            self._admin.remove_group_members(self._group, [MemberToRemove(member_id=member_id)])
            self.removed[member_id] = time.monotonic()
            with self._lock:
                self._due.pop(member_id, None)

    def _wake_up(self, state, members):
        """A group that hangs between two generations, with nobody left to wait for, is formed anew from nothing."""
        now = time.monotonic()
        with self._lock:
            if state in ("Stable", "Empty"):
                self._unstable_since = now
            patience = LONGEST_REBALANCE_SECONDS if self._due else HANGING_SECONDS
        if now - self._unstable_since < patience:
            return
        self._log(f"the group hangs in {state}: all its {len(members)} members are removed and have to join again")
        self._admin.remove_group_members(self._group, [MemberToRemove(member_id=name) for name in members])
        self._reconnect()
        self._unstable_since = time.monotonic()

    def _end_transactions(self):
        """Ends what dead or stopped producers left open, also where their member has left by itself or was never heard."""
        now = time.monotonic()
        with self._lock:
            due = [look_up for at, look_up in self._transactions if at <= now]
        for look_up in due:
            if transaction := look_up():
                transaction.end(self._bootstrap)
            with self._lock:
                self._transactions = [entry for entry in self._transactions if entry[1] is not look_up]

    def _overdue(self, members):
        now = time.monotonic()
        with self._lock:
            for member_id in [name for name, at in self._due.items() if name not in members and at <= now]:
                del self._due[member_id]
            known = set(self._due) | set(self._living_ids())
            due = [name for name, at in self._due.items() if at <= now]
        self._strangers = {name: self._strangers.get(name, now) for name in members - known}
        return due + [name for name, since in self._strangers.items() if now - since > self._patience]

