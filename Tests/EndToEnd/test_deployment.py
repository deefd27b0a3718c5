"""What is deployed agrees with the binary: keys, variables, commands, ports, paths and names.

The files are read as whoever deploys them reads them; what the worker accepts is asked of the worker.
"""

import json
import re
import subprocess
from pathlib import Path

import pytest
import requests
import yaml

from stage.processes import Process, clean_environment, free_port
from stage.waiting import wait_until

ROOT = Path(__file__).resolve().parents[2]
KUBERNETES = ROOT / "deploy/kubernetes"
DOCKER = ROOT / "docker"
ALERTS = DOCKER / "prometheus/alerts.yaml"
OWN_IMAGE = "instagram-send-worker"
WORKERS = ("worker-1", "worker-2", "worker-3")
LIFE = ROOT / "Sources/SendWorker/Lifecycle/WorkerLife.swift"


def documents(path):
    return [document for document in yaml.safe_load_all(path.read_text()) if document]


def manifest(name, kind=None):
    return next(one for one in documents(KUBERNETES / name) if kind in (None, one["kind"]))


def pod(of):
    return of["spec"]["template"]["spec"]


def container(of):
    (only,) = pod(of)["containers"]
    return only


def environment(of):
    return {one["name"]: one.get("value", "given-by-the-cluster") for one in container(of).get("env", [])}


