"""All that the author of a component needs: the decorator, the kinds, errors and the context."""

from __future__ import annotations

import logging
import signal
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, ClassVar, Protocol, TypeVar

from pydantic import WithJsonSchema
from pydantic_core import core_schema

from studio.artifacts import (
    Embedding,
    Examples,
    FeatureMap,
    File,
    Logit,
    Model,
    Report,
    canonical_json,
    digest_bytes,
    digest_json,
)
from studio.blocks import CUSTOM, Block, add_block, first_block
from studio.destination import parse_destination
from studio.errors import ComponentError, say
from studio.plots import plot
from studio.schema import Schema

__all__ = [
    "CUSTOM",
    "AnyTable",
    "Block",
    "Column",
    "ComponentError",
    "Embedding",
    "Examples",
    "FeatureMap",
    "File",
    "InputPath",
    "Logit",
    "Model",
    "Report",
    "Schema",
    "Secret",
    "TableWithRoles",
    "add_block",
    "canonical_json",
    "component",
    "context",
    "digest_bytes",
    "digest_json",
    "first_block",
    "plot",
    "say",
]

Function = TypeVar("Function", bound=Callable[..., Any])

ATTRIBUTE = "__studio_component__"
PATH_FORMAT = "path"
COLUMN_FORMAT = "column"
SECRET_FORMAT = "secret"


class _Named(str):
    """A text whose meaning the studio knows by the format in its schema."""

    format_name: ClassVar[str]

    @classmethod
    def __get_pydantic_core_schema__(cls, _: Any, __: Any) -> core_schema.CoreSchema:
        return core_schema.no_info_after_validator_function(cls, core_schema.str_schema())

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: core_schema.CoreSchema, handler: Callable[[Any], dict[str, Any]]
    ) -> dict[str, Any]:
        return {**handler(schema), "format": cls.format_name}


class Secret(_Named):
    """A parameter that names a secret of the studio; `context.secret(name)` gives its value.

    The pipeline holds the name only. A changed value does not run the step again.
    """

    format_name = SECRET_FORMAT


class InputPath(_Named):
    """A parameter that names a file, a folder or a dataset to read.

    The studio resolves it to an absolute path and puts its *content* into the step key, so that
    a changed file re-runs the step and a moved one does not.
    """

    format_name = PATH_FORMAT


# A parameter that names a column of an input table: the form lets it be picked, and before a run
# it is checked that the column is there: in the tables of the port that
# `Field(json_schema_extra={"port": "left"})` names, else in the tables of some input port. The
# component is handed a plain text. `Sequence[Column]` and `Mapping[Column, ...]` name several.
Column = Annotated[str, WithJsonSchema({"type": "string", "format": COLUMN_FORMAT})]


@dataclass(frozen=True)
class Declaration:
    """What `@component` says beyond the signature."""

    title: str
    category: str
    version: str = "1.0"
    volatile: bool = False
    network: tuple[str, ...] = ()
    replaces: Mapping[str, str] = field(default_factory=dict)
    confined: bool = False
    schema: Callable[..., Any] | None = None

    def __post_init__(self) -> None:
        hosts = dict.fromkeys(str(parse_destination(text)) for text in self.network)
        object.__setattr__(self, "network", tuple(hosts))


def component(
    *,
    title: str,
    category: str,
    version: str = "1.0",
    volatile: bool = False,
    network: Sequence[str] = (),
    replaces: Mapping[str, str] | None = None,
    confined: bool = False,
    schema: Callable[..., Any] | None = None,
) -> Callable[[Function], Function]:
    """Make a typed function a component.

    Parameters before `*` are ports, after it parameters; a NamedTuple as return type names the
    output ports, any other one type is a single port named after its kind.
    `volatile` says that equal inputs may give different outputs: its steps are never reused.
    `network` names each host that it must reach: `"api.example.com"` for port 443, else
    `"api.example.com:8080"`. It reaches them through the proxy that the environment names, and
    nothing else. Raises ValueError for what is no host.
    `replaces` gives the earlier name of a port, a parameter or the component itself, by its
    present name: `{"share": "fraction"}`, so that pipelines can be brought up to date.
    `confined` says that it runs code from its parameters: its steps run in the sandbox.
    `schema` tells the columns of the output tables before a run. It takes what the component
    takes, with a `Schema` for each table and None for anything else, and returns a `Schema`, or
    one for each output port by name; None where the columns are not known. A component on
    `ibis.Table` needs none: its own expression is asked.
    """

    def mark(function: Function) -> Function:
        declaration = Declaration(
            title=title,
            category=category,
            version=version,
            volatile=volatile,
            network=tuple(network),
            replaces=dict(replaces or {}),
            confined=confined,
            schema=schema,
        )
        setattr(function, ATTRIBUTE, declaration)
        return function

    return mark


