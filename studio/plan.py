"""Decide for a node whether it is executed or reused, and say why: the same for plan and run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from studio.graph import BoundNode
from studio.pipeline import Node
from studio.reason import Reason, show_value, though
from studio.step_key import path_parameters

Decision = Literal["execute", "reuse", "skip"]
Outputs = Mapping[str, Any]


@dataclass(frozen=True)
class PastStep:
    """The last step of a node that succeeded, or was reused; `outputs` as JSON data by port."""

    run_id: str
    component: str
    key: str | None
    parts: Mapping[str, Any]
    outputs: Outputs


def output_digests(outputs: Outputs) -> dict[str, str]:
    """Output port -> digest of what is on it."""
    return {port: output["digest"] for port, output in outputs.items()}


@dataclass(frozen=True)
class Planned:
    """What a run would do with a node. key None: not known before it runs.

    lent: the components whose code it is lent, for which it runs in the sandbox.
    """

    node: str
    decision: Decision
    reason: Reason
    key: str | None = None
    outputs: Outputs | None = None
    seconds: float | None = None
    memory: int | None = None
    lent: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """In the form of the REST interface: of outputs only the digests."""
        outputs = self.outputs
        return {
            "node": self.node,
            "decision": self.decision,
            "reason": self.reason.to_json(),
            "expected_seconds": self.seconds,
            "expected_memory": self.memory,
            "key": self.key,
            "outputs": None if outputs is None else output_digests(outputs),
            "lent": list(self.lent),
        }


@dataclass(frozen=True)
class Facts:
    """What is known of a node when it is decided on.

    parts: of its step key; without `inputs` while these are not known.
    waits_for: why the inputs are not known, or why it cannot run.
    result: the outputs of an equal step, when all of them are there.
    past: its last step; past_is_there: whether that step's outputs all are.
    succeeded: its step in the run that is resumed.
    ran_above: the nearest node above it that was executed in this run, as `named` gives it.
    """

    bound: BoundNode
    parts: Mapping[str, Any]
    key: str | None = None
    waits_for: Reason | None = None
    result: Outputs | None = None
    past: PastStep | None = None
    past_is_there: bool = False
    succeeded: PastStep | None = None
    ran_above: Mapping[str, str] | None = None
    fresh: bool = False


@dataclass(frozen=True)
class Decided:
    """outputs: those that are reused. kept: the step that made them, when its key may differ."""

    decision: Decision
    reason: Reason
    outputs: Outputs | None = None
    kept: PastStep | None = None


def decide(facts: Facts) -> Decided:
    """Execute or reuse. The order: resumed, frozen, always run, equal, else what differs."""
    past, succeeded = facts.past, facts.succeeded
    if succeeded is not None and facts.key is not None and succeeded.key == facts.key:
        return Decided("reuse", Reason("resumed"), succeeded.outputs)
    if is_kept(facts) and past is not None:
        return Decided("reuse", though("frozen", find_change(facts)), past.outputs, past)
    forced = always_runs(facts.bound, facts.fresh)
    if forced is not None:
        return Decided("execute", forced)
    if facts.result is not None:
        return Decided("reuse", _equal(facts), facts.result)
    return Decided("execute", find_change(facts) or Reason("result_removed"))


def named(node: Node) -> dict[str, str]:
    """A node as arguments of a reason."""
    return {"node": node.id, "node_name": node.label}


def is_kept(facts: Facts) -> bool:
    """Whether a frozen node has a result to keep."""
    frozen = facts.bound.node.cache == "freeze"
    return frozen and facts.past_is_there and fits(facts.bound, facts.past)


def fits(bound: BoundNode, past: PastStep | None) -> bool:
    """Whether a step has left something on every output port that its node must fill today."""
    ports = {port.name for port in bound.spec.outputs if port.required}
    return past is not None and ports <= past.outputs.keys()


def always_runs(bound: BoundNode, fresh: bool) -> Reason | None:
    """Why no earlier result may be used, if that is so."""
    if bound.spec.volatile:
        return Reason("volatile")
    if bound.node.cache == "never":
        return Reason("cache_off")
    return Reason("fresh") if fresh else None


def _equal(facts: Facts) -> Reason:
    if facts.ran_above is None:
        return Reason("equal")
    return Reason("equal_outputs", dict(facts.ran_above))


def find_change(facts: Facts) -> Reason | None:
    """The first part of the step key that differs from the node's last step, in words."""
    past = facts.past
    if past is None:
        return Reason("never_run")
    if facts.waits_for is not None and facts.waits_for.code == "cannot_run":
        return facts.waits_for
    return (
        _code_change(facts.bound, facts.parts, past)
        or _parameter_change(facts.bound, facts.parts, past)
        or facts.waits_for
        or _input_change(facts.parts, past)
        or _environment_change(facts.parts, past)
    )


def _code_change(bound: BoundNode, parts: Mapping[str, Any], past: PastStep) -> Reason | None:
    if bound.node.component != past.component:
        change = {"before": past.component, "after": bound.node.component}
        return Reason("component_replaced", change)
    if parts["component"] != past.parts.get("component"):
        return Reason("component_changed")
    if parts["engine"] != past.parts.get("engine"):
        return Reason("engine_changed", {"before": past.parts["engine"], "after": parts["engine"]})
    return None


def _parameter_change(bound: BoundNode, parts: Mapping[str, Any], past: PastStep) -> Reason | None:
    before, after = past.parts.get("parameters", {}), parts["parameters"]
    files = path_parameters(bound)
    for name in sorted(before.keys() | after.keys(), key=lambda name: (name in files, name)):
        if before.get(name) == after.get(name):
            continue
        if name in files:
            return Reason("file_changed", {"parameter": name})
        values = {"before": show_value(before.get(name)), "after": show_value(after.get(name))}
        return Reason("parameter_changed", {"parameter": name, **values})
    return None


def _input_change(parts: Mapping[str, Any], past: PastStep) -> Reason | None:
    before, after = past.parts.get("inputs", {}), parts.get("inputs", {})
    for port in sorted(before.keys() | after.keys()):
        if before.get(port) != after.get(port):
            return Reason("input_changed", {"port": port})
    return None


def _environment_change(parts: Mapping[str, Any], past: PastStep) -> Reason | None:
    if parts["environment"] != past.parts.get("environment"):
        return Reason("environment_changed")
    return None
