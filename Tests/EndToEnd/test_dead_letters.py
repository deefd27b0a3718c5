"""Dead letters as an operator meets them: looked at, counted, published again once what was wrong is mended."""

import json
import signal
import subprocess
import time

import pytest
from kafka import KafkaProducer

from stage.processes import clean_environment
from stage.traffic import account_id, text_request
from stage.verdicts import decoded
from stage.waiting import wait_until
from stage.worker import set_options

#: Graph's refusal of one message whose account's token was not given the permission for it.
NO_PERMISSION = {
    "effect": "error",
    "status": 403,
    "code": 10,
    "subcode": 1404170,
    "message": "not enough permissions",
    "account": account_id(1),
}
TEN_YEARS_AGO = "2016-01-31T12:00:00Z"


def letter(request, redrives=0, status="failed", category="token", code="190", time="2026-01-31T12:00:00.000Z", **headers):
    """A dead letter as the worker writes it: key, value, headers."""
    added = {
        "dlq-status": status,
        "dlq-category": category,
        "dlq-code": code,
        "dlq-message": "The access token has expired.",
        "dlq-attempts": "1",
        "dlq-source-topic": "requests",
        "dlq-source-partition": "3",
        "dlq-source-offset": "8",
        "dlq-time": time,
        "dlq-redrives": str(redrives),
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    value = request if request is None or isinstance(request, bytes) else json.dumps(request).encode()
    key = account_id(0).encode() if value is None else json.loads(value)["account_id"].encode()
    return key, value, [("traceparent", b"00-1-2-01"), *((name, text.encode()) for name, text in added.items() if text is not None)]


def bury(scene, letters):
    """Puts dead letters on their topic, all acknowledged."""
    producer = KafkaProducer(bootstrap_servers=scene.broker.bootstrap, acks="all")
    try:
        for key, value, headers in letters:
            producer.send(scene.topics.dead_letters, key=key, value=value, headers=headers)
        producer.flush(30)
    finally:
        producer.close(10)


class Desk:
    """The commands, with this scene's topics and a state file of its own."""

    def __init__(self, scene, tmp_path):
        self._scene = scene
        self.state = tmp_path / "state" / "redriven.ndjson"
        self.options = set_options({**scene.kafka_settings, "validation.allowPrivateHosts": "true"})

    def list(self, *arguments, code=0):
        done = self._scene.command("dead-letters", "list", *arguments, *self.options)
        assert done.returncode == code, done.stdout + done.stderr
        return done

    def listed(self, *arguments):
        return [json.loads(line) for line in self.list("--json", *arguments).stdout.splitlines()]

    def redrive(self, *arguments, code=0):
        done = self._scene.command("dead-letters", "redrive", "--state", self.state, *arguments, *self.options)
        assert done.returncode == code, done.stdout + done.stderr
        return done

    def requests(self):
        return self._scene.topics.reader(self._scene.topics.requests).read_to_end()


@pytest.fixture
def desk(scene, tmp_path):
    return Desk(scene, tmp_path)


@pytest.mark.timeout(60)
def test_a_list_shows_filters_and_counts(scene, desk):
    empty = desk.list()
    assert empty.stdout == "" and f"there is no dead letter on {scene.topics.dead_letters}" in empty.stderr
    bury(
        scene,
        [
            letter(text_request("old", account=1), time="2026-01-30T12:00:00.000Z"),
            letter(text_request("new", account=2)),
            letter(text_request("slow"), category="throttled", code="4"),
            letter(text_request("maybe"), status="unknown", category="timeout", code=None),
            letter(b'{"account_id":"1784140000000000","access_token":"IGSECRETinjected"}', status="rejected"),
        ],
    )
    table = desk.list()
    lines = table.stdout.splitlines()
    assert lines[0].split()[:3] == ["TIME", "STATUS", "CATEGORY"] and len(lines) == 6
    assert "old" in lines[1], "the table is in the order of time"
    ids = lambda *arguments: {entry["request_id"] for entry in desk.listed(*arguments)}
    assert ids("--status", "failed") == {"old", "new", "slow"}
    assert ids("--status", "failed", "--status", "unknown", "--category", "timeout") == {"maybe"}
    assert ids("--code", "4") == {"slow"}
    assert ids("--account", account_id(2)) == {"new"}
    assert ids("--request-id", "new", "--request-id", "slow") == {"new", "slow"}
    assert ids("--until", "2026-01-31T00:00:00Z") == {"old"}
    assert ids("--since", "2026-01-31T00:00:00Z", "--code", "190", "--status", "failed") == {"new"}
    newest = desk.listed("--category", "token", "--status", "failed", "--limit", "1")
    assert [entry["request_id"] for entry in newest] == ["new"]
    assert newest[0]["request"] == text_request("new", account=2)
    assert "IGSECRET" not in table.stdout + desk.list("--json").stdout
    counts = desk.list("--counts").stdout.splitlines()
    assert counts[1].split() == ["2", "failed", "token", "190"] and counts[-1] == "5 in all"
    assert json.loads(desk.list("--counts", "--json").stdout)["total"] == 5
    nothing = desk.list("--since", "1s")
    assert nothing.stdout == "" and "among the 5" in nothing.stderr and "since" in nothing.stderr


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "arguments, word",
    [
        (["list", "--status", "lost"], "sent, rejected, failed"),
        (["list", "--since", "yesterday"], "how long ago"),
        (["list", "--limit", "0"], "--limit"),
        (["list", "--since", "1h", "--until", "2h"], "--since"),
        (["redrive", "--rate", "0"], "--rate"),
        (["redrive", "--max-redrives", "-1"], "--max-redrives"),
    ],
)
def test_wrong_options_end_with_2_and_say_what_is_right(bare_scene, arguments, word):
    done = bare_scene.command("dead-letters", *arguments)
    assert done.returncode == 2, done.stdout + done.stderr
    assert word in done.stderr


