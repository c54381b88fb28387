"""From nothing to a component's own rows on the canvas, in a real browser, recorded.

The record goes to $STUDIO_VIDEOS where that is set, else to a folder that pytest removes.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, ViewportSize, expect

from studio.client import Client, find_studio
from studio.settings import Settings
from tests.e2e.browser import chromium
from tests.e2e.conftest import STUDIO

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

SOURCE = '''"""Half of every price."""

import pandas as pd


def halve_price(table: pd.DataFrame, *, factor: float = 0.5) -> pd.DataFrame:
    """Multiply the column `price`."""
    return table.assign(halved=table["price"] * factor)
'''
ROWS = "price,clicked\n" + "\n".join(f"{n * 10},{n % 2}" for n in range(1, 9)) + "\n"
USER_SECONDS = 60
PALETTE_SECONDS = 2


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    """A studio on a data folder that did not exist, with a table beside it."""
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "prices.csv").write_text(ROWS)
    home = tmp_path / "home"
    environment = {**os.environ, "STUDIO_HOME": str(home), "STUDIO_INPUT_FOLDERS": str(folder)}
    process = subprocess.Popen([STUDIO, "serve", "--port", "8770"], env=environment, cwd=folder)
    deadline = time.monotonic() + 120
    while (client := find_studio(Settings(home=home))) is None:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    yield client
    process.send_signal(signal.SIGINT)
    process.wait(60)


@pytest.fixture
def page(tmp_path: Path, client: Client) -> Iterator[Page]:
    """Signed in already: opening the printed address is where a person begins."""
    folder = Path(os.environ.get("STUDIO_VIDEOS") or tmp_path / "videos")
    with chromium() as browser:
        context, page, is_video = _recording(browser, folder)
        page.set_default_timeout(60_000)
        expect.set_options(timeout=60_000)
        page.goto(client.ticket_address())
        yield page
        if not is_video:
            context.tracing.stop(path=folder / "component.trace.zip")
        context.close()
    assert list(folder.glob("*.webm" if is_video else "*.trace.zip"))


def _recording(browser: Browser, folder: Path) -> tuple[BrowserContext, Page, bool]:
    """A page that is filmed; without the ffmpeg of Playwright a trace with pictures."""
    size = ViewportSize(width=1440, height=900)
    filmed = browser.new_context(
        viewport=size, locale="en-US", record_video_dir=folder, record_video_size=size
    )
    try:
        return filmed, filmed.new_page(), True
    except Error:
        context = browser.new_context(viewport=size, locale="en-US")
        context.tracing.start(screenshots=True, snapshots=True)
        return context, context.new_page(), False


def write_component(page: Page, client: Client) -> float:
    """Types a component and saves it; gives the seconds from saving until it can be placed."""
    page.goto(f"{client.url}/#/components")
    page.get_by_role("button", name="New Python component").click()
    page.get_by_label("Name of the package").fill("halve_price")
    page.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(SOURCE)
    expect(page.get_by_role("status").filter(has_text="One component")).to_be_visible()
    expect(page.get_by_label("What the code makes").get_by_text("Halve price")).to_be_visible()
    is_list = re.compile(r"/api/v1/components$")
    started = time.monotonic()
    with page.expect_response(lambda r: bool(is_list.search(r.url)) and r.ok):
        page.get_by_role("button", name="Save version").click()
    seconds = time.monotonic() - started
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("button", name="Revoke")).to_be_visible()
    return seconds


def place(page: Page, title: str, count: int) -> None:
    """By the palette's search and Enter: below the chosen node, and connected to it."""
    page.get_by_placeholder("Search components").fill(title)
    page.get_by_placeholder("Search components").press("Enter")
    expect(page.locator(".react-flow__node")).to_have_count(count)


def test_from_nothing_to_the_rows_of_a_component_of_ones_own(page: Page, client: Client) -> None:
    pipeline = {"schema_version": 1, "name": "Prices", "nodes": [], "edges": []}
    id = client._request("POST", "/pipelines", json=pipeline)["id"]
    began = time.monotonic()
    to_palette = write_component(page, client)

    page.goto(f"{client.url}/#/p/{id}")
    expect(page.locator(".react-flow")).to_be_visible()
    place(page, "Read table", 1)
    page.get_by_label("Path", exact=False).first.fill("prices.csv")
    page.locator(".react-flow__node").first.click()
    place(page, "Halve price", 2)
    expect(page.locator(".react-flow__edge")).to_have_count(1)
    page.locator("#canvas").focus()
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("2/2")).to_be_visible(timeout=120_000)
    page.get_by_role("tab", name="Output").click()
    expect(page.get_by_text("halved").first).to_be_visible()
    expect(page.get_by_text("35").first).to_be_visible()  # half of 70
    took = time.monotonic() - began
    print(f"user time {took:.1f} s; saved to palette {to_palette:.2f} s")
    assert took < USER_SECONDS
    assert to_palette < PALETTE_SECONDS
