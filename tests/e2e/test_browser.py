"""The canvas in a real browser, on a real server with its runner: what a person does with it.

In each: no error on the console, and no request that leaves the studio.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from studio.client import Client, find_studio
from studio.settings import Settings
from tests.e2e.browser import chromium

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

STUDIO = str(Path(sys.executable).with_name("studio"))
# What the browser itself says of an answer that the page asked for and handles.
_HANDLED = re.compile(r"status of (404|409|412|428)")


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    home = tmp_path_factory.mktemp("home")
    environment = {**os.environ, "STUDIO_HOME": str(home)}
    process = subprocess.Popen([STUDIO, "serve", "--port", "8760"], env=environment)
    deadline = time.monotonic() + 60
    while (client := find_studio(Settings(home=home))) is None:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    yield client
    process.send_signal(signal.SIGINT)
    process.wait(30)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@contextmanager
def opened(browser: Browser, client: Client, **options: Any) -> Iterator[Page]:
    """A browser of its own, signed in by the one-time address."""
    context = browser.new_context(
        viewport={"width": 1440, "height": 900}, locale="en-US", **options
    )
    page = context.new_page()
    page.set_default_timeout(30_000)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda m: wrong.append(m.text) if m.type == "error" else None)
    page.on("request", lambda r: None if _is_ours(r.url, client) else wrong.append(r.url))
    page.goto(client.ticket_address())
    yield page
    context.close()
    assert not [text for text in wrong if not _HANDLED.search(text)]


def _is_ours(url: str, client: Client) -> bool:
    return url.startswith((client.url, "data:", "blob:"))


def open_template(page: Page, client: Client, name: str) -> str:
    """Open a pipeline made from a template; gives its id."""
    id: str = client._request("POST", f"/templates/{name}")["id"]
    page.goto(f"{client.url}/#/p/{id}")
    expect(page.locator(".react-flow__node").first).to_be_visible()
    return id


def blank(page: Page, client: Client, nodes: list[dict[str, Any]] | None = None) -> str:
    document = {"schema_version": 1, "name": "Blank", "nodes": nodes or [], "edges": []}
    id: str = client._request("POST", "/pipelines", json=document)["id"]
    page.goto(f"{client.url}/#/p/{id}")
    expect(page.locator(".react-flow")).to_be_visible()
    return id


def draft(client: Client, id: str) -> dict[str, Any]:
    document: dict[str, Any] = client._request("GET", f"/pipelines/{id}/draft")["document"]
    return document


def test_from_the_template_to_the_auc(browser: Browser, client: Client) -> None:
    with opened(browser, client) as page:
        page.get_by_role("button").filter(has_text="An FM and a DNN on one shared").click()
        expect(page.locator(".react-flow__node")).to_have_count(14)  # 13 nodes and the frame
        page.keyboard.press("Control+Enter")
        expect(page.get_by_text("AUC 0.8").first).to_be_visible(timeout=180_000)
        expect(page.get_by_text("13/13")).to_be_visible()


def test_a_run_looks_the_same_after_a_reload_and_in_a_second_browser(
    browser: Browser, client: Client
) -> None:
    with opened(browser, client) as first, opened(browser, client) as second:
        id = open_template(first, client, "deepfm")
        first.keyboard.press("Control+Enter")
        expect(first.get_by_text("13/13")).to_be_visible(timeout=180_000)
        first.reload()
        second.goto(f"{client.url}/#/p/{id}")
        for page in (first, second):
            expect(page.get_by_text("13/13")).to_be_visible()
            expect(page.get_by_text("AUC 0.8").first).to_be_visible()


def test_a_node_is_added_by_the_keyboard_and_undone(browser: Browser, client: Client) -> None:
    with opened(browser, client) as page:
        id = blank(page, client)
        nodes = page.locator(".react-flow__node")
        page.locator(".react-flow").click(position={"x": 300, "y": 250})
        page.keyboard.press("n")
        page.keyboard.type("Read table")
        page.keyboard.press("Enter")
        expect(nodes).to_have_count(1)
        page.locator(".react-flow").click(position={"x": 40, "y": 40})
        page.keyboard.press("Control+z")
        expect(nodes).to_have_count(0)
        page.keyboard.press("Control+Shift+z")
        expect(nodes).to_have_count(1)
        deadline = time.monotonic() + 20
        while [n["component"] for n in draft(client, id)["nodes"]] != ["read_table"]:
            assert time.monotonic() < deadline, "the draft was not saved"
            time.sleep(0.2)


def test_typing_in_a_field_never_touches_the_graph(browser: Browser, client: Client) -> None:
    read = {"id": "read", "component": "read_table", "parameters": {"path": "data/clicks.csv"}}
    with opened(browser, client) as page:
        id = blank(page, client, [read])
        nodes = page.locator(".react-flow__node")
        nodes.first.click()
        field = page.locator("input[value='data/clicks.csv']")
        field.click()
        for key in ("Backspace", "Delete", "ArrowLeft", "Control+a", "Backspace", "n", "d"):
            page.keyboard.press(key)
        page.keyboard.press("Control+Enter")
        expect(nodes).to_have_count(1)
        assert len(draft(client, id)["nodes"]) == 1
        runs = client._request("GET", f"/runs?pipeline={id}")["runs"]
        assert runs == [] or runs[0]["state"] != "quarantined"


def test_a_draft_that_was_changed_elsewhere_is_never_overwritten(
    browser: Browser, client: Client
) -> None:
    with opened(browser, client) as page:
        id = blank(page, client)
        theirs = {"schema_version": 1, "name": "Theirs", "nodes": [], "edges": []}
        revision = client._request("GET", f"/pipelines/{id}/draft")["revision"]
        headers = {"If-Match": f'"d{revision}"'}
        client._request("PUT", f"/pipelines/{id}/draft", json=theirs, headers=headers)
        page.locator(".react-flow").click(position={"x": 300, "y": 250})
        page.keyboard.press("n")
        page.keyboard.type("Read table")
        page.keyboard.press("Enter")
        expect(page.get_by_role("dialog")).to_be_visible()
        assert draft(client, id)["name"] == "Theirs"


def test_a_failure_is_told_at_its_node(browser: Browser, client: Client) -> None:
    read = {"id": "read", "component": "read_table", "parameters": {"path": "no/such/file.csv"}}
    with opened(browser, client) as page:
        blank(page, client, [read])
        page.locator(".react-flow").click(position={"x": 40, "y": 40})
        page.keyboard.press("Control+Enter")
        expect(page.get_by_text("no/such/file.csv").first).to_be_visible(timeout=60_000)


@pytest.mark.parametrize("place", ["", "runs", "data", "components", "settings"])
def test_every_place_opens_in_chinese_and_dark(
    browser: Browser, client: Client, place: str
) -> None:
    with opened(browser, client, color_scheme="dark") as page:
        page.get_by_role("button", name="Language").click()
        page.goto(f"{client.url}/#/{place}")
        expect(page.get_by_role("link", name="组件")).to_be_visible()
