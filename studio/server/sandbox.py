"""The sandbox of this machine: may code that a person brought run here, and what confines it."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel

from studio.sandbox.keeper import SandboxKeeper
from studio.server.json_route import JsonRoute
from studio.server.parts import PartsDep

router = APIRouter(prefix="/sandbox", tags=["sandbox"], route_class=JsonRoute)


class SandboxItem(BaseModel):
    """What the hostile probes came to on this machine.

    state: `probing` while they run. runs: whether code of others runs here: `yes`, `no`, or `weak`:
    it runs because the operator allows it, though not all that should be is denied.
    denied, missing: names of probes; missing: those that should be denied and are not.
    details: how each probe went. network: whether a step can have a network of its own.
    seconds: how long the probes took.
    """

    state: Literal["probing", "ready"]
    mechanism: Literal["bubblewrap", "landlock", "seatbelt", "none"] | None = None
    runs: Literal["yes", "weak", "no"] | None = None
    denied: list[str] = []
    missing: list[str] = []
    details: dict[str, str] = {}
    network: bool = False
    seconds: float | None = None


@router.get("", summary="What confines code that a person brought, and what it denies")
def get_sandbox(parts: PartsDep) -> SandboxItem:
    return sandbox_item(parts.sandbox)


def sandbox_item(keeper: SandboxKeeper) -> SandboxItem:
    report = keeper.report()
    if report is None:
        return SandboxItem(state="probing")
    return SandboxItem(
        state="ready",
        mechanism=report.mechanism,
        runs=keeper.verdict(report),
        denied=list(report.denied),
        missing=list(report.missing),
        details=report.details,
        network=report.has_network,
        seconds=report.seconds,
    )
