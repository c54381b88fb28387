"""`kill -9` of every process of the studio in the middle of a run: the run ends well all the same.

After each: finished steps were not run again, every artifact has its digest, every acknowledged
object can be read, no step is running without a run, and no process or file is left over.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest

from studio.client import Client
from studio.database.engine import open_database
from studio.database.tables import artifacts, attempts, steps
from studio.errors import StudioError
from studio.settings import builtin_folder
from studio.store import Store

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1200)]

STUDIO = str(Path(sys.executable).with_name("studio"))
DEEPFM = builtin_folder("pipelines") / "deepfm.json"
DONE = ("succeeded", "reused")

Json = dict[str, Any]


@dataclass
class Victim:
    """A studio that is served as a user would, and that is hurt."""

    home: Path
    process: subprocess.Popen[bytes]
    ledger: list[str] = field(default_factory=list)
    """Paths of objects that the server has said it made."""

    def client(self) -> Client:
        deadline = time.monotonic() + 60
        while True:
            try:
                url = json.loads((self.home / "studio.json").read_text())["url"]
                client = Client(url, (self.home / "token").read_text().strip())
                client.components()
                return client
            except (OSError, ValueError, StudioError):
                assert time.monotonic() < deadline, "the studio does not answer"
                time.sleep(0.1)

    def family(self) -> dict[str, list[psutil.Process]]:
        """The processes by what they are."""
        found: dict[str, list[psutil.Process]] = {}
        for process in psutil.Process(self.process.pid).children(recursive=True):
            try:
                found.setdefault(_role(process), []).append(process)
            except psutil.NoSuchProcess:
                continue
        return found

    def kill(self, role: str) -> None:
        for process in self.family().get(role, []):
            process.kill()

    def save_pipelines(self, stop: threading.Event) -> None:
        """Somebody works meanwhile; what the server acknowledges goes into the ledger."""
        count = 0
        while not stop.wait(0.1):
            document = {"schema_version": 1, "name": f"work {count}", "nodes": [], "edges": []}
            try:
                made = self.client()._request("POST", "/pipelines", json=document)
            except StudioError:
                continue
            self.ledger.append(f"/pipelines/{made['id']}/versions/{made['version']}")
            count += 1


def _role(process: psutil.Process) -> str:
    line = process.cmdline()
    for role, word in (
        ("server", "studio.server"),
        ("runner", "studio.runner"),
        ("spark", "org.apache.spark.deploy.SparkSubmit"),
    ):
        if word in line:
            return role
    if "studio.host.process" in line:
        parent = process.parent()
        inside = parent is not None and "studio.host.process" in parent.cmdline()
        return "step" if inside else "host"
    return "other"


@pytest.fixture
def victim(tmp_path: Path) -> Iterator[Victim]:
    home = tmp_path / "home"
    process = start(home)
    yield Victim(home, process)
    process.send_signal(signal.SIGTERM)
    process.wait(60)


def start(home: Path) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "STUDIO_HOME": str(home)}
    return subprocess.Popen([STUDIO, "serve", "--port", "8740"], env=environment)


def document(seed: int) -> Json:
    """DeepFM, trained anew: seconds long enough to be hit in the middle of it."""
    made: Json = json.loads(DEEPFM.read_text())
    for node in made["nodes"]:
        if node["component"] == "train":
            node["parameters"] |= {"seed": seed, "epochs": 8}
    return made


def wait_for(condition: Callable[[], bool], seconds: float = 240) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def states(client: Client, run: str) -> dict[str, str]:
    return {step["node_id"]: step["state"] for step in client.get_run(run)["steps"]}


POINTS: dict[str, Callable[[dict[str, str]], bool]] = {
    "the feature map runs on Spark": lambda now: now["feature_map"] == "running",
    "training runs": lambda now: now["train"] == "running",
    "prediction runs": lambda now: now["predict"] == "running" or now["predict"] in DONE,
}


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("role", ["server", "runner", "host", "step", "spark"])
def test_a_run_ends_well_whatever_is_killed_in_the_middle(
    victim: Victim, role: str, point: str
) -> None:
    client = victim.client()
    run = client.start_run(document(seed=1), {}, str(DEEPFM.parent))["id"]
    stop = threading.Event()
    worker = threading.Thread(target=victim.save_pipelines, args=(stop,))
    worker.start()
    try:
        wait_for(lambda: POINTS[point](states(client, run)))
        time.sleep(0.3)
        done_before = {node for node, state in states(client, run).items() if state in DONE}
        victim.kill(role)
        wait_for(lambda: victim.client().get_run(run)["state"] in ("succeeded", "failed"))
    finally:
        stop.set()
        worker.join()
    record = victim.client().get_run(run)
    assert record["state"] == "succeeded", record["problems"]
    check_ledger(victim)
    check_database(victim, run, done_before)
    check_leftovers(victim)


def test_a_studio_that_was_killed_whole_goes_on_where_it_was(victim: Victim) -> None:
    client = victim.client()
    run = client.start_run(document(seed=2), {}, str(DEEPFM.parent))["id"]
    wait_for(lambda: states(client, run)["train"] == "running")
    time.sleep(0.5)
    done_before = {node for node, state in states(client, run).items() if state in DONE}
    family = psutil.Process(victim.process.pid).children(recursive=True)
    for process in [psutil.Process(victim.process.pid), *family]:
        process.kill()
    victim.process.wait()
    wait_for(lambda: not any(p.is_running() and p.status() != "zombie" for p in family), 20)
    victim.process = start(victim.home)
    wait_for(lambda: victim.client().get_run(run)["state"] in ("succeeded", "failed"))
    assert victim.client().get_run(run)["state"] == "succeeded"
    check_database(victim, run, done_before)
    check_leftovers(victim)


def test_nothing_outlives_a_supervisor_that_was_killed(victim: Victim) -> None:
    client = victim.client()
    run = client.start_run(document(seed=3), {}, str(DEEPFM.parent))["id"]
    wait_for(lambda: states(client, run)["train"] == "running")
    family = psutil.Process(victim.process.pid).children(recursive=True)
    victim.process.kill()
    victim.process.wait()
    wait_for(lambda: not any(p.is_running() and p.status() != "zombie" for p in family), 20)
    victim.process = start(victim.home)
    victim.client()


def check_ledger(victim: Victim) -> None:
    client = victim.client()
    assert victim.ledger, "nobody worked meanwhile"
    for path in victim.ledger:
        assert client._request("GET", path)["document"]["name"].startswith("work ")


def check_database(victim: Victim, run: str, done_before: set[str]) -> None:
    database, store = open_database(f"sqlite:///{victim.home}/studio.db"), victim.home / "store"
    with database.read() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        rows = connection.execute(steps.select().where(steps.c.run_id == run)).mappings().all()
        tried = connection.execute(attempts.select().where(attempts.c.run_id == run)).mappings()
        counts: dict[str, int] = {}
        for attempt in tried:
            assert attempt["outcome"] is not None, "an attempt without an end"
            counts[attempt["node_id"]] = counts.get(attempt["node_id"], 0) + 1
        kept = connection.execute(artifacts.select()).mappings().all()
    database.close()
    assert {row["state"] for row in rows} <= set(DONE)
    repeated = {node for node in done_before if counts.get(node, 0) > 1}
    assert not repeated, "finished steps were run again"
    for artifact in kept:
        if artifact["content"] is None:
            assert Store(store).verify(artifact["digest"]), artifact["kind"]


def check_leftovers(victim: Victim) -> None:
    """Work folders are gone, and no process is there but the studio's own, each once."""
    wait_for(lambda: not list((victim.home / "work").glob("*/*")), 10)
    family = victim.family()
    assert "step" not in family
    for role in ("server", "runner", "host"):
        assert len(family.get(role, [])) <= 1 + (role == "server"), role