@pytest.mark.timeout(30)
def test_a_missing_topic_is_named_with_what_mends_it(bare_scene):
    done = bare_scene.command("dead-letters", "list", *set_options(bare_scene.kafka_settings))
    assert done.returncode == 2, done.stdout + done.stderr
    assert bare_scene.topics.dead_letters in done.stderr and "topics create" in done.stderr


@pytest.mark.timeout(100)
def test_requests_that_were_refused_are_sent_once_what_was_wrong_is_mended(scene, desk):
    """The whole way: wrong and late requests beside good ones, an account without permission, its mending, the redrive."""
    scene.simulator.add_faults(NO_PERMISSION)
    worker = scene.start_worker().wait_until_ready()
    refused = [text_request(f"refused-{n}", account=1) for n in range(3)]
    broken = {**text_request("broken", account=2), "message": {"text": ""}}
    late = text_request("late", account=2, expires_at=TEN_YEARS_AGO)
    scene.topics.publish_requests([*refused, broken, late, text_request("good", account=3)])
    scene.results.wait_for(6, alive=[worker.process])
    assert len(desk.listed("--status", "failed")) == 3
    assert {entry["status"] for entry in desk.listed()} == {"failed", "rejected", "expired"}

    before = len(desk.requests())
    dry = desk.redrive()
    assert "dry run: would publish 3 of 5" in dry.stdout
    assert "breaks the rules" in dry.stdout and "expires_at has passed" in dry.stdout
    assert dry.stdout.rstrip().endswith("--yes")
    assert len(desk.requests()) == before and not desk.state.exists()

    scene.simulator.remove_faults()
    scene.tokens.replace(account_id(1))
    first = desk.redrive("--request-id", "refused-0", "--yes")
    assert "published 1 of 1" in first.stdout
    rest = desk.redrive("--status", "failed", "--yes")
    assert "published 2 of 3" in rest.stdout and "redriven before" in rest.stdout
    again = desk.redrive("--yes")
    assert "published 0 of 5" in again.stdout
    assert len(desk.requests()) == before + 3
    scene.results.wait_for(9, alive=[worker.process])
    scene.stop_worker(worker)
    results = decoded(scene.results.read_to_end())
    assert {r["request_id"] for r in results if r["status"] == "sent"} == {"good", "refused-0", "refused-1", "refused-2"}


@pytest.mark.timeout(60)
def test_a_redriven_request_is_the_original_with_one_redrive_more(scene, desk):
    key, value, headers = letter(text_request("again", account=4), redrives=1)
    bury(scene, [(key, value, headers)])
    desk.redrive("--yes")
    (record,) = desk.requests()
    assert (record.key, record.value) == (key, value)
    assert record.headers == [("traceparent", b"00-1-2-01"), ("dlq-redrives", b"2")]


@pytest.mark.timeout(60)
def test_what_may_have_been_delivered_or_goes_round_is_left_alone(scene, desk):
    bury(
        scene,
        [
            letter(text_request("maybe"), status="unknown"),
            letter(text_request("tired"), redrives=3),
            letter(None, dlq_omitted_bytes="2000000"),
            letter(text_request("fine")),
        ],
    )
    done = desk.redrive("--yes")
    assert "published 1 of 4" in done.stdout
    assert "--include-unknown" in done.stdout and "--max-redrives" in done.stdout and "requests/3@8" in done.stdout
    desk.redrive("--yes", "--include-unknown", "--max-redrives", "4")
    names = [json.loads(record.value)["request_id"] for record in desk.requests()]
    assert sorted(names) == ["fine", "maybe", "tired"]


