"""Work that is never lost: two tabs, a tab that was killed, a studio that is away."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from playwright.sync_api import Browser, Error, Page, expect

from studio.client import Client
from tests.e2e.accessibility import check_accessibility
from tests.e2e.hands import (
    READ,
    Json,
    draft,
    draw,
    focus,
    new_context,
    nodes,
    opened,
    pipeline,
    press,
    show,
    watched,
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


def save_elsewhere(client: Client, id: str, document: Json) -> None:
    """What another browser does."""
    revision = client.get(f"/pipelines/{id}/draft")["revision"]
    headers = {"If-Match": f'"d{revision}"'}
    client._request("PUT", f"/pipelines/{id}/draft", json=document, headers=headers)


def add(page: Page, title: str) -> None:
    focus(page)
    press(page, "n")
    page.keyboard.type(title)
    expect(page.get_by_role("option", selected=True)).to_contain_text(title)
    press(page, "Enter")


def components(client: Client, id: str) -> list[str]:
    return [node["component"] for node in draft(client, id)["nodes"]]


def test_of_two_tabs_that_edit_neither_loses_anything(browser: Browser, client: Client) -> None:
    with opened(browser, client) as first, opened(browser, client) as second:
        id = draw(first, client, pipeline({"read": READ}))
        show(second, client, id)
        add(first, "Split")
        expect(first.get_by_text("Draft saved")).to_be_visible()
        add(second, "SQL")  # knows nothing of the other
        dialog = second.get_by_role("dialog", name="This pipeline was changed elsewhere")
        expect(dialog).to_be_visible()
        assert components(client, id) == ["read_table", "split"]
        dialog.get_by_role("button", name=re.compile(r"Show \d differences")).click()
        expect(dialog.get_by_text("Added node SQL")).to_be_visible()
        check_accessibility(second)
        dialog.get_by_role("button", name="Keep mine as a copy").click()
        expect(second.get_by_role("button", name="Drawn (mine)")).to_be_visible()
        expect(nodes(second)).to_have_count(2)
        copy = second.url.split("/p/")[1].split("?")[0]
        assert copy != id
        assert components(client, copy) == ["read_table", "sql"]
        assert components(client, id) == ["read_table", "split"]


@pytest.mark.parametrize("meanwhile", ["nothing", "saved elsewhere"])
def test_what_a_killed_tab_had_not_saved_comes_back(
    browser: Browser, client: Client, meanwhile: str
) -> None:
    context = new_context(browser)
    page = context.new_page()
    with watched(page, client):
        page.goto(client.ticket_address())
        id = draw(page, client, pipeline({"read": READ}))
        context.route("**/draft", lambda route: route.abort())  # what it sends does not arrive
        add(page, "SQL")
        expect(page.get_by_text("Studio away")).to_be_visible()
        with suppress(Error):
            page.goto("chrome://crash")
        page.close()
        context.unroute_all()
    assert components(client, id) == ["read_table"]
    if meanwhile != "nothing":
        save_elsewhere(client, id, pipeline({"other": READ}, name="Theirs"))
    page = context.new_page()
    with watched(page, client):
        show(page, client, id)
        if meanwhile == "nothing":
            expect(page.get_by_text("Changes that this browser could not save")).to_be_visible()
            expect(nodes(page)).to_have_count(2)
        else:
            expect(page.get_by_role("dialog", name="changed elsewhere")).to_be_visible()
            assert draft(client, id)["name"] == "Theirs"
            page.get_by_role("button", name="Keep mine as a copy").click()
            expect(page.get_by_role("button", name="Drawn (mine)")).to_be_visible()
            expect(nodes(page)).to_have_count(2)
    context.close()
