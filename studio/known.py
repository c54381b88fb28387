"""What earlier runs left of a pipeline's nodes, looked up in batches: for plans and for runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from studio.database.artifacts import find_places, find_results, find_results_beside
from studio.database.engine import Database
from studio.errors import ComponentError, StudioError, say
from studio.graph import BoundNode
from studio.inputs import PathResolver, ResolvedPath
from studio.plan import Decided, Facts, Outputs, PastStep, decide, output_digests
from studio.reason import Reason
from studio.step_key import path_parameters, step_key, step_key_parts
from studio.store import Store

_MANY = 16


@dataclass(frozen=True)
class Candidate:
    """A node whose turn has come, and what is known of its step key.

    error: why it cannot run, such as a file that is not there; there is no key then.
    """

    bound: BoundNode
    parts: Mapping[str, Any]
    key: str | None
    paths: Mapping[str, ResolvedPath]
    waits_for: Reason | None = None
    error: StudioError | None = None


@dataclass
class Known:
    """What is there to be reused; a new one sees what has changed since.

    history: node -> its last step. succeeded: node -> its step in the run that is resumed.
    """

    database: Database
    store: Store
    resolver: PathResolver
    history: Mapping[str, PastStep]
    succeeded: Mapping[str, PastStep] = field(default_factory=dict)
    fresh: bool = False
    _results: dict[str, Outputs | None] = field(default_factory=dict)
    _present: dict[str, bool] = field(default_factory=dict)
    _questions: int = 0

    def candidate(
        self,
        bound: BoundNode,
        inputs: Mapping[str, list[str]] | None,
        waits_for: Reason | None = None,
    ) -> Candidate:
        """inputs: port -> digests; None: not known yet, and `waits_for` says why."""
        try:
            paths = self.resolver.resolve(path_parameters(bound))
        except StudioError as error:
            return broken_candidate(bound, error)
        files = {name: item.digest for name, item in paths.items()}
        parts = step_key_parts(bound, inputs, files)
        key = None if inputs is None else step_key(parts)
        return Candidate(bound, parts, key, paths, waits_for)

    def look_up(self, candidates: Iterable[Candidate]) -> None:
        """Read the results of all these at once."""
        self._read({item.key for item in candidates if item.key is not None})

    def look_up_history(self, nodes: Iterable[str]) -> None:
        """Read what the last steps of these nodes gave: often they give the same again."""
        past = [self.history[node] for node in nodes if node in self.history]
        self._read({item.key for item in past if item.key is not None})
        with self.database.read() as connection:
            self._see(connection, (digest for item in past for digest in _digests(item.outputs)))

    def _read(self, keys: set[str]) -> None:
        # Not `keys - self._results.keys()`, which walks over all that is known.
        unknown = {key for key in keys if key not in self._results}
        if not unknown:
            return
        with self.database.read() as connection:
            found = find_results(connection, unknown)
            if found and self._is_long_chain():
                found |= find_results_beside(connection, next(iter(found)))
            digests = (digest for outputs in found.values() for digest in _digests(outputs))
            self._see(connection, digests)
        for key in {*unknown, *found}:
            self._results[key] = self._whole(found.get(key))

    def _is_long_chain(self) -> bool:
        """Every 16th, 32nd, 64th, ... question: node after node, these would be thousands."""
        self._questions += 1
        return self._questions >= _MANY and self._questions.bit_count() == 1

    def _see(self, connection: Connection, digests: Iterable[str]) -> None:
        missing = {digest for digest in digests if digest not in self._present}
        places = find_places(connection, missing) if missing else {}
        for digest in missing:
            place = places.get(digest)
            in_store = place == "store" and self.store.has(digest)
            self._present[digest] = place == "row" or in_store

    def _whole(self, outputs: Outputs | None) -> Outputs | None:
        return outputs if outputs is not None and self.is_there(outputs) else None

    def is_there(self, outputs: Outputs) -> bool:
        """Whether all artifacts of a result can be read."""
        digests = list(_digests(outputs))
        if any(digest not in self._present for digest in digests):
            with self.database.read() as connection:
                self._see(connection, digests)
        return all(self._present[digest] for digest in digests)

    def result(self, key: str | None) -> Outputs | None:
        """The outputs of an equal step, if all are there; its candidate was looked up."""
        return None if key is None else self._results[key]

    def decide(self, item: Candidate, ran_above: Mapping[str, str] | None = None) -> Decided:
        return decide(self.facts(item, ran_above))

    def facts(self, item: Candidate, ran_above: Mapping[str, str] | None = None) -> Facts:
        name = item.bound.node.id
        past, succeeded = self.history.get(name), self.succeeded.get(name)
        return Facts(
            bound=item.bound,
            parts=item.parts,
            key=item.key,
            waits_for=item.waits_for,
            result=self.result(item.key),
            past=past,
            past_is_there=self._keeps(item.bound, past),
            succeeded=succeeded if succeeded and self.is_there(succeeded.outputs) else None,
            ran_above=ran_above,
            fresh=self.fresh,
        )

    def _keeps(self, bound: BoundNode, past: PastStep | None) -> bool:
        """Only of a frozen node is it of interest whether its last result is there."""
        return bound.node.cache == "freeze" and past is not None and self.is_there(past.outputs)


def broken_candidate(bound: BoundNode, error: StudioError) -> Candidate:
    """A node that cannot run; one that is frozen can still be reused."""
    reason = Reason("cannot_run", {"problem": error.message})
    return Candidate(bound, step_key_parts(bound, None, {}), None, {}, reason, error)


def digest_on(outputs: Outputs, port: str, label: str) -> str:
    """What a node has left on an output port. Raises ComponentError when that is nothing."""
    if port not in outputs:
        raise ComponentError(
            say("{label} gave nothing on its port {port!r}.", label=label, port=port),
            hint="Have it return a table for that port, or connect another one.",
            code="input.missing",
        )
    return str(outputs[port]["digest"])


def _digests(outputs: Outputs) -> Iterable[str]:
    return output_digests(outputs).values()
