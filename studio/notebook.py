"""The studio from a notebook or a script: build, run, follow, and look at what came out.

from studio.notebook import connect
studio = connect()
pipeline = studio.pipeline("Clicks")
…
run = studio.run(pipeline)
run.report("evaluate")["metrics"]
run.table("predict").to_pandas()
"""

from __future__ import annotations

import html
import io
import json
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from studio.builder import PipelineBuilder
from studio.client import Client, find_studio
from studio.errors import NotFoundError, StudioError, UnavailableError
from studio.selection import RunMode
from studio.settings import load_settings
from studio.spec import ComponentSpec

Json = dict[str, Any]


def connect(url: str | None = None, token: str | None = None) -> Notebook:
    """The studio at an address, or the one that runs on the data folder (STUDIO_HOME)."""
    if url is not None:
        return Notebook(Client(url, token or ""))
    client = find_studio(load_settings())
    if client is None:
        raise UnavailableError("No studio is running on this data folder.", hint="studio serve")
    return Notebook(client)


class RunFailedError(StudioError):
    """A run that did not succeed; its problems are those of its steps."""

    code = "run.failed"
    title = "The run did not succeed"


class Notebook:
    """A running studio. specs: what can be placed, by name."""

    def __init__(self, client: Client) -> None:
        self.client = client
        listed = client.components()["components"]
        known = ComponentSpec.model_fields
        self.specs = {
            item["name"]: ComponentSpec(**{k: v for k, v in item.items() if k in known})
            for item in listed
        }

    def pipeline(self, name: str, description: str = "") -> PipelineBuilder:
        """A new pipeline, to be built by calls."""
        return PipelineBuilder(name, self.specs, description)

    def open(self, id: str) -> PipelineBuilder:
        """The newest version of a stored pipeline, however it was made."""
        document = self.client.get(f"/pipelines/{id}")["document"]
        return PipelineBuilder.from_document(document, self.specs)

    def save(self, pipeline: PipelineBuilder, note: str = "") -> str:
        """Store it as a new pipeline, to be opened on the canvas; gives its id."""
        return str(self.client.add_pipeline(pipeline.document, note)["id"])

    def run(
        self,
        pipeline: PipelineBuilder,
        parameters: Mapping[str, Any] | None = None,
        *,
        mode: RunMode = "EXECUTE_ALL",
        targets: Sequence[str] = (),
        fresh: bool = False,
        wait: bool = True,
    ) -> Run:
        """Run it; refusals are raised. wait: until it is over, with a line of progress."""
        started = self.client.start_run(
            pipeline.document,
            parameters or {},
            str(Path.cwd()),
            mode=mode,
            targets=targets,
            fresh=fresh,
        )
        run = Run(self.client, started["id"])
        return run.wait() if wait else run


class Run:
    """A run, while it goes on and after it."""

    def __init__(self, client: Client, id: str) -> None:
        self._client = client
        self.id = id

    @property
    def record(self) -> Json:
        return self._client.get_run(self.id)

    @property
    def state(self) -> str:
        return str(self.record["state"])

    def wait(self, progress: bool = True) -> Run:
        """Until it is over. Raises RunFailedError with the first problem of a step."""
        total, done = len(self.record["steps"]), set()
        for event in self._client.events(self.id):
            data = event.get("data", event)
            if data.get("state") in ("succeeded", "reused", "skipped", "failed", "cancelled"):
                done.add(data.get("node"))
            if progress:
                self._show(len(done - {None}), total, str(data.get("node") or ""))
        if progress:
            print(file=sys.stderr)
        record = self.record
        if record["state"] != "succeeded":
            problems = [p for step in record["steps"] for p in step.get("problems", [])]
            first = problems[0]["message"] if problems else f"The run is {record['state']}."
            raise RunFailedError(first, hint=problems[0].get("hint") if problems else None)
        return self

    @staticmethod
    def _show(done: int, total: int, node: str) -> None:
        width = 24
        filled = width * done // max(total, 1)
        bar = "█" * filled + "·" * (width - filled)
        print(f"\r{bar} {done}/{total} {node:<28.28}", end="", file=sys.stderr, flush=True)

    def output(self, node: str, port: str | None = None) -> Json:
        """What the run says of an artifact: kind, digest, size, summary."""
        step = next((s for s in self.record["steps"] if s["node_id"] == node), None)
        if step is None:
            raise NotFoundError(f"The run has no step {node!r}.", code="step.unknown")
        outputs: Json = step["outputs"]
        if port is None and len(outputs) == 1:
            return dict(next(iter(outputs.values())))
        if port not in outputs:
            names = ", ".join(outputs) or "none"
            raise NotFoundError(
                f"{node!r} has no output {port!r}.", hint=f"It has: {names}.", code="port.unknown"
            )
        return dict(outputs[port])

    def report(self, node: str, port: str | None = None) -> Json:
        """The document of a report, curves included."""
        digest = self.output(node, port)["digest"]
        files = self._client.download(digest)
        return dict(json.loads(files["report.json"]))

    def table(self, node: str, port: str | None = None) -> Table:
        output = self.output(node, port)
        if output["kind"] != "table":
            raise NotFoundError(f"{node!r} gives a {output['kind']}, no table.", code="port.kind")
        return Table(self._client.download(output["digest"]))

    def _repr_html_(self) -> str:
        record = self.record
        rows = "".join(
            f"<tr><td>{html.escape(step['node_id'])}</td><td>{html.escape(step['state'])}</td>"
            f"<td>{html.escape(step.get('reason') or '')}</td></tr>"
            for step in record["steps"]
        )
        title = f"{record['pipeline_name']}: {record['state']}"
        return f"<table><caption>{html.escape(title)}</caption>{rows}</table>"


class Table:
    """A table that was fetched, as any library has it; each is imported when it is asked for."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._files = [files[name] for name in sorted(files) if name.endswith(".parquet")]

    def to_arrow(self) -> Any:
        arrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
        return arrow.concat_tables([parquet.read_table(io.BytesIO(part)) for part in self._files])

    def to_pandas(self) -> Any:
        return self.to_arrow().to_pandas()

    def to_polars(self) -> Any:
        return import_module("polars").from_arrow(self.to_arrow())

    def _repr_html_(self) -> str:
        return str(self.to_arrow().slice(0, 20).to_pandas().to_html(index=False))