@pytest.mark.timeout(60)
def test_an_interrupted_redrive_says_where_it_stands_and_goes_on(scene, desk):
    bury(scene, [letter(text_request(f"r-{n:02d}", account=n)) for n in range(20)])
    command = ["dead-letters", "redrive", "--yes", "--rate", "5", "--state", desk.state, *desk.options]
    running = subprocess.Popen(
        [str(part) for part in [scene.binary, *command]],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=clean_environment(),
    )
    wait_until(lambda: desk.state.exists() and desk.state.read_text().count('"done"') >= 2, "some are published")
    taken = desk.redrive("--yes", code=1)
    assert "another redrive is using" in taken.stderr
    running.send_signal(signal.SIGINT)
    output, _ = running.communicate(timeout=20)
    assert running.returncode == 1
    count = int(output.split("published ")[1].split()[0])
    assert 2 <= count < 20
    assert f"interrupted after {count}" in output
    assert len(desk.requests()) == count
    desk.redrive("--yes")
    names = [json.loads(record.value)["request_id"] for record in desk.requests()]
    assert sorted(names) == [f"r-{n:02d}" for n in range(20)], "each exactly once"


@pytest.mark.timeout(60)
@pytest.mark.parametrize("is_published", [True, False])
def test_a_redrive_that_was_killed_between_publishing_and_noting_it_publishes_nothing_twice(scene, desk, is_published):
    bury(scene, [letter(text_request(f"r-{n}", account=n)) for n in range(3)])
    desk.redrive("--yes")
    lines = desk.state.read_text().splitlines(keepends=True)
    assert [next(iter(json.loads(line))) for line in lines] == ["run", "intended", "done"]
    # What the file holds when the process dies right after the brokers' acknowledgement.
    cut_off = [*lines[:2], '{"done":[[0,']
    if not is_published:
        # The ends of a moment after the first run: as if nothing had been published since.
        run = json.loads(lines[0])
        run["ends"] = [[p, end] for p, end in enumerate(ends_of(desk))]
        cut_off[0] = json.dumps(run) + "\n"
    desk.state.write_text("".join(cut_off))
    done = desk.redrive("--yes")
    assert "an earlier run was cut off: looking for 3" in done.stderr
    assert len(desk.requests()) == (3 if is_published else 6)


def ends_of(desk):
    ends = [0] * 6
    for record in desk.requests():
        ends[record.partition] = record.offset + 1
    return ends


@pytest.mark.timeout(60)
def test_a_state_file_of_other_topics_is_refused(scene, desk):
    bury(scene, [letter(text_request("r"))])
    desk.redrive("--yes")
    desk.state.write_text(desk.state.read_text().replace(scene.topics.requests, "other-requests"))
    refused = desk.redrive("--yes", code=2)
    assert "other-requests" in refused.stderr and "--state" in refused.stderr
    assert len(desk.requests()) == 1


@pytest.mark.timeout(60)
def test_the_rate_is_kept(scene, desk):
    bury(scene, [letter(text_request(f"r-{n}", account=n)) for n in range(12)])
    desk.redrive("--yes", "--rate", "5")
    times = sorted(record.timestamp for record in desk.requests())
    assert len(times) == 12
    assert times[-1] - times[0] >= 2_000, "12 requests at 5 a second take 2.2 s"


@pytest.mark.timeout(30)
def test_a_dry_run_hides_secrets_in_the_command_it_shows(scene, desk):
    bury(scene, [letter(text_request("r"))])
    done = desk.redrive("--set", "graph.appSecret=0123456789abcdef0123456789abcdef")
    assert "0123456789abcdef" not in done.stdout + done.stderr
    assert "graph.appSecret=<hidden>" in done.stdout


@pytest.mark.timeout(60)
def test_letters_that_were_written_before_the_moment_that_is_asked_for_are_not_read(kafka_scene, tmp_path):
    scene, desk = kafka_scene, Desk(kafka_scene, tmp_path)
    long_ago = int(time.time() - 7_200) * 1_000
    producer = KafkaProducer(bootstrap_servers=scene.broker.bootstrap, acks="all")
    try:
        for number in range(500):
            key, value, headers = letter(text_request(f"old-{number}", account=number % 50))
            producer.send(scene.topics.dead_letters, key=key, value=value, headers=headers, timestamp_ms=long_ago)
        producer.flush(30)
    finally:
        producer.close(10)
    # Of the three that are new only one ended lately.
    moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    bury(scene, [letter(text_request(name)) for name in ("late", "later")] + [letter(text_request("new"), time=moment)])
    assert [entry["request_id"] for entry in desk.listed("--since", "1h")] == ["new"]
    nothing = desk.list("--since", "1h", "--request-id", "none")
    assert "among the 3" in nothing.stderr, nothing.stderr
    assert len(desk.listed("--since", "3h", "--status", "failed")) == 1
    assert len(desk.listed()) == 503
