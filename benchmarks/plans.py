"""How long large pipelines take to be checked, saved, planned and reused, where all is known.

`python -m benchmarks.plans`: prints seconds, seconds of the processor, and the load.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from studio.artifacts import digest_bytes
from studio.database.artifacts import add_artifact, put_result
from studio.database.pipelines import PipelineRecord, create_pipeline
from studio.database.runs import RunOrder
from studio.graph import Graph, build_graph
from studio.pipeline import load_pipeline
from studio.step_key import step_key, step_key_parts
from studio.submission import check_pipeline
from tests.conftest import Studio
from tests.inline import Workshop

Shape = Literal["chain", "wide"]
Json = dict[str, Any]


@dataclass(frozen=True)
class Took:
    """seconds on the clock, and of the processor, which neighbours do not change as much."""

    seconds: float
    processor: float


def big_document(size: int, shape: Shape = "wide") -> Json:
    """Sources and sums: `wide` in rows of a hundred, each node below two; `chain` one by one."""
    width = 1 if shape == "chain" else 100
    nodes: list[Json] = []
    edges: list[Json] = []
    for number in range(size):
        component, parameters = ("total", {"factor": 0.5}) if number >= width else ("number", {})
        parameters = parameters or {"value": number % 100, "seed": number}
        nodes.append({"id": f"n{number}", "component": component, "parameters": parameters})
        above = {number - width, number - width + (number % width < width - 1)}
        edges += [_edge(source, number) for source in sorted(above) if 0 <= source < number]
    if shape == "wide":
        edges = [edge for edge in edges if int(edge["target"]["node"][1:]) >= width]
    return {"name": f"{shape} {size}", "nodes": nodes, "edges": edges}


def _edge(source: int, target: int) -> Json:
    return {
        "source": {"node": f"n{source}", "port": "report"},
        "target": {"node": f"n{target}", "port": "reports"},
    }


def make_known(studio: Studio, graph: Graph) -> None:
    """Write a result for every node, as if it had been executed."""
    given: dict[str, str] = {}
    with studio.database.begin() as connection:
        for name in graph.order:
            inputs = {
                port: [given[source] for source, _ in sources]
                for port, sources in graph.sources(name).items()
            }
            key = step_key(step_key_parts(graph.nodes[name], inputs, {}))
            given[name] = digest_bytes(key.encode())
            output = {"kind": "report", "digest": given[name], "size": 1, "summary": {}}
            add_artifact(connection, given[name], "report", 1, b"{}")
            put_result(connection, key, {"report": output}, "0" * 32, name)


def measure(action: Callable[[], object]) -> Took:
    began, processor = time.perf_counter(), time.process_time()
    action()
    return Took(time.perf_counter() - began, time.process_time() - processor)


def measure_pipeline(studio: Studio, size: int, shape: Shape) -> dict[str, Took]:
    """What each thing takes that is done with a pipeline of so many nodes, all of them known."""
    document = big_document(size, shape)
    made: list[PipelineRecord] = []

    def save() -> None:
        with studio.database.begin() as connection:
            made.append(create_pipeline(connection, load_pipeline(document)))

    def reuse() -> None:
        run = studio.finish(studio.submission.submit(made[0], RunOrder()))
        states = {step.state for step in studio.steps(run.id).values()}
        assert (run.state, states) == ("succeeded", {"reused"})

    def plan() -> None:
        pipeline = load_pipeline(document)
        found = studio.submission.plan(pipeline, RunOrder(), made[0].id)
        assert not found.problems
        assert len(found.nodes) == size

    pipeline = load_pipeline(document)
    took = {
        "check": measure(lambda: check_pipeline(studio.catalog, load_pipeline(document))),
        "save": measure(save),
        "plan, nothing known": measure(plan),
    }
    make_known(studio, build_graph(pipeline, studio.catalog.specs))
    took["plan, by equal keys"] = measure(plan)
    took["run, all reused"] = measure(reuse)
    took["plan, after a run"] = measure(plan)
    return took


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        shop = Workshop(Path(folder))
        shapes: list[Shape] = ["wide", "chain"]
        for size in (1_000, 10_000):
            for shape in shapes:
                for name, took in measure_pipeline(shop.make(), size, shape).items():
                    what = f"{size:>6,} nodes, {shape}: {name}"
                    print(
                        f"{what:<45}{took.seconds:8.2f} s{took.processor:8.2f} s of the processor"
                    )
        print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
