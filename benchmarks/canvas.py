"""How smooth the canvas is with 1,000 nodes, in a headless Chromium that draws by software.

`python -m benchmarks.canvas`: medians of several runs, beside two controls: an idle page, and a
thread that is blocked ten times for 40 ms. Frames are intervals of requestAnimationFrame inside
the gesture, which takes one step a frame. Milliseconds of the main thread (script, style, layout)
a frame are of the processor:
they change less with what else the machine does.
"""

from __future__ import annotations

import argparse
import math
import os
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page

from studio.client import Client
from tests.e2e.browser import chromium
from tests.e2e.canvas import open_large, wheel_for, zoom_to
from tests.e2e.large import large_pipeline
from tests.e2e.served import served

Json = dict[str, Any]

LONG_MS = 33.4
STEPS = 140
LEAST_ZOOM = 0.08


@dataclass(frozen=True)
class Took:
    """Frames of one gesture, and what the main thread did in it, all in milliseconds."""

    frames: tuple[float, ...]
    thread: float
    mounted: int

    def share(self, part: float) -> float:
        ordered = sorted(self.frames)
        return ordered[min(len(ordered) - 1, int(part * len(ordered)))]

    @property
    def long(self) -> int:
        return sum(frame > LONG_MS for frame in self.frames)


def measured(page: Page, session: CDPSession, gesture: Callable[[Page], None]) -> Took:
    before = thread_ms(session)
    page.evaluate("probe.record()")
    gesture(page)
    frames = tuple(page.evaluate("probe.recorded()"))
    return Took(frames, thread_ms(session) - before, page.evaluate("probe.mounted()"))


def thread_ms(session: CDPSession) -> float:
    """Processor time of scripts, styles and layout since the page was opened."""
    metrics = {m["name"]: m["value"] for m in session.send("Performance.getMetrics")["metrics"]}
    parts = ("ScriptDuration", "RecalcStyleDuration", "LayoutDuration")
    return 1000 * float(sum(metrics[part] for part in parts))


def idle(page: Page) -> None:
    page.wait_for_timeout(1000)


def blocked(page: Page) -> None:
    page.evaluate("probe.block()")


def pan(page: Page) -> None:
    """Right and down by 60 pixels a frame, and back."""
    there = [[54, 27]] * (STEPS // 2)
    page.evaluate("steps => probe.wheel(steps)", there + [[-54, -27]] * (STEPS // 2))


def drag(page: Page) -> None:
    """One node in a circle, and back to where it was."""
    circle = [[0, 0], *(circle_at(step / STEPS) for step in range(STEPS)), [0, 0]]
    page.evaluate("offsets => probe.drag(offsets)", circle)


def circle_at(turn: float) -> list[float]:
    return [120 * math.cos(4 * math.pi * turn) - 120, 120 * math.sin(4 * math.pi * turn)]


def zoom(page: Page) -> None:
    """Out until everything is seen, and back in."""
    by = wheel_for(1, LEAST_ZOOM) / (STEPS // 2)
    steps = [[0, by]] * (STEPS // 2) + [[0, -by]] * (STEPS // 2)
    page.evaluate("steps => probe.wheel(steps, true)", steps)


GESTURES: dict[str, tuple[float, Callable[[Page], None], float | None]] = {
    "idle control": (1, idle, None),
    "blocked control": (1, blocked, None),
    "pan, zoom 1": (1, pan, 25.0),
    "drag a node, zoom 1": (1, drag, 25.0),
    "pan, zoom 0.5": (0.5, pan, None),
    "pan, everything seen": (LEAST_ZOOM, pan, None),
    "wheel zoom, 1 to everything and back": (1, zoom, 60.0),
}


def opening(browser: Browser, client: Client, pipeline: str) -> tuple[float, dict[str, Took]]:
    """Milliseconds until the canvas is painted, and what each gesture then took."""
    with open_large(browser, client, pipeline) as page:
        painted = float(page.evaluate("probe.painted()"))
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        took = {}
        for name, (level, gesture, _) in GESTURES.items():
            zoom_to(page, level)
            page.wait_for_timeout(300)
            took[name] = measured(page, session, gesture)
        return painted, took


def report(opened: list[float], runs: list[dict[str, Took]]) -> None:
    print(f"open to painted: {median(opened):.0f} ms (budget 1500), {sorted(map(round, opened))}")
    print(f"{'ms':<38}{'nodes':>6}{'p50':>7}{'p95':>7}{'worst':>7}{'>33':>8}{'thread':>8}  budget")
    for name, (_, _, budget) in GESTURES.items():
        took = [run[name] for run in runs]
        p50, p95, worst = (median(t.share(part) for t in took) for part in (0.5, 0.95, 1))
        frames = median(len(t.frames) for t in took)
        thread = median(t.thread / max(1, len(t.frames)) for t in took)
        long = f"{median(t.long for t in took):.0f}/{frames:.0f}"
        verdict = "" if budget is None else f"  {budget:.0f} {'ok' if p95 < budget else 'OVER'}"
        nodes = took[0].mounted
        print(
            f"{name:<38}{nodes:>6}{p50:>7.1f}{p95:>7.1f}{worst:>7.1f}{long:>8}{thread:>8.2f}{verdict}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--nodes", type=int, default=1000)
    options = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    with served(8780) as client, chromium() as browser:
        pipeline = client.add_pipeline(large_pipeline(options.nodes))["id"]
        opening(browser, client, pipeline)  # the first one fills the caches of the server
        opened, runs = [], []
        for _ in range(options.runs):
            painted, took = opening(browser, client, pipeline)
            opened.append(painted)
            runs.append(took)
    report(opened, runs)
    print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
