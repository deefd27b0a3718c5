"""The balance of a run, and its print."""

import re
import time
from collections import Counter, defaultdict
from datetime import datetime

from . import checks
from .evidence import Evidence

LISTED = 20
CHANGED_HANDS = re.compile(r"^(\S+Z)\s.*partitions (assigned|given up) .*partitions=\"?\[([^\]]*)")


class Balance:
    def __init__(self, arena):
        self.arena = arena
        self.evidence = evidence = Evidence(arena)
        self._to_wall = time.time() - time.monotonic()
        self._changed_hands = {}
        self.statuses = Counter(results[0].body["status"] for results in evidence.results.values())
        second, self.explained_results, self.owned_up, self.stale_results = checks.second_results(evidence)
        letters, self.second_letters = checks.dead_letters(evidence)
        twice, self.through, self.declared, self.actions = checks.deliveries(evidence)
        order, self.steps_back = checks.order(evidence)
        limits, self.most = checks.limits(evidence)
        at_most_once, self.forgotten = checks.at_most_once(evidence)
        commits = {life.name: life.commits for replica in arena.replicas for life in replica.lives}
        zombie_calls, zombie_commits = checks.zombies(evidence, self._reassigned, self._taken_over, self._held, commits)
        orphans = [f"a call that no replica was heard to make: {record}" for record in evidence.orphans]
        ends = [f"{life} ended with {code}" for life, code in arena.diary.bad_ends]
        #: What must be zero, with the lines that say why it is not.
        self.breaches = {
            "missing": checks.missing(evidence),
            "results of nothing": checks.foreign(evidence),
            "second results": second,
            "duplicates unexplained": twice,
            "deaths above maxInDoubt": checks.doubled(evidence),
            "at_most_once called twice": at_most_once,
            "order breaches": order,
            "limit breaches": limits,
            "untrue results": checks.truth(evidence),
            "dead letters wrong": letters,
            "zombie calls": zombie_calls,
            "zombie commits": zombie_commits,
            "calls of nobody": orphans,
            "commits without generation": [f"{life} at {at:.3f}" for life, at in arena.diary.unfenced],
            "bad exits": ends,
        }

    @property
    def is_clean(self):
        return not any(self.breaches.values())

    def _reassigned(self, name, after):
        """When a life was next given partitions after a moment, by its own log; infinity for never."""
        return min((at for at, _ in self._changes(name, "assigned") if at > after), default=float("inf"))

    def _taken_over(self, name, after):
        """`(moment, partitions)` of what others were given after a moment, by their logs.

        A group whose coordinator dies gives each member a new session: one that stood still then may keep what it has.
        """
        others = [life.name for replica in self.arena.replicas for life in replica.lives if life.name != name]
        return [entry for other in others for entry in self._changes(other, "assigned") if entry[0] > after]

    def _held(self, name, at):
        """The partitions that a life had at a moment, by its own log."""
        changes = [(*entry, kind) for kind in ("assigned", "given up") for entry in self._changes(name, kind)]
        held = set()
        for moment, partitions, kind in sorted(changes, key=lambda change: change[0]):
            if moment <= at:
                held = held | partitions if kind == "assigned" else held - partitions
        return held

    def _changes(self, name, kind):
        """`(moment, partitions)` of each time a life was given some, or gave some up, by its own log."""
        if name not in self._changed_hands:
            log = (self.arena.directory / f"{name}.log").read_text(errors="replace")
            found = defaultdict(list)
            for line in log.splitlines():
                match = CHANGED_HANDS.match(line)
                if match and match.group(3).strip():
                    at = datetime.fromisoformat(match.group(1)).timestamp() - self._to_wall
                    found[match.group(2)].append((at, set(map(int, match.group(3).split(",")))))
            self._changed_hands[name] = found
        return self._changed_hands[name][kind]

    def lines(self, weather, wall_seconds, settle_seconds, is_complete):
        evidence, arena = self.evidence, self.arena
        asked = evidence.asked
        letters = sum(count for status, count in self.statuses.items() if status != "sent")
        yield ""
        yield f"requests                     {len(asked)}  ({_counted(each.kind for each in asked)})"
        yield f"  at_most_once               {sum(each.delivery == 'at_most_once' for each in asked)}"
        yield f"results                      {len(evidence.results)}  ({_counted(self.statuses)})"
        yield f"dead letters                 {len(evidence.letters)} for {letters} results that are not sent"
        yield f"calls                        {len(evidence.raw_calls)} seen, {sum(map(len, evidence.calls.values()))} begun"
        yield f"waited for the last result   {settle_seconds:.1f} s{'' if is_complete else ' AND GAVE UP'}"
        yield from self._duplicates()
        yield f"order                        {self.steps_back} calls made again after their successor's, by a new owner"
        yield f"most calls in a window       {_counted(self.most)}"
        yield ""
        yield from self._faults(weather)
        yield f"replicas that ended with 3 by themselves: {len(arena.diary.restarts_asked)}"
        yield f"wall time: {wall_seconds:.0f} s"
        yield ""
        for name, lines in self.breaches.items():
            yield f"{'ok ' if not lines else 'BAD'}  {name:28} {len(lines)}"
        yield from self._details()

    def _faults(self, weather):
        """What was done, and what it did."""
        yield f"{'fault':28} begun"
        for kind, count in sorted((weather or {}).items()):
            yield f"  {kind:26} {count:5}"
        by_kind = defaultdict(list)
        for incident in self.evidence.incidents:
            by_kind[incident.kind].append(incident)
        yield f"{'befallen':28} times  seconds at most  messages doubled, at most by one"
        for kind, incidents in sorted(by_kind.items()):
            longest = max(incident.end - incident.start for incident in incidents)
            doubled = [incident.duplicates for incident in incidents]
            yield f"  {kind:26} {len(incidents):5}  {longest:15.1f}  {sum(doubled):16}, {max(doubled)}"

    def _duplicates(self):
        evidence = self.evidence
        kills = [incident for incident in evidence.incidents if incident.kind == "kill -9"]
        seconds = sum(len(results) - 1 for results in evidence.results.values())
        yield f"messages that arrived again  {len(self.declared)} declared by possible_duplicate,"
        gaps = [gap for _, gap in self.through]
        furthest = f", called up to {max(gaps):.2f} s before" if gaps else ""
        yield f"                             {len(self.through)} through an end between call and commit{furthest}"
        yield f"sender actions done again    {self.actions} (harmless)"
        by_kind = Counter()
        for incident in evidence.incidents:
            by_kind[incident.kind] += incident.duplicates
        yield f"  by incident                {_counted(+by_kind) or 'none'}"
        if kills:
            most = max(incident.duplicates for incident in kills)
            mean = sum(incident.duplicates for incident in kills) / len(kills)
            yield f"  for each kill -9           {mean:.2f} on average, at most {most}"
        yield (
            f"second results               {seconds}, of which {len(self.explained_results)} through an incident"
            f" and {len(self.owned_up)} after a broker restart; second dead letters {len(self.second_letters)}"
        )
        if self.forgotten:
            yield f"at_most_once called again    {self.forgotten}, whose mark the broker lost when it was restarted"
        if evidence.stale_commits:
            yield (
                f"commits of a past generation {len(evidence.stale_commits)}, which this broker takes and Apache Kafka refuses;"
                f" {len(self.stale_results)} second results go back to them"
            )

    def _details(self):
        if self.is_clean:
            return
        for name, lines in self.breaches.items():
            for line in lines[:LISTED]:
                yield f"{name}: {line[:600]}"
        yield f"logs are kept in {self.arena.directory}"
        yield f"repeat with: {self.arena.settings.command}"


def _counted(items):
    counts = items if isinstance(items, dict) else Counter(items)
    return ", ".join(f"{name} {count}" for name, count in counts.items())
