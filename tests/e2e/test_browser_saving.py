"""Work that is never lost: two tabs, a tab that was killed, a studio that is away."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from studio.client import Client
from tests.e2e.hands import Json, draft, focus, opened, pipeline, press, show, store

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


def save_elsewhere(client: Client, id: str, document: Json) -> None:
    """What another browser does."""
    revision = client.get(f"/pipelines/{id}/draft")["revision"]
    headers = {"If-Match": f'"d{revision}"'}
    client._request("PUT", f"/pipelines/{id}/draft", json=document, headers=headers)


def test_a_draft_that_was_changed_elsewhere_is_never_overwritten(
    browser: Browser, client: Client
) -> None:
    with opened(browser, client) as page:
        id = store(client, pipeline({}))
        show(page, client, id)
        save_elsewhere(client, id, pipeline({}, name="Theirs"))
        focus(page)
        press(page, "n")
        page.keyboard.type("Read table")
        press(page, "Enter")
        expect(page.get_by_role("dialog")).to_be_visible()
        assert draft(client, id)["name"] == "Theirs"
