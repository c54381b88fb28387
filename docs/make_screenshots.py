"""Render every screen of the canvas, in both themes and languages: `make screenshots`.

A studio of its own runs the DeepFM pipeline first; the pictures go to docs/images/.
"""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, Page

from studio.client import Client
from tests.e2e.browser import chromium
from tests.e2e.served import served

IMAGES = Path(__file__).with_name("images")
SIZE = {"width": 1440, "height": 900}
_SETTLE_MS = 2500


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
    with served(8770) as client, chromium() as browser:
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
