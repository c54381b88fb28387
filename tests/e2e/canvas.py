"""A page that shows a pipeline's canvas, and how to stand at a place and a zoom in it."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page

from studio.client import Client

_PROBE = Path(__file__).with_name("probe.js")


@contextmanager
def open_large(browser: Browser, client: Client, pipeline: str, query: str = "") -> Iterator[Page]:
    """A browser of its own, signed in, with the pipeline painted and `probe` in the page."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-US")
    context.add_init_script(path=_PROBE)
    page = context.new_page()
    page.goto(client.ticket_address())
    page.goto("about:blank")
    page.goto(f"{client.url}/#/p/{pipeline}{query}")
    deadline = time.monotonic() + 60
    while page.evaluate("probe.painted()") is None:
        assert time.monotonic() < deadline, "nothing was painted"
        page.wait_for_timeout(50)
    page.wait_for_timeout(1500)  # the checks of the document have been answered
    yield page
    context.close()


def middle(page: Page) -> tuple[float, float]:
    """The middle of the canvas, in pixels of the page."""
    box = page.locator("#canvas").bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def zoom_to(page: Page, level: float) -> None:
    """By the wheel, at the middle of the canvas: as a person comes there."""
    page.mouse.move(*middle(page))
    page.keyboard.down("Control")
    page.mouse.wheel(0, wheel_for(zoom_of(page), level))
    page.keyboard.up("Control")


def wheel_for(before: float, after: float) -> float:
    """Pixels of the wheel from one zoom to another."""
    return math.log2(before / after) / 0.002


def zoom_of(page: Page) -> float:
    return _camera(page)[0]


def on_screen(page: Page, x: float, y: float) -> tuple[float, float]:
    """Where a point of the canvas is, in pixels of the page."""
    zoom, left, top = _camera(page)
    box = page.locator("#canvas").bounding_box()
    assert box is not None
    return box["x"] + left + x * zoom, box["y"] + top + y * zoom


def _camera(page: Page) -> tuple[float, float, float]:
    zoom, left, top = page.evaluate(
        "(({a, e, f}) => [a, e, f])(new DOMMatrix("
        "getComputedStyle(document.querySelector('.react-flow__viewport')).transform))"
    )
    return float(zoom), float(left), float(top)
