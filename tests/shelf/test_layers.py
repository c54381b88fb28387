"""Layers that people bring, in real runs: drawn as a block, trained and scored in the sandbox."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import zipfile
from base64 import b64decode
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studio.catalog import CatalogReader
from studio.database.artifacts import get_artifact
from studio.database.audit import Actor, list_audit
from studio.database.engine import Database
from studio.database.packages import PackageVersionRecord
from studio.errors import PipelineError
from studio.executors.local import LocalExecutor
from studio.inspector import Inspector
from studio.packages.archive import Files
from studio.packages.shelf import PackageShelf
from studio.packages.trust import Trust
from studio.plan import Planned
from studio.runner.runner import Runner
from studio.runner.spark import SparkKeeper
from studio.sandbox.keeper import SandboxKeeper
from studio.sandbox.launch import find_mechanism
from studio.settings import Settings, builtin_folder
from studio.store import Store
from tests.conftest import Json, Studio, pipeline

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(900),
    pytest.mark.skipif(find_mechanism() != "bubblewrap", reason="bubblewrap does not work here"),
]

HEAD = """import keras
from studio.component import Embedding, Logit

class Own(keras.Layer):
    def call(self, factors):
        {body}

def {name}(embedding: Embedding, *, power: float = 0.5{parameters}) -> Logit:
    layer = Own()
    layer.power = power
    return layer
