"""What Prometheus makes of the metrics, and whether alerts and dashboard ask for what there is."""

import json
import re
from pathlib import Path

import pytest
import yaml

from stage.prometheus import Exposition, Prometheus, promtool
from stage.traffic import texts
from stage.waiting import wait_until

DOCKER = Path(__file__).resolve().parents[2] / "docker"
ALERTS = DOCKER / "prometheus/alerts.yaml"
DASHBOARD = DOCKER / "grafana/dashboards/send-worker.json"
#: Series of the worker and its process, as they stand in expressions.
METRIC_NAME = re.compile(r"\b(?:send_worker|process)_[a-z0-9_]+")
REQUESTS = 40


@pytest.fixture
def busy_worker(scene):
    """A worker that has sent some messages and refused one."""
    worker = scene.start_worker({"kafka.properties.statistics.interval.ms": "500"}).wait_until_ready()
    scene.topics.publish_requests(texts(REQUESTS))
    scene.topics.publish([(b"1", b"not JSON", [])])
    scene.results.wait_for(REQUESTS + 1, alive=[worker.process])
    # Statistics, and the census of the loop, follow within a second.
    wait_until(
        lambda: metrics(worker).sum("send_worker_partition_lag") == 0,
        "librdkafka has told the ends of the partitions, and all is committed",
        alive=[worker.process],
    )
    return worker


def metrics(worker):
    page = worker.page("/metrics")
    assert page is not None and page.status_code == 200
    return Exposition(page.text)


def expressions_of_alerts():
    groups = yaml.safe_load(ALERTS.read_text())["groups"]
    return {rule["alert"]: rule["expr"] for group in groups for rule in group["rules"]}


def expressions_of_dashboard():
    dashboard = json.loads(DASHBOARD.read_text())
    found = {
        f"{panel['title']} {target['refId']}": target["expr"]
        for panel in dashboard["panels"]
        for target in panel.get("targets", [])
    }
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "query":
            found[f"variable {variable['name']}"] = variable["definition"]
    return found


@pytest.mark.timeout(120)
def test_the_page_is_as_prometheus_wants_it(scene, busy_worker):
    page = metrics(busy_worker)
    promtool("check", "metrics", text=page.text)

    assert page.sum("send_worker_requests_received_total", kind="text") == REQUESTS
    assert page.sum("send_worker_requests_received_total", kind="invalid") == 1
    assert page.sum("send_worker_results_total", status="sent") == REQUESTS
    assert page.sum("send_worker_results_total", status="rejected") == 1
    assert page.sum("send_worker_result_attempts_sum") == REQUESTS
    assert page.sum("send_worker_calls_total", outcome="delivered") == REQUESTS
    assert page.sum("send_worker_transactions_total", end="committed") > 0
    assert page.sum("send_worker_endpoint_state", state="up") == 1
    assert page.sum("send_worker_partitions_assigned") == 6
    assert page.sum("send_worker_ready") == 1
    assert page.sum("send_worker_broker_up") == 1
    assert page.sum("process_cpu_seconds_total") > 0
    assert page.sum("process_resident_memory_bytes") > 1_000_000
    assert page.sum("process_open_fds") > 3
    assert page.sum("send_worker_kafka_unread_statistics_total") == 0
    for client in ("consumer", "producer"):
        assert page.sum("send_worker_kafka_brokers_connected", client=client) >= 1, client


@pytest.mark.timeout(120)
def test_no_label_names_an_account_or_a_request(scene, busy_worker):
    accounts = {request["account_id"] for request in texts(REQUESTS)}
    for name, labels, _ in metrics(busy_worker).samples:
        for label, value in labels.items():
            assert label not in ("account", "account_id", "request_id", "recipient_id"), name
            assert value not in accounts, f"{name} has an account in its label {label}"
            assert len(value) <= 40, f"{name} has a long value in its label {label}: {value}"


@pytest.mark.timeout(120)
def test_alerts_and_dashboard_ask_for_metrics_that_exist(scene, busy_worker):
    there = metrics(busy_worker).names
    asked = {**expressions_of_alerts(), **expressions_of_dashboard()}
    assert len(asked) > 40
    for place, expression in asked.items():
        names = METRIC_NAME.findall(expression)
        assert names or "up{" in expression, f"{place} asks for nothing of the worker: {expression}"
        for name in names:
            assert name in there, f"{place} asks for {name}, which a worker that has worked does not show"


@pytest.mark.timeout(120)
def test_a_prometheus_server_scrapes_the_worker(scene, busy_worker, tmp_path):
    server = Prometheus(tmp_path / "prometheus", [f"127.0.0.1:{busy_worker.admin_port}"])
    try:
        wait_until(lambda: server.query("up == 1"), "Prometheus has scraped", alive=[server.process])
        (series,) = server.query('send_worker_results_total{status="sent"}')
        assert series[1] == REQUESTS
        assert series[0]["job"] == "send-worker"
        (quantile,) = server.query(
            'histogram_quantile(0.99, sum by (le) (send_worker_request_latency_seconds_bucket{status="sent"}))'
        )
        assert 0 < quantile[1] < 60
        for place, expression in {**expressions_of_alerts(), **expressions_of_dashboard()}.items():
            if not place.startswith("variable"):
                # Prometheus refuses what it cannot evaluate.
                server.query(expression.replace("$__rate_interval", "1m").replace("$job", ".*").replace("$instance", ".*"))
    finally:
        server.abandon()


def test_the_alert_rules_are_valid_and_fire_when_they_should():
    promtool("check", "rules", ALERTS)
    promtool("test", "rules", ALERTS.with_suffix(".test.yaml"))
    promtool("check", "config", ALERTS.with_name("prometheus.yaml"))


def test_every_alert_says_what_to_do_and_is_tested():
    tests = yaml.safe_load(ALERTS.with_suffix(".test.yaml").read_text())["tests"]
    tested = str(tests)
    for group in yaml.safe_load(ALERTS.read_text())["groups"]:
        for rule in group["rules"]:
            name, notes = rule["alert"], rule["annotations"]
            assert rule["labels"]["severity"] in ("critical", "warning"), name
            assert notes["summary"] and len(notes["description"]) > 100, name
            assert notes["runbook_url"] == f"docs/runbook.md#{name.lower()}"
            assert f'"{name}"' in tested or f"'{name}'" in tested, f"{name} has no test"
