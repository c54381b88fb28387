"""Render every screen of the canvas, in both themes and languages: `make screenshots`.

A studio of its own runs the DeepFM pipeline first; the pictures go to docs/images/.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page

from studio.client import Client, find_studio
from studio.settings import Settings
from tests.e2e.browser import chromium

IMAGES = Path(__file__).with_name("images")
STUDIO = str(Path(sys.executable).with_name("studio"))
SIZE = {"width": 1440, "height": 900}
_SETTLE_MS = 2500


@contextmanager
def served() -> Iterator[Client]:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        environment = {**os.environ, "STUDIO_HOME": str(home)}
        process = subprocess.Popen([STUDIO, "serve", "--port", "8770"], env=environment)
        try:
            while (client := find_studio(Settings(home=home))) is None:
                time.sleep(0.2)
            yield client
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)


def run_deepfm(client: Client) -> tuple[str, str]:
    """The ids of the pipeline, and of a run of it that is over."""
    pipeline: str = client._request("POST", "/templates/deepfm")["id"]
    run: str = client._request("POST", f"/pipelines/{pipeline}/runs", json={})["id"]
    for _ in client.events(run):
        pass
    return pipeline, run


def take(browser: Browser, client: Client, places: dict[str, str], dark: bool, zh: bool) -> None:
    context = browser.new_context(
        viewport=SIZE, locale="en-US", color_scheme="dark" if dark else "light"
    )
    page = context.new_page()
    page.goto(client.ticket_address())
    page.wait_for_timeout(_SETTLE_MS)
    if zh:
        page.get_by_role("button", name="Language").click()
    variant = f"{'zh' if zh else 'en'}-{'dark' if dark else 'light'}"
    for name, place in places.items():
        page.goto(f"{client.url}/#{place}")
        page.wait_for_timeout(_SETTLE_MS)
        shoot(page, f"{name}-{variant}")
    context.close()


def shoot(page: Page, name: str) -> None:
    page.screenshot(path=IMAGES / f"{name}.png")


def main() -> None:
    IMAGES.mkdir(exist_ok=True)
    with served() as client, chromium() as browser:
        pipeline, run = run_deepfm(client)
        places = {
            "home": "/",
            "editor": f"/p/{pipeline}",
            "evaluation": f"/p/{pipeline}?run={run}&node=evaluate",
            "run": f"/p/{pipeline}/r/{run}",
            "runs": "/runs",
            "data": "/data",
            "components": "/components",
            "settings": "/settings",
        }
        for dark in (False, True):
            for zh in (False, True):
                take(browser, client, places, dark, zh)


if __name__ == "__main__":
    main()
