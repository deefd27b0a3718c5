"""Measures a takeover of much state: what a new owner reads before it goes on, and how long that takes.

A first worker leaves 50,000 requests waiting behind 10,000 accounts that the platform has blocked, with as many finished
requests in between, so that the ledgers hold a run for each. It is stopped in order, a second one starts, and what that
restores is read from its log. Everything runs on loopback, is bounded, and is ended at the end.

    make bench-restore
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from stand import ROOT, Processes, description, fetch, finished, free_port, kafka_settings, listens, wait_for

BLOCKED_PERSON = "90000001"
PARTITIONS = 6


def account(number: int) -> str:
    return str(17841400000000000 + number)


def requests(accounts: int, each: int):
    """For every request that is to wait, one for another account that is sent. The first one of each blocked account is
    called, which shows that it is blocked, and waits with the others until the block ends."""
    for number in range(accounts * each):
        blocked, healthy = account(number % accounts), account(accounts + number % 200)
        for name, owner, person in (("wait", blocked, BLOCKED_PERSON), ("sent", healthy, str(90210000 + number % 4_000))):
            yield json.dumps(
                {
                    "request_id": f"{name}-{number}",
                    "account_id": owner,
                    "recipient": {"id": person},
                    "message": {"text": f"Request {number}"},
                }
            )


def status(port: int) -> dict:
    return json.loads(fetch(f"http://127.0.0.1:{port}/api/status") or "{}")


def block(simulator_port: int):
    fault = json.dumps({"effect": "error", "code": 368, "recipient": BLOCKED_PERSON}).encode()
    url = f"http://127.0.0.1:{simulator_port}/_simulator/faults"
    request = urllib.request.Request(url, fault, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10):
        pass


def restored(log: Path) -> dict:
    """Sums what the lines of a worker's log say that it restored."""
    found = {"milliseconds": 0, "records": 0, "bytes": 0, "ledger_entries": 0, "accounts": 0}
    for line in log.read_text().splitlines():
        if "state restored" in line:
            fields = dict(re.findall(r"(\w+)=(\d+)", line))
            found = {name: max(value, int(fields[name])) if name == "milliseconds" else value + int(fields[name])
                     for name, value in found.items()}
    return found


def measure(binary: Path, folder: Path, processes: Processes, log, accounts: int, each: int):
    admin, simulator_port = free_port(), free_port()
    broker = processes.start_broker(folder / "broker")
    processes.start([binary, "simulator", "--unlimited", "--port", str(simulator_port)], log)
    wait_for(lambda: listens(simulator_port), "the simulator")
    block(simulator_port)
    tokens = {account(number): "bench-token" for number in range(accounts + 200)}
    (folder / "tokens.json").write_text(json.dumps(tokens))
    (folder / "requests.ndjson").write_text("\n".join(requests(accounts, each)) + "\n")
    settings = {
        "graph.baseURL": f"http://127.0.0.1:{simulator_port}",
        "validation.allowPrivateHosts": "true",
        "tokens.file": folder / "tokens.json",
        "limits.messagesPerSecond": 100_000,
        # So many accounts in trouble would pause everything.
        "safety.enabled": "false",
        "worker.maxOutstandingPerPartition": 2 * accounts * each,
        "admin.port": admin,
    }
    pairs = [*kafka_settings(broker), *(f"{name}={value}" for name, value in settings.items())]
    options = [word for pair in pairs for word in ("--set", pair)]
    subprocess.run([binary, "topics", "create", "--partitions", str(PARTITIONS), *options], check=True, stdout=log, stderr=log)
    subprocess.run([binary, "publish", folder / "requests.ndjson", *options], check=True, stdout=log, stderr=log)
    waiting, ended = accounts * each, accounts * each

    def is_settled():
        now = status(admin)
        return now.get("accounts", {}).get("held") == accounts and now.get("waiting") == waiting and finished(admin) >= ended

    with (folder / "first.log").open("w") as own:
        first = processes.start([binary, "run", *options], own)
        wait_for(is_settled, f"{accounts} blocked accounts with {waiting} waiting requests", 300)
        wait_for(lambda: status(admin).get("finished_uncommitted") == 0, "everything is committed")
        processes.end(first)
    with (folder / "second.log").open("w") as own:
        began = time.monotonic()
        second = processes.start([binary, "run", *options], own)
        wait_for(lambda: "state restored" in (folder / "second.log").read_text(), "the state is restored")
        wait_for(lambda: status(admin).get("waiting") == waiting, "all waiting requests are read again", 120)
        seconds = time.monotonic() - began
        assert status(admin)["accounts"]["held"] == accounts, status(admin)
        processes.end(second)
    return restored(folder / "second.log"), seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--accounts", type=int, default=10_000, help="blocked accounts (10 to 20000)")
    parser.add_argument("--each", type=int, default=5, help="waiting requests for each of them (1 to 20)")
    parser.add_argument("--binary", default=str(ROOT / ".build/release/send-worker"))
    options = parser.parse_args()
    if not (10 <= options.accounts <= 20_000 and 1 <= options.each <= 20):
        parser.error("give 10 to 20000 accounts with 1 to 20 requests each")
    print(f"broker: {description()}", flush=True)
    processes = Processes()
    with tempfile.TemporaryDirectory() as name, (Path(name) / "log").open("w") as log:
        try:
            found, seconds = measure(Path(options.binary), Path(name), processes, log, options.accounts, options.each)
        finally:
            processes.end_all()
            if sys.exc_info()[0]:
                for part in ("log", "first.log", "second.log"):
                    if (Path(name) / part).exists():
                        sys.stderr.write((Path(name) / part).read_text()[-1_500:])
    print(f"{options.accounts * options.each} requests wait behind {options.accounts} blocked accounts, {PARTITIONS} partitions")
    print(f"state topic: {found['records']} records, {found['bytes']} bytes")
    print(f"restored: {found['accounts']} accounts, ledgers with {found['ledger_entries']} offsets above their base")
    print(f"from the assignment to the end of reading the state: {found['milliseconds']} ms")
    print(f"from the start of the process until all requests wait again: {seconds:.1f} s")


if __name__ == "__main__":
    main()
