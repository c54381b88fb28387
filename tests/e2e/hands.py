"""What a person does in the interface, in a few words: open, add, drag, choose, run."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from studio.client import Client
from tests.e2e.accessibility import check_accessibility

Json = dict[str, Any]
Point = tuple[float, float]

# What the browser itself says of an answer that the page asked for and handles, and of a request
# that a test cuts off.
_HANDLED = re.compile(r"status of (404|409|412|422|428)|net::ERR_FAILED")
CLICKS = "data/clicks.csv"


@contextmanager
def opened(browser: Browser, client: Client, **options: Any) -> Iterator[Page]:
    """A browser of its own, signed in by the one-time address; at its end nothing may be wrong.

    No error on the console, no request that leaves the studio, no rule of axe broken.
    """
    context = new_context(browser, **options)
    page = context.new_page()
    with watched(page, client):
        page.goto(client.ticket_address())
        yield page
    context.close()


def new_context(browser: Browser, **options: Any) -> BrowserContext:
    given = {"viewport": {"width": 1440, "height": 900}, "locale": "en-US"}
    return browser.new_context(**{**given, "reduced_motion": "reduce", **options})


@contextmanager
def watched(page: Page, client: Client) -> Iterator[None]:
    page.set_default_timeout(30_000)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda m: wrong.append(m.text) if m.type == "error" else None)
    page.on("request", lambda r: None if _is_ours(r.url, client) else wrong.append(r.url))
    yield
    if not page.is_closed():
        check_accessibility(page)
    assert not [text for text in wrong if not _HANDLED.search(text)]


def _is_ours(url: str, client: Client) -> bool:
    return url.startswith((client.url, "data:", "blob:"))


# Pipelines


def pipeline(nodes: dict[str, Json], edges: str = "", **more: Any) -> Json:
    """A document, its nodes in a column: edges are "read.table > sql.t1, …"."""
    layout = {id: {"x": 0, "y": 120 * row} for row, id in enumerate(nodes)}
    ends = [
        [end.strip().split(".") for end in edge.split(">")] for edge in edges.split(",") if edge
    ]
    return {
        "schema_version": 1,
        "name": "Drawn",
        "parameters": {},
        "nodes": [{"id": id, "name": id, **node} for id, node in nodes.items()],
        "edges": [
            {"source": {"node": s[0], "port": s[1]}, "target": {"node": t[0], "port": t[1]}}
            for s, t in ends
        ],
        "layout": {"nodes": layout, "frames": [], "notes": []},
        **more,
    }


READ: Json = {"component": "read_table", "parameters": {"path": CLICKS}}


def store(client: Client, document: Json) -> str:
    """A new pipeline; gives its id."""
    id: str = client.add_pipeline(document)["id"]
    return id


def show(page: Page, client: Client, id: str, query: str = "") -> None:
    page.goto(f"{client.url}/#/p/{id}{query}")
    expect(page.locator(".react-flow")).to_be_visible()


def draw(page: Page, client: Client, document: Json) -> str:
    """Store a pipeline and show it; gives its id."""
    id = store(client, document)
    show(page, client, id)
    expect(nodes(page)).to_have_count(len(document["nodes"]))
    return id


def draft(client: Client, id: str) -> Json:
    document: Json = client.get(f"/pipelines/{id}/draft")["document"]
    return document


def runs(client: Client, id: str) -> list[Json]:
    found: list[Json] = client.get(f"/runs?pipeline={id}")["runs"]
    return found


def until(is_so: Callable[[], object], what: str, seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


# The canvas


def nodes(page: Page) -> Locator:
    return page.locator(".react-flow__node-step")


def node(page: Page, id: str) -> Locator:
    return page.locator(f".react-flow__node[data-id='{id}']")


def edges(page: Page) -> Locator:
    return page.locator(".react-flow__edge")


def port(page: Page, id: str, name: str, side: str = "source") -> Locator:
    return page.locator(f".react-flow__handle.{side}[data-nodeid='{id}'][data-handleid='{name}']")


def middle(place: Locator) -> Point:
    place.wait_for()
    box = place.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def pull(page: Page, start: Locator, end: Locator | Point) -> None:
    """Press at one place and move to another, without letting go."""
    page.mouse.move(*middle(start))
    page.mouse.down()
    page.mouse.move(*(middle(end) if isinstance(end, Locator) else end), steps=8)


def drag(page: Page, start: Locator, end: Locator | Point) -> None:
    pull(page, start, end)
    page.mouse.up()


def focus(page: Page) -> None:
    """Give the keyboard to the canvas, with nothing chosen."""
    page.locator(".react-flow__pane").click(position={"x": 12, "y": 12})


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def field(page: Page, name: str) -> Locator:
    return page.locator(f"#field-{name}")


def code(page: Page, name: str) -> Locator:
    return field(page, name).locator(".cm-content")


def state(page: Page, id: str) -> Locator:
    """The node, by its state: `expect(state(page, "read")).to_have_attribute(...)`."""
    return page.locator(f"#node-{id}")


def expect_state(page: Page, id: str, value: str | re.Pattern[str], seconds: float = 60) -> None:
    expect(state(page, id)).to_have_attribute("data-state", value, timeout=seconds * 1000)
