"""The whole thing: `studio serve`, the shipped pipelines, over REST, with real Spark."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from studio.client import Client, RemoteError
from studio.settings import builtin_folder

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

STUDIO = str(Path(sys.executable).with_name("studio"))
PIPELINES = builtin_folder("pipelines")
PORTO = Path(__file__).parents[3] / "shared/data/porto_seguro/train.csv"

Json = dict[str, Any]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def served(home: Path) -> Iterator[subprocess.Popen[str]]:
    """`make run`, without the make."""
    command = [STUDIO, "serve", "--port", "8700", "--run", str(PIPELINES / "deepfm.json")]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env={**os.environ, "STUDIO_HOME": str(home)}
    )
    yield process
    process.send_signal(signal.SIGINT)
    process.wait(30)


@pytest.fixture(scope="module")
def printed(served: subprocess.Popen[str]) -> str:
    """What it prints until it serves."""
    assert served.stdout is not None
    lines = []
    for line in served.stdout:
        lines.append(line)
        if line.startswith("Open "):
            break
    return "".join(lines)


@pytest.fixture(scope="module")
def client(printed: str, home: Path) -> Client:
    found = re.search(r"http://127\.0\.0\.1:\d+", printed)
    assert found is not None
    return Client(found[0], (home / "token").read_text().strip())


def deepfm() -> Json:
    document: Json = json.loads((PIPELINES / "deepfm.json").read_text())
    return document


def finish(client: Client, document: Json, values: Json | None = None) -> Json:
    run = client.start_run(document, values or {})
    for _ in client.events(run["id"]):
        pass
    return client.get_run(run["id"])


def states(run: Json) -> dict[str, str]:
    return {step["node_id"]: step["state"] for step in run["steps"]}


def with_parameters(document: Json, node: str, **values: Any) -> Json:
    nodes = [
        {**item, "parameters": {**item.get("parameters", {}), **values}}
        if item["id"] == node
        else item
        for item in document["nodes"]
    ]
    return {**document, "nodes": nodes}


def test_the_first_command_trains_deepfm_and_prints_its_evaluation(printed: str) -> None:
    assert "run succeeded" in printed
    auc = re.search(r"^auc\s+([0-9.]+)$", printed, re.MULTILINE)
    assert auc is not None
    assert float(auc[1]) > 0.79


def test_nothing_is_run_again_and_it_takes_less_than_three_seconds(client: Client) -> None:
    began = time.monotonic()
    run = finish(client, deepfm())
    assert set(states(run).values()) == {"reused"}
    assert time.monotonic() - began < 3


def test_events_asked_for_after_the_last_one_are_none(client: Client) -> None:
    run = finish(client, deepfm())
    last = list(client.events(run["id"]))[-1]["id"]
    assert list(client._stream(f"/runs/{run['id']}/events", last)) == []


def test_a_learning_rate_re_runs_train_and_what_follows(client: Client) -> None:
    run = finish(client, with_parameters(deepfm(), "train", learning_rate=0.004))
    again = {node for node, state in states(run).items() if state == "succeeded"}
    assert again == {"train", "predict", "evaluate"}


def test_the_shared_embedding_with_a_dnn_beats_fm_and_fm_beats_linear(client: Client) -> None:
    def auc(*heads: str) -> float:
        gone = {"linear", "fm", "dnn"} - set(heads)
        document = deepfm()
        document["nodes"] = [node for node in document["nodes"] if node["id"] not in gone]
        document["edges"] = [
            edge
            for edge in document["edges"]
            if not {edge["source"]["node"], edge["target"]["node"]} & gone
        ]
        run = finish(client, document)
        (evaluate,) = [step for step in run["steps"] if step["node_id"] == "evaluate"]
        return float(evaluate["outputs"]["report"]["summary"]["metrics"]["auc"])

    assert auc("linear") < auc("linear", "fm") < auc("linear", "fm", "dnn")


def test_the_article_runs_with_its_settings(client: Client) -> None:
    if not PORTO.is_file():
        pytest.skip(f"{PORTO} is not there")
    document = json.loads((PIPELINES / "porto_seguro.json").read_text())
    run = finish(client, document, {"train_path": str(PORTO)})
    assert run["state"] == "succeeded"
    (evaluate,) = [step for step in run["steps"] if step["node_id"] == "evaluate"]
    metrics = evaluate["outputs"]["report"]["summary"]["metrics"]
    assert abs(metrics["gini"] - (2 * metrics["auc"] - 1)) < 1e-9
    assert metrics["base_rate"] == pytest.approx(0.0379, abs=1e-3)
    assert {"logloss", "base_rate_logloss", "normalised_entropy"} <= metrics.keys()


def test_the_article_runs_on_the_generated_table_too(client: Client) -> None:
    document = json.loads((PIPELINES / "porto_seguro.json").read_text())
    assert finish(client, document)["state"] == "succeeded"


BAD_TABLES = {
    "one class only": ("a,clicked\n" + "1,0\n" * 50, "label.single_class"),
    "a ragged row": ("a,clicked\n1,0\n1,2,3\n", "csv.ragged"),
    "no rows": ("a,clicked\n", "data.no_rows"),
    "another label": ("a,b\n1,0\n", "parameter.column_missing"),
    "not a table": ("\0\1\2", "csv"),
}


@pytest.mark.parametrize("name", BAD_TABLES)
def test_a_bad_table_ends_in_a_clear_problem(client: Client, tmp_path: Path, name: str) -> None:
    content, code = BAD_TABLES[name]
    path = tmp_path / "bad.csv"
    path.write_text(content)
    document = with_parameters(deepfm(), "feature_map", numeric=[])
    document["nodes"] = [
        {**node, "engine": "duckdb"} if node["id"] == "feature_map" else node
        for node in document["nodes"]
    ]
    told = problems_of(client, document, {"train_path": str(path)})
    assert any(problem["code"].startswith(code) for problem in told), told
    assert all(problem["node"] for problem in told)


def problems_of(client: Client, document: Json, values: Json) -> list[Json]:
    """What is said before the run where that can be known, and else by its steps."""
    try:
        run = finish(client, document, values)
    except RemoteError as error:
        return [problem.to_json() for problem in error.problems()]
    assert run["state"] == "failed"
    return [problem for step in run["steps"] for problem in step["problems"]]


def test_a_pipeline_that_cannot_run_is_refused_with_every_problem(client: Client) -> None:
    with pytest.raises(RemoteError) as caught:
        client.start_run(with_parameters(deepfm(), "train", learning_rat=1, epochs=0), {})
    assert caught.value.status == 422
    assert {problem.field for problem in caught.value.problems()} == {"learning_rat", "epochs"}


def test_every_port_is_on_loopback_and_spark_refuses_a_stranger(
    served: subprocess.Popen[str], client: Client
) -> None:
    processes = [psutil.Process(served.pid), *psutil.Process(served.pid).children(recursive=True)]
    ports = set()
    for process in processes:
        for connection in process.net_connections("inet"):
            if connection.status == psutil.CONN_LISTEN:
                assert connection.laddr.ip in ("127.0.0.1", "::1", "::ffff:127.0.0.1")
                ports.add(connection.laddr.port)
    assert len(ports) >= 2  # the server's and Spark's
    for port in ports:
        socket.create_connection(("127.0.0.1", port), 5).close()
    with pytest.raises(RemoteError) as caught:
        Client(client.url, "wrong").components()
    assert caught.value.status == 401


def test_server_and_runner_import_no_table_or_training_library() -> None:
    code = (
        "import sys, studio.server.app, studio.runner.process, studio.cli.local\n"
        "heavy = {'pandas', 'numpy', 'tensorflow', 'pyspark', 'ibis', 'polars', 'duckdb'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_help_is_instant() -> None:
    took = []
    for _ in range(3):
        began = time.monotonic()
        subprocess.run([STUDIO, "--help"], check=True, stdout=subprocess.DEVNULL)
        took.append(time.monotonic() - began)
    assert min(took) < 0.3


def test_the_command_line_runs_in_the_studio_that_is_there(client: Client, home: Path) -> None:
    done = subprocess.run(
        [STUDIO, "run", str(PIPELINES / "deepfm.json"), "--json"],
        capture_output=True,
        text=True,
        env={**os.environ, "STUDIO_HOME": str(home)},
        check=True,
    )
    answer = json.loads(done.stdout)
    assert answer["state"] == "succeeded"
    assert client.get_run(answer["run_id"])["state"] == "succeeded"
    assert answer["metrics"]["auc"] > 0.79
    assert {step["state"] for step in answer["steps"].values()} == {"reused"}


def test_a_second_studio_on_the_folder_is_refused_and_the_first_goes_on(
    client: Client, home: Path
) -> None:
    done = subprocess.run(
        [STUDIO, "serve", "--port", "8750"],
        capture_output=True,
        text=True,
        env={**os.environ, "STUDIO_HOME": str(home)},
        timeout=60,
    )
    assert done.returncode == 2
    assert "is in use by process" in done.stderr
    assert json.loads((home / "studio.json").read_text())["url"] == client.url
    assert client.components()


def test_events_go_on_where_they_were_when_the_server_was_killed(
    served: subprocess.Popen[str], client: Client
) -> None:
    run = client.start_run(with_parameters(deepfm(), "train", seed=99), {})
    seen = []
    for event in client.events(run["id"]):
        seen.append(event["id"])
        if event["type"] == "progress" and len(seen) < 1000:
            seen += [0] * 1000  # once only
            (server,) = [
                child
                for child in psutil.Process(served.pid).children()
                if "studio.server" in child.cmdline()
            ]
            server.kill()
    ids = [id for id in seen if id]
    assert ids == sorted(set(ids))
    assert client.get_run(run["id"])["state"] == "succeeded"


def test_ctrl_c_ends_a_studio_at_once_though_its_run_goes_on(tmp_path: Path) -> None:
    command = [STUDIO, "serve", "--port", "8760", "--run", str(PIPELINES / "deepfm.json")]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "STUDIO_HOME": str(tmp_path)},
    )
    assert process.stdout is not None
    while "running" not in process.stdout.readline():
        assert process.poll() is None
    children = psutil.Process(process.pid).children(recursive=True)
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0
    assert time.monotonic() - began < 10
    assert not psutil.wait_procs(children, timeout=5)[1]


def test_what_ran_is_listed_read_and_saved_from_the_command_line(
    client: Client, home: Path, tmp_path: Path
) -> None:
    run = finish(client, deepfm())["id"]

    def studio(*arguments: str) -> str:
        environment = {**os.environ, "STUDIO_HOME": str(home)}
        command = [STUDIO, *arguments]
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, check=True
        ).stdout

    assert run in studio("runs", "--limit", "5")
    first = studio("runs", "--limit", "200").splitlines()[-1].split()[0]  # that of the fixture
    assert "epoch" in studio("logs", first, "train") or studio("logs", "-f", first, "train") == ""
    assert "evaluate.report" in studio("artifacts", run)
    saved = studio("artifacts", run, "--save", "evaluate.report", "--to", str(tmp_path))
    assert json.loads(Path(saved.strip()).read_text())["models"][0]["name"] == "DeepFM"
