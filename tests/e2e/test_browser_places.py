"""Every place of the interface, in Chinese and dark."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from studio.client import Client
from tests.e2e.accessibility import check_accessibility
from tests.e2e.hands import opened

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

PLACES = ("", "runs", "data", "components", "components?edit=*", "settings")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_place_opens_in_chinese(browser: Browser, client: Client, scheme: str) -> None:
    with opened(browser, client, color_scheme=scheme) as page:
        page.get_by_role("button", name="Language").click()
        for place in PLACES:
            page.goto(f"{client.url}/#/{place}")
            expect(page.get_by_role("link", name="组件")).to_be_visible()
            page.wait_for_load_state("networkidle")
            check_accessibility(page)
