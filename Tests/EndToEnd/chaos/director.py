"""Plays scripts: generators that yield seconds to wait, or a condition to wait for."""

import time

#: No condition of a script takes longer unless something hangs.
PATIENCE_SECONDS = 90
RESTART_ME = 3


class Director:
    """Plays several scripts at once, on the thread that calls `tick`."""

    def __init__(self, arena):
        self._arena = arena
        self._running = []

    def begin(self, script):
        self._running.append([script, time.monotonic(), None])

    def play(self, script):
        """Plays one script to its end, and whatever else runs meanwhile."""
        self.begin(script)
        while any(entry[0] is script for entry in self._running):
            self.tick()
            time.sleep(0.02)

    def end(self):
        """Lets what runs come to its end."""
        while self._running:
            self.tick()
            time.sleep(0.02)

    @property
    def is_idle(self):
        return not self._running

    def tick(self):
        self._care_for_replicas()
        for entry in list(self._running):
            if self._is_due(entry):
                self._step(entry)

    def _is_due(self, entry):
        script, due, condition = entry
        if condition is None:
            return time.monotonic() >= due
        if condition():
            return True
        if time.monotonic() > due:
            raise AssertionError(f"a script of the harness waited in vain for {PATIENCE_SECONDS} s: {script.__name__}")
        return False

    def _step(self, entry):
        try:
            wish = next(entry[0])
        except StopIteration:
            self._running.remove(entry)
            return
        if callable(wish):
            entry[1:] = [time.monotonic() + PATIENCE_SECONDS, wish]
        else:
            entry[1:] = [time.monotonic() + wish, None]

    def _care_for_replicas(self):
        """Starts replicas again that ended by themselves, and remembers how."""
        diary = self._arena.diary
        for replica in self._arena.replicas:
            if replica.is_taken or replica.life.is_running:
                continue
            code = replica.life.process.exit_code
            if code == RESTART_ME:
                diary.restarts_asked.append(replica.life.name)
            else:
                diary.bad_ends.append((replica.life.name, code))
            diary.tell("own end", replica.life.name)
            self._arena.expire(replica.life)
            replica.close_last()
            replica.begin()