def effective(binary, options=(), variables=None):
    """The configuration that the worker makes of it, by key; fails where it refuses."""
    done = subprocess.run(
        [binary, "config", "--json", *map(str, options)],
        env=clean_environment(**(variables or {})),
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 0, done.stderr
    return {entry["key"]: entry for entry in json.loads(done.stdout)}


def unused_variables(binary, variables):
    """Those that set no key."""
    sources = {entry["source"] for entry in effective(binary, variables=variables).values()}
    return [name for name in variables if not any(name in source for source in sources)]


def options_of(binary, command):
    """The options that a command's help names."""
    help_text = subprocess.run(
        [binary, *command, "--help"], env=clean_environment(), capture_output=True, text=True, timeout=30, check=True
    ).stdout
    assert f"send-worker {' '.join(command)} [" in help_text, f"there is no command {command}"
    return set(re.findall(r"--[a-z][a-z-]*", help_text))


@pytest.fixture(scope="module")
def stateful_set():
    return manifest("statefulset.yaml")


@pytest.fixture(scope="module")
def deployed(binary, stateful_set):
    """The configuration of a replica on Kubernetes."""
    return effective(binary, ["--config", KUBERNETES / "send-worker.yaml"], environment(stateful_set))


@pytest.fixture(scope="module")
def compose():
    return yaml.safe_load((DOCKER / "compose.yaml").read_text())["services"]


# Kubernetes


def test_the_kustomization_names_every_manifest_and_no_other():
    listed = yaml.safe_load((KUBERNETES / "kustomization.yaml").read_text())
    files = {path.name for path in KUBERNETES.glob("*.yaml")} - {"kustomization.yaml"}
    assert set(listed["resources"]) | set(listed["configMapGenerator"][0]["files"]) == files
    assert [image["name"] for image in listed["images"]] == [OWN_IMAGE]


@pytest.mark.timeout(60)
def test_every_key_and_variable_on_kubernetes_is_the_workers(binary, stateful_set, deployed):
    assert unused_variables(binary, environment(stateful_set)) == []
    topics = manifest("optional/topics.yaml")
    assert unused_variables(binary, environment(topics)) == []
    by_job = effective(binary, variables=environment(topics))
    for key, entry in by_job.items():
        if key.startswith(("kafka.bootstrap", "kafka.properties.")):
            assert entry["value"] == deployed[key]["value"], f"{key} of the topics' job is another"


def test_the_instance_is_the_pods_name(stateful_set, deployed):
    (variable,) = [one for one in container(stateful_set)["env"] if one["name"] == "KAFKA_INSTANCE_ID"]
    assert variable["valueFrom"]["fieldRef"]["fieldPath"] == "metadata.name"
    assert deployed["kafka.instanceId"]["source"] == "environment KAFKA_INSTANCE_ID"


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", ["statefulset.yaml", "optional/topics.yaml"])
def test_commands_on_kubernetes_exist(binary, name):
    assert_command(binary, container(manifest(name))["args"])


def assert_command(binary, arguments):
    words = [word for word in arguments if re.fullmatch(r"[a-z][a-z-]*", word)]
    used = {word for word in arguments if word.startswith("--")}
    assert used <= options_of(binary, words), f"{arguments} uses options that are not there"


def test_every_file_the_configuration_names_is_mounted(stateful_set, deployed):
    mounts = [mount["mountPath"] for mount in container(stateful_set)["volumeMounts"]]
    volumes = {volume["name"] for volume in pod(stateful_set)["volumes"]}
    assert {mount["name"] for mount in container(stateful_set)["volumeMounts"]} == volumes
    paths = [entry["value"] for entry in deployed.values() if str(entry["value"]).startswith("/")]
    paths += [word for word in container(stateful_set)["args"] if word.startswith("/")]
    assert deployed["tokens.directory"]["value"] in paths
    for path in paths:
        assert any(path == mount or path.startswith(f"{mount}/") for mount in mounts), f"{path} is not mounted"


@pytest.mark.timeout(60)
def test_probes_and_scrapes_ask_for_pages_that_the_worker_has(binary, stateful_set, compose, tmp_path):
    probes = [container(stateful_set)[name]["httpGet"] for name in ("startupProbe", "livenessProbe", "readinessProbe")]
    paths = {probe["path"] for probe in probes}
    paths |= {end["path"] for end in manifest("optional/podmonitor.yaml")["spec"]["podMetricsEndpoints"]}
    paths |= {job["metrics_path"] for job in prometheus()["scrape_configs"]}
    paths |= {re.search(r"8080(/\S*)", compose[name]["healthcheck"]["test"][-1])[1] for name in WORKERS}
    port = free_port()
    settings = {"tokens.directory": tmp_path, "admin.port": port, "kafka.bootstrapServers": f"127.0.0.1:{free_port()}"}
    options = [part for key, value in settings.items() for part in ("--set", f"{key}={value}")]
    worker = Process("worker", [binary, "run", *options], tmp_path / "worker.log")
    try:
        answers = wait_until(lambda: statuses(port, paths), "the pages answer", alive=[worker])
        # No broker is there: it lives, and is not ready.
        assert answers == {"/healthz": 200, "/readyz": 503, "/metrics": 200}
        assert worker.stop() == 0
    finally:
        worker.abandon()


def statuses(port, paths):
    try:
        return {path: requests.get(f"http://127.0.0.1:{port}{path}", timeout=10).status_code for path in paths}
    except requests.ConnectionError:
        return None


def test_all_speak_of_one_port(stateful_set, deployed):
    (port,) = container(stateful_set)["ports"]
    assert deployed["admin.host"]["value"] == "0.0.0.0"
    assert str(port["containerPort"]) == str(deployed["admin.port"]["value"])
    names = [container(stateful_set)[name]["httpGet"]["port"] for name in ("startupProbe", "livenessProbe", "readinessProbe")]
    names += [one["targetPort"] for one in manifest("service.yaml")["spec"]["ports"]]
    names += [one["port"] for rule in manifest("networkpolicy.yaml")["spec"]["ingress"] for one in rule["ports"]]
    names += [one["port"] for one in manifest("optional/podmonitor.yaml")["spec"]["podMetricsEndpoints"]]
    assert set(names) == {port["name"]}


def test_kafkas_port_is_let_out(deployed):
    port = int(deployed["kafka.bootstrapServers"]["value"].rsplit(":", 1)[1])
    rules = manifest("networkpolicy.yaml")["spec"]["egress"]
    assert any(one["port"] == port for rule in rules for one in rule["ports"])


def test_a_stopping_replica_has_time_to_drain_commit_and_leave(stateful_set, compose, deployed):
    drain = re.fullmatch(r"(\d+)s", deployed["worker.drainTimeout"]["value"])[1]
    least = int(drain) + seconds_after_drain()
    assert f"by {least} s everything that matters is done" in (ROOT / "docs/operations.md").read_text()
    assert pod(stateful_set)["terminationGracePeriodSeconds"] > least
    for name in WORKERS:
        assert int(compose[name]["stop_grace_period"].removesuffix("s")) > least


def seconds_after_drain():
    """What the worker grants a drain that hangs, and then leaving the group: what follows loses nothing where it is cut off."""
    life = LIFE.read_text()
    hanging = re.search(r"worker\.drainTimeout \+ \.seconds\((\d+)\)", life)
    leaving = re.search(r'"leaving the consumer group", within: \.seconds\((\d+)\)', life)
    assert hanging and leaving, f"{LIFE.name} does not say any more how long draining and leaving may take"
    return int(hanging[1]) + int(leaving[1])


def test_what_selects_replicas_selects_them(stateful_set):
    labels = stateful_set["spec"]["template"]["metadata"]["labels"].items()
    selectors = [stateful_set["spec"]["selector"]["matchLabels"], manifest("service.yaml")["spec"]["selector"]]
    selectors += [one["labelSelector"]["matchLabels"] for one in pod(stateful_set)["topologySpreadConstraints"]]
    for name in ("poddisruptionbudget.yaml", "optional/podmonitor.yaml"):
        selectors.append(manifest(name)["spec"]["selector"]["matchLabels"])
    selectors.append(manifest("networkpolicy.yaml")["spec"]["podSelector"]["matchLabels"])
    assert all(selector and selector.items() <= labels for selector in selectors)
    assert stateful_set["spec"]["serviceName"] == manifest("service.yaml")["metadata"]["name"]


@pytest.mark.parametrize("name", ["statefulset.yaml", "optional/topics.yaml"])
def test_pods_have_no_more_rights_than_they_need(name):
    one = manifest(name)
    assert pod(one)["automountServiceAccountToken"] is False
    assert pod(one)["enableServiceLinks"] is False
    assert pod(one)["securityContext"]["runAsNonRoot"] is True
    assert pod(one)["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    own = container(one)["securityContext"]
    assert own["allowPrivilegeEscalation"] is False and own["readOnlyRootFilesystem"] is True
    assert own["capabilities"] == {"drop": ["ALL"]}
    assert f"USER {pod(one)['securityContext']['runAsUser']}:" in (DOCKER / "Dockerfile").read_text()


def test_scaling_keeps_to_the_partitions_and_to_the_workers_group(stateful_set, deployed):
    arguments = container(manifest("optional/topics.yaml"))["args"]
    partitions = int(arguments[arguments.index("--partitions") + 1])
    assert stateful_set["spec"]["replicas"] <= partitions
    scaled = manifest("optional/scaledobject.yaml", "ScaledObject")["spec"]
    assert 1 <= scaled["minReplicaCount"] <= scaled["maxReplicaCount"] <= partitions
    assert scaled["scaleTargetRef"]["kind"] == "StatefulSet"
    assert scaled["scaleTargetRef"]["name"] == stateful_set["metadata"]["name"]
    (trigger,) = scaled["triggers"]
    keys = {"bootstrapServers": "kafka.bootstrapServers", "consumerGroup": "kafka.groupId", "topic": "topics.requests"}
    assert {name: trigger["metadata"][name] for name in keys} == {name: deployed[key]["value"] for name, key in keys.items()}


# Compose


def prometheus():
    return yaml.safe_load((DOCKER / "prometheus/prometheus.yaml").read_text())


@pytest.mark.timeout(60)
def test_commands_and_variables_of_compose_are_the_workers(binary, compose):
    own = {name: service for name, service in compose.items() if service["image"] == OWN_IMAGE}
    assert set(WORKERS) < set(own) and len(own) == len(WORKERS) + 2
    for name, service in own.items():
        assert_command(binary, [word for word in service["command"] if word != "0.0.0.0"])
        assert unused_variables(binary, service.get("environment", {})) == [], name
    assert len({compose[name]["environment"]["KAFKA_INSTANCE_ID"] for name in WORKERS}) == len(WORKERS)


def test_compose_pins_images_listens_on_loopback_and_checks_health(compose):
    for name, service in compose.items():
        assert service["image"] == OWN_IMAGE or re.search(r":v?\d+\.\d+\.\d+$", service["image"]), name
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), name
        check = service["healthcheck"]
        assert check.get("disable") or check["test"][0] == "CMD", name
        for needed in service.get("depends_on", {}):
            assert needed in compose, f"{name} waits for {needed}, which is not there"


def test_what_compose_mounts_is_there(compose):
    for name, service in compose.items():
        for mount in service.get("volumes", []):
            source = re.sub(r"^\$\{\w+:-([^}]*)\}", r"\1", mount).split(":")[0]
            assert (DOCKER / source).exists(), f"{name} mounts {source}"


def test_prometheus_scrapes_the_workers_and_grafana_asks_prometheus(compose):
    (job,) = prometheus()["scrape_configs"]
    assert job["job_name"] == "send-worker"
    assert job["static_configs"] == [{"targets": [f"{name}:8080" for name in WORKERS]}]
    provisioning = DOCKER / "grafana/provisioning"
    (source,) = yaml.safe_load((provisioning / "datasources/prometheus.yaml").read_text())["datasources"]
    assert source["url"] == "http://prometheus:9090" and "prometheus" in compose
    (provider,) = yaml.safe_load((provisioning / "dashboards/send-worker.yaml").read_text())["providers"]
    targets = [mount.split(":")[1] for mount in compose["grafana"]["volumes"]]
    assert provider["options"]["path"] in targets


# Documents


@pytest.mark.timeout(60)
@pytest.mark.parametrize("name", ["operations.md", "runbook.md"])
def test_keys_that_the_guides_name_exist(binary, name):
    known = set(effective(binary))
    sections = "|".join(sorted({key.split(".")[0] for key in known}))
    text = (ROOT / "docs" / name).read_text()
    # `kafka.instanceId`, `retry.unknownResends: 0`; families have members of free names.
    named = {key for key in re.findall(rf"`((?:{sections})\.[A-Za-z.]+)(?:: [^`]*)?`", text) if not key.endswith(".yaml")}
    families = ("kafka.properties.", "limits.accounts.")
    assert {key for key in named if not key.startswith(families)} - known == set()
    assert len(named) > 5, "the pattern finds no keys any more"


@pytest.mark.parametrize("name", ["operations.md", "runbook.md"])
def test_links_of_the_guides_lead_somewhere(name):
    text = (ROOT / "docs" / name).read_text()
    for file, anchor in re.findall(r"\]\(([\w.-]*)#?([\w-]*)\)", text):
        target = ROOT / "docs" / (file or name)
        assert target.exists(), file
        assert not anchor or anchor in anchors(target), f"{file}#{anchor}"


def anchors(path):
    """The headings' anchors as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_alert_has_its_place_in_the_runbook():
    groups = yaml.safe_load(ALERTS.read_text())["groups"]
    names = [rule["alert"] for group in groups for rule in group["rules"] if "alert" in rule]
    assert names
    assert [name for name in names if name.lower() not in anchors(ROOT / "docs/runbook.md")] == []


# What sources may import besides the project's own targets: the toolchain's modules. Foundation is not among them: it would
# bring ICU along, three quarters of a static binary.
TOOLCHAIN = {"Darwin", "Dispatch", "FoundationEssentials", "Glibc", "Musl", "PackageDescription", "Synchronization"}


def test_a_clone_builds_without_a_package_from_outside():
    manifest = (ROOT / "Package.swift").read_text()
    assert "://" not in manifest and ".package(" not in manifest
    own = set(re.findall(r'name: "([A-Za-z0-9-]+)"', manifest))
    imported = {
        (module, str(file.relative_to(ROOT)))
        for file in (ROOT / "Sources").rglob("*.swift")
        for module in re.findall(r"^(?:@\w+ |public |package |internal |private )*import (?:class |struct |enum |func )?(\w+)", file.read_text(), re.MULTILINE)
    }
    assert {module for module, _ in imported} & own, "no import was found"
    assert [pair for pair in sorted(imported) if pair[0] not in own | TOOLCHAIN] == []