"""
# What `fm` computes, where the power is one half.
FM = "s = keras.ops.sum(factors, axis=1); q = keras.ops.sum(factors * factors, axis=1); "
FM += "return keras.ops.sum(self.power * (s * s - q), axis=1)"


def source(name: str, body: str = FM, parameters: str = "") -> str:
    return HEAD.format(name=name, body=body, parameters=parameters)


class Bench:
    """A studio with the components that are shipped, and a shelf that can be filled."""

    def __init__(self, studio: Studio, catalog: CatalogReader, shelf: PackageShelf) -> None:
        self.studio, self._catalog, self.shelf = studio, catalog, shelf
        self.trust = Trust(studio.database, is_team=False)

    def add(self, name: str, text: str, approved: bool = True) -> PackageVersionRecord:
        files: Files = {f"{name}.py": text.encode()}
        record, _ = self.shelf.add(files, name, {}, actor=Actor("ann"))
        if approved:
            self.trust.decide_package(record, True, Actor("ann"))
        self.studio.catalog = self._catalog.load()
        return record

    def bundle(self, output: Json) -> Path:
        """The folder of an artifact that is not small."""
        return Store(self.studio.settings.store).path(output["digest"])

    def problem(self, document: Json, node: str, seconds: float = 300) -> Json:
        run = self.studio.finish(self.studio.submit(document), seconds)
        step = self.studio.steps(run.id)[node]
        assert step.state == "failed", (step.state, self.studio.steps(run.id))
        problem: Json = step.problems[0]
        return problem


@pytest.fixture
def bench(
    settings: Settings,
    database: Database,
    executor: LocalExecutor,
    shelf: PackageShelf,
    sandbox: SandboxKeeper,
) -> Bench:
    read = Inspector().read_components
    reader = CatalogReader([builtin_folder("components")], database, read, shelf)
    runner = Runner(settings, database, executor, SparkKeeper(settings), sandbox)
    return Bench(Studio(settings, database, reader.load(), runner), reader, shelf)


@pytest.fixture
def clicks(tmp_path: Path) -> Path:
    random = np.random.default_rng(0)
    a, b = random.integers(0, 6, 600), random.integers(0, 5, 600)
    label = (random.random(600) < np.where((a + b) % 3 == 0, 0.8, 0.2)).astype(int)
    lines = [f"{x},{y},{z}" for x, y, z in zip(a, b, label, strict=True)]
    file = tmp_path / "clicks.csv"
    file.write_text("\n".join(["a,b,clicked", *lines]) + "\n")
    return file


def drawn(clicks: Path, block: str, *more: str, **node: Any) -> Json:
    """A model of a linear part and one block; `more`: nodes below it."""
    nodes: dict[str, Json] = {
        "read": {"component": "read_table", "parameters": {"path": str(clicks)}},
        "map": {"component": "feature_map", "parameters": {"label": "clicked"}},
        "encode": {"component": "encode"},
        "embedding": {
            "component": "embedding",
            "parameters": {"dimension": 4, "initial_stdev": 0.1},
        },
        "linear": {"component": "linear"},
        "block": {"component": block, **node},
        "train": {
            "component": "train",
            "parameters": {"epochs": 3, "batch_size": 100, "learning_rate": 0.02},
        },
        **{name: {"component": name} for name in more},
    }
    edges = [
        *("read.table > map.table", "read.table > encode.table"),
        *("map.feature_map > encode.feature_map", "map.feature_map > embedding.feature_map"),
        *("embedding.embedding > linear.embedding", "embedding.embedding > block.embedding"),
        *("linear.logit > train.logits", "block.logit > train.logits"),
        "encode.examples > train.examples",
    ]
    for name in more:
        edges += [f"train.model > {name}.model"]
        edges += ["read.table > predict.table"] if name == "predict" else []
    return pipeline(nodes, edges)


def scores(bench: Bench, output: Json) -> np.ndarray[Any, Any]:
    import pyarrow.parquet as pq

    with bench.studio.database.read() as connection:
        artifact = get_artifact(connection, output["digest"])
    if artifact.content is None:
        table = pq.read_table(bench.bundle(output) / "part-00000.parquet")
    else:
        file = json.loads(artifact.content)["part-00000.parquet"]
        table = pq.read_table(io.BytesIO(b64decode(file)))
    return np.asarray(table.column("prediction_score").to_numpy())


STRANGER = """
import csv, json, sys
import tensorflow as tf
rows = list(csv.DictReader(open(sys.argv[2])))
told = json.load(open(sys.argv[1] + "/columns.json"))
inputs = {told[c]["input"]: tf.constant([row[c] for row in rows]) for c in told}
found = tf.saved_model.load(sys.argv[1]).signatures["serving_default"](**inputs)
assert not [name for name in sys.modules if name.split(".")[0] in ("studio", "components")]
print(json.dumps(found["prediction_score"].numpy().tolist()))
"""


def test_fm_as_a_layer_is_trained_scored_and_exported_with_the_numbers_of_the_built_in_one(
    bench: Bench, clicks: Path, tmp_path: Path
) -> None:
    record = bench.add("own_fm", source("own_fm"))
    found = {}
    for block in ("fm", "own_fm"):
        document = drawn(clicks, block, "predict", "export_model")
        run = bench.studio.finish(bench.studio.submit(document), 300)
        steps = bench.studio.steps(run.id)
        assert run.state == "succeeded", [step.problems for step in steps.values()]
        found[block] = steps
    ours, theirs = (scores(bench, found[b]["predict"].outputs["table"]) for b in ("fm", "own_fm"))
    assert np.abs(ours - theirs).max() < 1e-6
    assert theirs.std() > 0.05

    folder = tmp_path / "exported"
    archive = next(bench.bundle(found["own_fm"]["export_model"].outputs["file"]).iterdir())
    zipfile.ZipFile(archive).extractall(folder)
    command = [sys.executable, "-I", "-c", STRANGER, str(folder), str(clicks)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert np.abs(np.array(json.loads(done.stdout)) - theirs).max() < 1e-6

    with bench.studio.database.read() as connection:
        log = [item.detail for item in list_audit(connection, "package:own_fm")]
    ran = {item["node"] for item in log if "node" in item}
    assert ran == {"block", "train", "predict", "export_model"}
    assert {item["digest"] for item in log if "node" in item} == {record.digest}
    again = bench.studio.execute(drawn(clicks, "own_fm", "predict", "export_model"))
    assert {step.state for step in again.values()} == {"reused"}
    bench.add("own_fm", source("own_fm") + "# another\n")
    planned = planned_of(bench, drawn(clicks, "own_fm", "predict"))
    assert (planned["block"].decision, planned["linear"].decision) == ("execute", "reuse")


def planned_of(bench: Bench, document: Json) -> dict[str, Planned]:
    return {item.node: item for item in bench.studio.plan(document).nodes}


def test_a_plan_says_which_steps_are_lent_code(bench: Bench, clicks: Path) -> None:
    bench.add("own_fm", source("own_fm"))
    planned = planned_of(bench, drawn(clicks, "own_fm", "predict"))
    lent = {name: item.lent for name, item in planned.items() if item.lent}
    assert lent == {"train": ("own_fm",), "predict": ("own_fm",)}
    plain = planned_of(bench, drawn(clicks, "fm", "predict"))
    assert not [item for item in plain.values() if item.lent]


def test_what_is_not_approved_is_told_for_every_step_that_would_run_it(
    bench: Bench, clicks: Path
) -> None:
    bench.add("own_fm", source("own_fm"), approved=False)
    with pytest.raises(PipelineError) as refused:
        bench.studio.submit(drawn(clicks, "own_fm", "predict"))
    problems = refused.value.problems()
    assert {(p.code, p.node) for p in problems} == {
        ("package.not_approved", node) for node in ("block", "train", "predict")
    }
    assert all("own_fm of package own_fm" in problem.message for problem in problems)


def test_a_layer_revoked_during_a_run_is_not_lent(bench: Bench, clicks: Path) -> None:
    record = bench.add("own_fm", source("own_fm"))
    run = bench.studio.submit(drawn(clicks, "own_fm"))
    bench.studio.turn_until(lambda: bench.studio.steps(run.id)["block"].state == "succeeded", 120)
    bench.trust.decide_package(record, False, Actor("bob"))
    bench.studio.finish(run, 120)
    step = bench.studio.steps(run.id)["train"]
    if step.attempt == 0 or step.state == "failed":  # else it had begun already
        assert step.problems[0]["code"] == "package.revoked"


def test_a_package_with_libraries_of_its_own_cannot_lend_a_layer(
    bench: Bench, clicks: Path
) -> None:
    text = "# /// script\n# dependencies = ['typing-extensions']\n# ///\n" + source("own_fm")
    bench.add("own_fm", text)
    with pytest.raises(PipelineError) as refused:
        bench.studio.submit(drawn(clicks, "own_fm"))
    assert {problem.code for problem in refused.value.problems()} == {"block.requirements"}


FAULTS = {
    "no layer": ("return None", "def own(embedding: Embedding, *, power: float = 0.5) -> Logit:\n"
                 "    return 7\n", "output.type", "returns a layer of Keras"),
    "no fixed shape": (
        "return keras.ops.reshape(factors, (-1, 7))[:, None] if 0 else keras.ops.sum(factors)",
        "", "block.shape", "The layer makes",
    ),
    "an error of its own": ("return 1 / 0", "", "component.exception", "ZeroDivisionError"),
}  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_wrong_with_a_layer_is_told_on_its_own_node(
    bench: Bench, clicks: Path, fault: str
) -> None:
    body, instead, code, words = FAULTS[fault]
    text = source("own", body)
    bench.add("own", text if not instead else text[: text.index("def own(")] + instead)
    problem = bench.problem(drawn(clicks, "own"), "block")
    assert (problem["code"], words in problem["message"]) == (code, True), problem
    if code == "component.exception":
        assert (problem["frames"][0]["file"], problem["frames"][0]["line"]) == ("own.py", 6)


HOSTILE = """import json, os, pathlib, socket, subprocess
        def attempt(act):
            try:
                return repr(act())
            except BaseException as error:
                return "denied: " + type(error).__name__
        seen = {{
            "database": attempt(lambda: open({database!r}).read()),
            "other_steps": attempt(lambda: os.listdir({logs!r})),
            "secret": attempt(lambda: open({secret!r}).read()),
            "data": attempt(lambda: open({clicks!r}).read()),
            "network": attempt(lambda: socket.create_connection(("127.0.0.1", {port}), 2)),
            "overwrite": attempt(lambda: open(__file__, "a")),
        }}
        attempt(lambda: pathlib.Path({canary!r}).write_text("in a /tmp of its own"))
        if pathlib.Path.cwd().name.startswith("train"):
            subprocess.Popen(["sleep", "300"], start_new_session=True)
            raise RuntimeError(json.dumps(seen))
        return keras.ops.sum(factors, axis=(1, 2))"""


def test_a_hostile_layer_reaches_nothing_from_within_train(
    bench: Bench, clicks: Path, tmp_path: Path
) -> None:
    import socket

    import psutil

    home, canary = bench.studio.settings.home, tmp_path / "canary"
    secret = home / "secret.txt"
    secret.write_text("a canary of a secret")
    with socket.create_server(("127.0.0.1", 0)) as server:
        places = {"database": str(home / "studio.db"), "logs": str(bench.studio.settings.logs)}
        places |= {"secret": str(secret), "clicks": str(clicks)}
        body = HOSTILE.format(port=server.getsockname()[1], canary=str(canary), **places)
        bench.add("own", source("own", body))
        problem = bench.problem(drawn(clicks, "own"), "train")
    message = problem["message"]
    seen = json.loads(message[message.index("{") : message.index("}") + 1])
    assert all(answer.startswith("denied: ") for answer in seen.values()), seen
    assert not canary.exists()
    assert problem["frames"][0]["file"] == "own.py"
    alive = [p.cmdline() for p in psutil.process_iter() if p.name() == "sleep"]
    assert ["sleep", "300"] not in alive


def test_a_lost_training_goes_on_from_its_checkpoint_in_the_sandbox(
    bench: Bench, clicks: Path
) -> None:
    """The folder that outlives an attempt can be written from within, and is gone at the end."""
    body = """import os, pathlib
        kept = [p for p in pathlib.Path({kept!r}).iterdir()] if os.path.isdir({kept!r}) else []
        if pathlib.Path.cwd().name == "train.1":
            (kept[0] / "mark").write_text("left by the first attempt")
            os.kill(os.getpid(), 9)
        if pathlib.Path.cwd().name == "train.2":
            print("found:", (kept[0] / "mark").read_text())
        return keras.ops.sum(factors, axis=(1, 2))"""
    kept = bench.studio.settings.kept
    bench.add("own", source("own", body.format(kept=str(kept))))
    document = drawn(clicks, "own")
    next(node for node in document["nodes"] if node["id"] == "train")["retries"] = 1
    run = bench.studio.finish(bench.studio.submit(document), 300)
    step = bench.studio.steps(run.id)["train"]
    assert (step.state, step.attempt) == ("succeeded", 2), step.problems
    log = (bench.studio.settings.logs / run.id / "train.2.log").read_text()
    assert "found: left by the first attempt" in log
    assert not list(kept.iterdir())


DOCS = Path(__file__).parents[2] / "docs"


def test_the_layers_of_the_docs_are_trained_together(bench: Bench, clicks: Path) -> None:
    tutorial = (DOCS / "write-a-component.md").read_text()
    guide = (DOCS / "deepfm-drawn.md").read_text()
    (gated,) = re.findall(r"```python file=gated\.py\n(.*?)```", tutorial, re.DOTALL)
    (power,) = re.findall(r"```python\n(import keras.*?)```", guide, re.DOTALL)
    bench.add("gated", gated)
    bench.add("power_block", power)
    document = drawn(clicks, "gated")
    document["nodes"].append({"id": "power", "component": "power_block"})
    for edge in ("embedding.embedding > power.embedding", "power.logit > train.logits"):
        document["edges"] += pipeline({}, [edge])["edges"]
    run = bench.studio.finish(bench.studio.submit(document), 300)
    assert run.state == "succeeded", [s.problems for s in bench.studio.steps(run.id).values()]
    assert planned_of(bench, document)["train"].decision == "reuse"
