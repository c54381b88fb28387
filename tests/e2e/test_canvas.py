"""The canvas with 1,000 nodes in a real browser: what must hold however busy the machine is.

Counts, not times: `python -m benchmarks.canvas` measures those.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from studio.client import Client
from tests.e2e.browser import chromium
from tests.e2e.canvas import middle, on_screen, open_large, zoom_of, zoom_to
from tests.e2e.large import DX, DY, large_pipeline
from tests.e2e.served import served

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with served(8765) as client:
        yield client


@pytest.fixture(scope="module")
def large(client: Client) -> str:
    id: str = client.add_pipeline(large_pipeline())["id"]
    return id


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser, client: Client, large: str) -> Iterator[Page]:
    with open_large(browser, client, large) as page:
        yield page


def at_rest(page: Page, level: float) -> None:
    zoom_to(page, level)
    page.wait_for_timeout(600)


def counted(page: Page) -> dict[str, Any]:
    counts: dict[str, Any] = page.evaluate("probe.counted()")
    return counts


def test_at_zoom_1_at_most_60_nodes_are_mounted(page: Page) -> None:
    at_rest(page, 1)
    assert 20 < page.evaluate("probe.mounted()") <= 60
    page.evaluate("probe.wheel(Array(40).fill([53, 31]))")
    page.wait_for_timeout(300)
    assert 20 < page.evaluate("probe.mounted()") <= 60


def test_seen_as_a_whole_no_node_is_mounted_but_the_one_pointed_at(page: Page) -> None:
    assert zoom_of(page) < 0.1
    assert page.evaluate("probe.mounted()") == 0
    expect(page.locator("canvas[data-painted]").first).to_be_visible()
    page.mouse.move(*on_screen(page, 20 * DX + 110, 12 * DY + 32))
    expect(page.locator(".react-flow__node-step")).to_have_count(1)
    page.mouse.down()
    page.mouse.up()
    expect(page.get_by_role("textbox", name="Name of the node")).to_have_value("Split 500")


def test_a_box_selects_what_is_only_drawn(page: Page) -> None:
    x, y = middle(page)
    page.mouse.move(x - 408, y - 300)
    page.mouse.down()
    page.mouse.move(x, y, steps=4)
    page.mouse.move(x + 410, y + 300, steps=4)
    page.mouse.up()
    expect(page.locator("#panel-right")).to_contain_text("1000 nodes chosen")


def test_an_idle_canvas_draws_nothing(page: Page) -> None:
    for level in (1, 0.08):
        at_rest(page, level)
        page.wait_for_timeout(1500)
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable")
        page.evaluate("probe.count()")
        before = layouts(session)
        page.wait_for_timeout(2000)
        assert counted(page)["commits"] == 0
        assert layouts(session) - before <= 2  # the questions themselves


def layouts(session: Any) -> int:
    metrics = {m["name"]: m["value"] for m in session.send("Performance.getMetrics")["metrics"]}
    return int(metrics["LayoutCount"])


def test_a_drag_of_a_node_is_one_step_of_the_history(
    page: Page, client: Client, large: str
) -> None:
    at_rest(page, 1)
    before = places(client, large)
    page.evaluate("probe.drag(Array.from({ length: 40 }, (_, at) => [at * 4, at * 2]))")
    after = until_saved(client, large, before)
    assert len([id for id in before if before[id] != after[id]]) == 1
    page.keyboard.press("Control+z")
    assert until_saved(client, large, after) == before
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()


def places(client: Client, pipeline: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/pipelines/{pipeline}/draft")["document"]["layout"]
    return dict(found["nodes"])


def until_saved(client: Client, pipeline: str, old: dict[str, Any]) -> dict[str, Any]:
    deadline = time.monotonic() + 30
    while (now := places(client, pipeline)) == old:
        assert time.monotonic() < deadline, "the draft was not saved"
        time.sleep(0.2)
    return now


def test_an_event_of_a_run_draws_one_node_and_makes_no_new_list_of_nodes(
    browser: Browser, client: Client, large: str
) -> None:
    run = client._request("POST", f"/pipelines/{large}/runs", json={})["id"]
    client.cancel_run(run)
    for _ in client.events(run):
        pass
    with open_large(browser, client, large, f"?run={run}") as page:
        at_rest(page, 1)
        (node, *_) = page.evaluate(
            "[...document.querySelectorAll('.react-flow__node-step')].map(n => n.dataset.id)"
        )
        for turn, state in enumerate(("running", "succeeded", "failed", "running")):
            page.evaluate("probe.count()")
            event = {
                "id": 2**40 + turn,
                "run_id": run,
                "type": "step",
                "data": {"node": node, "state": state},
                "created_at": time.time() + 60 + turn,
            }
            page.evaluate("event => probe.send(event)", event)
            expect(page.locator(f"#node-{node}")).to_have_attribute("data-state", state)
            counts = counted(page)
            assert counts["drawn"] == [node]
            assert counts["nodes"] == 1
            assert counts["nodeLists"] == 0