@dataclass(frozen=True)
class TableWithRoles:
    """A table to return, and the role of some of its columns: `{"label": ["clicked"]}`.

    Roles not given here are taken over from the input tables, for the columns still there.
    """

    table: Any
    roles: Mapping[str, list[str]] = field(default_factory=dict)


class AnyTable:
    """A table that is read when it is known as what: as a port's type, for code that asks later.

    Given back as it is, it is passed on.
    """

    def __init__(self, read: Callable[[Any], Any]) -> None:
        self._read = read

    def read(self, type_: Any = None) -> Any:
        """The table as a type that a port may have, such as `polars.DataFrame`, or the name of one.

        None: as `pandas.DataFrame`. Raises ComponentError for any other type.
        """
        return self._read(type_)


class Sink(Protocol):
    """Where the context sends what a component reports."""

    def __call__(self, message: dict[str, Any], /) -> None: ...


MakeLayer = Callable[[Block, Block], Any]


class Context:
    """What a running component may tell the studio; outside of a step it only logs.

    exports: the one folder that it may write files to for people to find, if any.
    """

    def __init__(self) -> None:
        self._sink: Sink | None = None
        self._open_spark: Callable[[], Any] | None = None
        self._make_layer: MakeLayer | None = None
        self._secrets: Mapping[str, str] = {}
        self._stop_asked: threading.Event | None = None
        self._scratch: Path | None = None
        self._kept: Path | None = None
        self.threads = 1
        self.exports: Path | None = None
        self.log = logging.getLogger("studio.step")

    def attach(self, sink: Sink, threads: int) -> None:
        self._sink = sink
        self.threads = threads

    def attach_secrets(self, secrets: Mapping[str, str]) -> None:
        self._secrets = secrets

    def secret(self, name: str) -> str:
        """The value of a secret that a parameter of this step names; see `Secret`."""
        if name not in self._secrets:
            hint = "Give the component a parameter of type Secret, and name it there."
            raise ComponentError(
                say("This step was not given a secret {name!r}.", name=name), hint=hint
            )
        return self._secrets[name]

    def attach_spark(self, open_spark: Callable[[], Any]) -> None:
        self._open_spark = open_spark

    def attach_layers(self, make: MakeLayer) -> None:
        self._make_layer = make

    def layer(self, block: Block, embedding: Block) -> Any:
        """The layer of Keras of a block of type `CUSTOM`, not built yet: code of a package.

        embedding: the block that it stands on. Raises ComponentError where a step has no such code.
        """
        if self._make_layer is None:
            raise ComponentError("There are no layers of packages outside of a step.")
        return self._make_layer(block, embedding)

    def attach_folders(self, scratch: Path, kept: Path | None) -> None:
        self._scratch, self._kept = scratch, kept

    @property
    def scratch(self) -> Path:
        """A folder for files of this attempt, gone when it is over; a new one outside of a step."""
        return self._scratch or Path(tempfile.mkdtemp(prefix="studio-"))

    @property
    def kept(self) -> Path | None:
        """A folder that stays when the step is lost, for its next attempt to go on from.

        It belongs to the step's key, so whatever lies there was made by equal code from equal
        inputs. It goes when the step succeeds. None where there is none; made when first asked for.
        """
        if self._kept is not None:
            self._kept.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self._kept

    @property
    def spark(self) -> Any:
        """The Spark session of a step that has a port of Spark's; opened when first asked for."""
        if self._open_spark is None:
            raise ComponentError("There is no Spark session outside of a step.")
        return self._open_spark()

    @property
    def cancelled(self) -> bool:
        """Whether somebody has asked the step to end: look at it in long loops, then return.

        A step that never looks is ended at once; one that does has the studio's time of grace.
        """
        if self._stop_asked is None:
            self._stop_asked = asked = threading.Event()
            if self._sink is not None and threading.current_thread() is threading.main_thread():
                signal.signal(signal.SIGTERM, lambda *_: asked.set())
        return self._stop_asked.is_set()

    def progress(self, share: float, message: str = "") -> None:
        """Report how far the step is: `share` from 0 to 1."""
        self._send({"type": "progress", "share": min(max(share, 0.0), 1.0), "message": message})

    def metrics(self, step: int, values: Mapping[str, float]) -> None:
        """Report one point of some curves, such as the loss after an epoch."""
        self._send({"type": "metrics", "step": step, "values": dict(values)})

    def _send(self, message: dict[str, Any]) -> None:
        if self._sink is None:
            self.log.info("%s", message)
        else:
            self._sink(message)


context = Context()
