"""The configuration changes while the worker runs: limits and log level are in force at once, and limits stay exact."""

import os
import signal
from datetime import datetime

import pytest

from stage.traffic import account_id, text_request
from stage.verdicts import assert_all_sent, decoded
from stage.waiting import wait_until

#: How long a call that was started before a change may take to arrive.
ON_THE_WAY = 0.4


class ConfigurationFile:
    """A YAML file that is replaced in one step."""

    def __init__(self, path):
        self.path = path

    def write(self, text):
        draft = self.path.with_suffix(".draft")
        draft.write_text(text)
        os.replace(draft, self.path)
        return self


@pytest.fixture
def file(tmp_path):
    return ConfigurationFile(tmp_path / "worker.yaml")


def reloads(worker):
    """How often the configuration was read again, by what came of it."""
    found = {}
    for line in worker.page("/metrics").text.splitlines():
        if line.startswith("send_worker_configuration_reloads_total{"):
            found[line.split('"')[1]] = float(line.split()[-1])
    return found


def time_of(line):
    return datetime.fromisoformat(line.split()[0].replace("Z", "+00:00")).timestamp()


def arrivals(scene, account):
    """When the account's calls arrived, in seconds of the wall clock and exact to each other."""
    calls = [call for call in scene.simulator.calls() if call["account"] == account_id(account)]
    shift = calls[0]["arrival_ms"] / 1e3 - calls[0]["arrival_ns"] / 1e9
    return sorted(call["arrival_ns"] / 1e9 + shift for call in calls)


def most_in_a_second(times, since, until):
    """The most arrivals in any second that ends with an arrival in this span."""
    ends = [time for time in times if since <= time < until]
    return max(sum(1 for other in times if time - 1 < other <= time) for time in ends)


@pytest.mark.timeout(120)
def test_no_second_exceeds_the_limit_in_force_while_limits_change_under_load(scene, file):
    special = account_id(1)
    file.write("limits:\n  messagesPerSecond: 20\n")
    worker = scene.start_worker(None, "--config", file.path).wait_until_ready()
    count = 700
    requests = [text_request(f"r{n}", account=n % 2, conversation=n // 2 % 60) for n in range(count)]
    scene.topics.publish_requests(requests)

    moments = [time_of(worker.log_lines[0])]
    limits = [(20, 20)]
    texts = [
        ("limits:\n  messagesPerSecond: 5\n", (5, 5), "limits.messagesPerSecond: 20 -> 5"),
        (
            f"limits:\n  messagesPerSecond: 5\n  accounts:\n    '{special}': {{ messagesPerSecond: 40 }}\n",
            (5, 40),
            f"limits.accounts.{special}.messagesPerSecond: none -> 40",
        ),
        (
            f"limits:\n  messagesPerSecond: 40\n  accounts:\n    '{special}': {{ messagesPerSecond: 3 }}\n",
            (40, 3),
            f"limits.accounts.{special}.messagesPerSecond: 40 -> 3",
        ),
        ("limits:\n  messagesPerSecond: 90\n", (90, 90), f"limits.accounts.{special}.messagesPerSecond: 3 -> none"),
    ]
    for text, limit, said in texts:
        before = len(scene.simulator.calls())
        wait_until(lambda: len(scene.simulator.calls()) >= before + 25, "calls under the limit", alive=[worker.process])
        file.write(text)
        number = worker.wait_for_log(said)
        moments.append(time_of(worker.log_lines[number - 1]))
        limits.append(limit)
    scene.results.wait_for(count, timeout=60, alive=[worker.process])
    assert reloads(worker) == {"applied": 4, "unchanged": 0, "refused": 0}
    scene.stop_worker(worker)
    assert_all_sent(decoded(scene.results.read_to_end()))

    for account in (0, 1):
        times = arrivals(scene, account)
        assert len(times) == count // 2
        for index, limit in enumerate(limits):
            since = moments[index] + (ON_THE_WAY if index else 0)
            until = moments[index + 1] if index + 1 < len(moments) else float("inf")
            if any(since <= time < until for time in times):
                assert most_in_a_second(times, since, until) <= limit[account], (account, index, limit)
    # The raised limits were used, not only kept to.
    assert most_in_a_second(arrivals(scene, 1), moments[2], moments[3]) > 20
    assert most_in_a_second(arrivals(scene, 0), moments[4], float("inf")) > 40


@pytest.mark.timeout(90)
def test_a_mistake_is_refused_and_the_old_values_stay(scene, file):
    file.write("limits:\n  messagesPerSecond: 30\n")
    worker = scene.start_worker(None, "--config", file.path).wait_until_ready()
    file.write("limits:\n  messagesPerSecond: lots\n")
    number = worker.wait_for_log("is refused, all values stay as they were")
    refusal = next(line for line in worker.log_lines[:number] if "limits.messagesPerSecond" in line)
    for part in ('"lots"', "worker.yaml line 2", "ERROR"):
        assert part in refusal, refusal
    assert reloads(worker) == {"applied": 0, "unchanged": 0, "refused": 1}
    scene.topics.publish_requests([text_request("still-works")])
    scene.results.wait_for(1, alive=[worker.process])
    file.write("limits:\n  messagesPerSecond: 31\n")
    worker.wait_for_log("limits.messagesPerSecond: 30 -> 31")
    scene.stop_worker(worker)


@pytest.mark.timeout(90)
def test_a_hangup_signal_has_the_file_read_and_other_keys_are_named(scene, file):
    file.write("log:\n  level: info\n")
    worker = scene.start_worker(None, "--config", file.path).wait_until_ready()
    worker.process.send_signal(signal.SIGHUP)
    worker.wait_for_log("the configuration was read again")
    assert reloads(worker) == {"applied": 0, "unchanged": 1, "refused": 0}
    file.write("log:\n  level: debug\nretry:\n  maxAttempts: 3\ngraph:\n  appSecret: IGSECRETapp\n")
    number = worker.wait_for_log("only after a restart")
    warning = worker.log_lines[number - 1]
    assert "retry.maxAttempts: 8 -> 3" in warning and "graph.appSecret: none -> <redacted>" in warning
    worker.wait_for_log("log.level: info -> debug")
    scene.topics.publish_requests([text_request("loud")])
    scene.results.wait_for(1, alive=[worker.process])
    assert "request_id=loud" in next(line for line in worker.log_lines if "a call is started" in line)
    file.write("log:\n  level: info\n")
    after = worker.wait_for_log("log.level: debug -> info")
    scene.topics.publish_requests([text_request("quiet")])
    scene.results.wait_for(2, alive=[worker.process])
    assert not any("a call is started" in line for line in worker.log_lines[after:])
    assert worker.log_lines[0:] and sum("only after a restart" in line for line in worker.log_lines) == 1
    scene.stop_worker(worker)
