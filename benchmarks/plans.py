"""How long large pipelines take to be checked, saved, planned and reused.

`python -m benchmarks.plans`: over REST, and in one process where everything is known. Seconds on
the clock, and of the processor, which neighbours on the machine do not change as much.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import httpx
import psutil
from sqlalchemy import insert

from benchmarks.figures import Figure, show, show_load
from studio.artifacts import digest_bytes
from studio.database.pipelines import create_pipeline
from studio.database.runs import RunOrder, finish_run
from studio.database.steps import Closing, close_steps, list_steps
from studio.database.tables import artifacts, results
from studio.graph import build_graph
from studio.host.isolation import relax_collector
from studio.pipeline import load_pipeline
from studio.settings import Settings
from studio.step_key import step_key, step_key_parts
from studio.supervisor import bind
from tests.conftest import Studio
from tests.inline import Workshop

Shape = Literal["chain", "wide"]
SHAPES: tuple[Shape, ...] = ("wide", "chain")
Json = dict[str, Any]


@dataclass(frozen=True)
class Took:
    """seconds: on the clock. processor: seconds of the processor."""

    nodes: int
    shape: Shape
    what: str
    seconds: float
    processor: float


def big_document(size: int, shape: Shape, source: Json, sum: Json, ports: tuple[str, str]) -> Json:
    """`wide`: in rows of a hundred, each node below two; `chain`: one by one.

    source, sum: the first nodes, and those that take what one or two others give; ports: from, to.
    """
    width = 1 if shape == "chain" else 100
    nodes: list[Json] = []
    edges: list[Json] = []
    for number in range(size):
        node = sum if number >= width else source
        parameters = {**node["parameters"], **({} if number >= width else {"seed": number})}
        nodes.append({**node, "id": f"n{number}", "parameters": parameters})
        if number >= width:
            above = {number - width, number - width + (number % width < width - 1)}
            edges += [_edge(f"n{name}", f"n{number}", ports) for name in sorted(above - {number})]
    return {"name": f"{shape} {size}", "nodes": nodes, "edges": edges}


def _edge(source: str, target: str, ports: tuple[str, str]) -> Json:
    return {
        "source": {"node": source, "port": ports[0]},
        "target": {"node": target, "port": ports[1]},
    }


def of_reports(size: int, shape: Shape) -> Json:
    """Of the components of tests, which take no time."""
    source = {"component": "number", "parameters": {"value": 1}}
    total = {"component": "total", "parameters": {"factor": 0.5}}
    return big_document(size, shape, source, total, ("report", "reports"))


def of_tables(size: int, shape: Shape) -> Json:
    """Of components that are shipped, whose columns are worked out, too."""
    source = {"component": "generate_click_log", "parameters": {"rows": 100}}
    merge = {"component": "merge_rows", "parameters": {}}
    return big_document(size, shape, source, merge, ("table", "tables"))


def make_known(studio: Studio, document: Json) -> None:
    """Write what a run of an equal pipeline of another name leaves that executed every node."""
    pipeline = load_pipeline({**document, "name": f"a copy of {document['name']}"})
    graph = build_graph(pipeline, studio.catalog.specs)
    with studio.database.begin() as connection:
        record = create_pipeline(connection, pipeline)
    run = studio.submission.submit(record, RunOrder())
    given: dict[str, str] = {}
    made: list[tuple[Json, Json, Closing]] = []
    with studio.database.begin() as connection:
        for step in list_steps(connection, run.id):
            name = step.node_id
            inputs = {
                port: [given[source] for source, _ in sources]
                for port, sources in graph.sources(name).items()
            }
            parts = step_key_parts(graph.nodes[name], inputs, {})
            key = step_key(parts)
            artifact = {"digest": digest_bytes(key.encode()), "kind": "report", "size": 1}
            outputs = {"report": {**artifact, "summary": {}}}
            given[name] = outputs["report"]["digest"]
            at = {"created_at": time.time()}
            made.append(
                (
                    {**artifact, "content": b"{}", **at},
                    {"key": key, "outputs": outputs, "run_id": run.id, "node_id": name, **at},
                    Closing(step, "succeeded", outputs, key=key, key_parts=parts),
                )
            )
        connection.execute(insert(artifacts), [item[0] for item in made])
        connection.execute(insert(results), [item[1] for item in made])
        close_steps(connection, [item[2] for item in made])
        finish_run(connection, run.id, "succeeded", None)


def measure_known(studio: Studio, size: int, shape: Shape) -> Iterator[Took]:
    """What it takes to plan and to run a pipeline of which every result is there."""
    document = of_reports(size, shape)
    with studio.database.begin() as connection:
        record = create_pipeline(connection, load_pipeline(document))

    def plan(decision: str) -> None:
        pipeline = load_pipeline(document)
        found = studio.submission.plan(pipeline, RunOrder(), record.id)
        assert [item.decision for item in found.nodes] == [decision] * size

    def reuse() -> None:
        run = studio.finish(studio.submission.submit(record, RunOrder()), 600)
        states = {step.state for step in studio.steps(run.id).values()}
        assert (run.state, states) == ("succeeded", {"reused"})

    def took(what: str, action: Callable[[], None]) -> Took:
        began, processor = time.perf_counter(), time.process_time()
        action()
        ended = time.perf_counter() - began, time.process_time() - processor
        return Took(size, shape, what, *ended)

    yield took("plan, nothing known", lambda: plan("execute"))
    make_known(studio, document)
    yield took("plan, by equal keys", lambda: plan("reuse"))
    yield took("run, all reused", reuse)
    yield took("plan, after a run", lambda: plan("reuse"))


def measure_rest(settings: Settings, size: int, shape: Shape) -> Iterator[Took]:
    """What it takes a server of its own to check, save and plan a pipeline, as a client asks it."""
    with server_of_its_own(settings) as (http, process):

        def ask_once(what: str, path: str, body: Json) -> tuple[Took, Json]:
            began, processor = time.perf_counter(), sum(process.cpu_times()[:2])
            answer = http.post(path, json=body)
            ended = time.perf_counter() - began, sum(process.cpu_times()[:2]) - processor
            answer.raise_for_status()
            return Took(size, shape, what, *ended), answer.json()

        def ask(what: str, path: str, body: Json) -> tuple[Took, Json]:
            """The lesser of two: neighbours that fill the caches cost processor time, too."""
            both = [ask_once(what, path, body) for _ in range(2)]
            return min(both, key=lambda item: item[0].processor)

        document = of_tables(size, shape)
        ask("the first request", "/pipelines/validate", of_tables(2, "chain"))
        took, checked = ask("validate, over REST", "/pipelines/validate", document)
        assert checked["valid"], checked
        yield took
        took, saved = ask("save, over REST", "/pipelines", document)
        yield took
        took, plan = ask("plan, over REST", f"/pipelines/{saved['id']}/plan", {})
        assert len(plan["nodes"]) == size
        yield took


@contextmanager
def server_of_its_own(settings: Settings) -> Iterator[tuple[httpx.Client, psutil.Process]]:
    """A server without a runner, and a client that may ask it."""
    with bind(settings.host, settings.port) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        server = subprocess.Popen(
            [sys.executable, "-m", "studio.server", "--fd", str(listener.fileno())],
            pass_fds=[listener.fileno()],
            env={**os.environ, "STUDIO_HOME": str(settings.home)},
        )
    try:
        httpx.get(f"{url}/readyz", timeout=600)  # the socket listens already: this one waits
        headers = {"Authorization": f"Bearer {settings.token_file.read_text().strip()}"}
        with httpx.Client(base_url=f"{url}/api/v1", headers=headers, timeout=600) as http:
            yield http, psutil.Process(server.pid)
    finally:
        server.terminate()
        server.wait()


def measure_all(folder: Path) -> Iterator[Took]:
    relax_collector()  # as in the server and the runner
    (folder / "known").mkdir()
    shop = Workshop(folder / "known")
    for shape in SHAPES:
        settings = Settings(home=folder / f"rest-{shape}", port=18_000)
        yield from measure_rest(settings, 10_000, shape)
        for size in (1_000, 10_000):
            yield from measure_known(shop.make(), size, shape)


def measure() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        for took in measure_all(Path(folder)):
            what = f"{took.nodes:,} nodes, {took.shape}: {took.what}"
            how = f"of the processor; {took.seconds:.2f} s on the clock"
            yield Figure(what, f"{took.processor:.2f} s", how)


if __name__ == "__main__":
    show("Large pipelines", measure())
    show_load()
