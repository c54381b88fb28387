"""Components of one's own, in a real browser: written, used, changed; what is missing is kept."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from studio.client import Client
from tests.e2e.accessibility import check_accessibility
from tests.e2e.hands import (
    READ,
    draft,
    draw,
    edges,
    expect_state,
    focus,
    node,
    nodes,
    opened,
    pipeline,
    press,
    show,
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]


def source(port: str = "table") -> str:
    return f'''"""Twice a column."""

import pandas as pd

from studio.component import component


@component(title="Twice", category="Custom", version="1.0")
def twice({port}: pd.DataFrame, *, column: str = "price") -> pd.DataFrame:
    """Multiply a column by two."""
    return {port}.assign(**{{column: {port}[column] * 2}})
'''


def write(page: Page, text: str) -> None:
    """Into the editor of components, at once, as a paste does."""
    page.locator(".cm-content").click()
    press(page, "Control+a")
    page.keyboard.insert_text(text)


def test_a_component_is_written_used_and_changed_and_no_edge_is_lost(
    browser: Browser, client: Client
) -> None:
    with opened(browser, client) as page:
        page.goto(f"{client.url}/#/components")
        page.get_by_role("button", name="New Python component").click()
        page.get_by_label("Name of the package").fill("mine")
        write(page, source())
        preview = page.get_by_label("What the code makes")
        expect(preview).to_contain_text("Twice")
        expect(preview.get_by_label("Column")).to_have_value("price")
        check_accessibility(page)
        page.get_by_role("button", name="Save version").click()
        page.get_by_role("button", name="Approve").click()
        expect(page.get_by_role("button", name="Revoke")).to_be_visible()

        id = draw(page, client, pipeline({"read": READ}))
        node(page, "read").click()
        search = page.get_by_label("Search components")
        search.fill("Twice")
        search.press("Enter")
        expect(edges(page)).to_have_count(1)
        press(page, "Control+Enter")
        expect_state(page, "twice", "succeeded")

        page.goto(f"{client.url}/#/components?name=twice&edit=mine")
        expect(page.locator(".cm-content")).to_contain_text("def twice(table")
        write(page, source("rows"))
        expect(page.get_by_label("What the code makes")).to_contain_text("rows")
        page.get_by_role("button", name="Save version").click()
        expect(page.get_by_text("v2", exact=True)).to_be_visible()
        page.reload()
        show(page, client, id)
        expect(nodes(page)).to_have_count(2)
        expect(edges(page)).to_have_count(1)
        assert len(draft(client, id)["edges"]) == 1


def test_a_file_with_an_unknown_component_opens_and_keeps_what_it_says(
    browser: Browser, client: Client
) -> None:
    unknown = {"component": "from_elsewhere", "parameters": {"depth": 7}}
    document = pipeline({"read": READ, "odd": unknown}, "read.table > odd.rows")
    with opened(browser, client) as page:
        file: FilePayload = {
            "name": "p.json",
            "mimeType": "application/json",
            "buffer": json.dumps(document).encode(),
        }
        page.locator("input[type=file]").set_input_files(file)
        expect(node(page, "odd")).to_contain_text("Unknown component from_elsewhere")
        expect(edges(page)).to_have_count(1)
        node(page, "odd").click()
        expect(page.locator("#panel-right")).to_contain_text('"depth": 7')
        id = page.url.split("/p/")[1].split("?")[0]
        kept = draft(client, id)
        assert kept["edges"] == document["edges"]
        assert kept["nodes"][1]["parameters"] == {"depth": 7}


def test_nodes_are_copied_into_another_pipeline_with_their_edges(
    browser: Browser, client: Client
) -> None:
    chain = {"read": READ} | {f"sql_{n}": {"component": "sql"} for n in range(4)}
    joints = ["read.table > sql_0.t1"] + [f"sql_{n}.table > sql_{n + 1}.t1" for n in range(3)]
    with opened(browser, client) as page:
        draw(page, client, pipeline(chain, ", ".join(joints)))
        focus(page)
        press(page, "Control+a", "Control+c")
        id = draw(page, client, pipeline({"other": READ}))
        focus(page)
        press(page, "Control+v")
        expect(nodes(page)).to_have_count(6)
        expect(edges(page)).to_have_count(4)
        expect(page.get_by_text("Draft saved")).to_be_visible()
        pasted = draft(client, id)["nodes"][1:]
        assert [n["component"] for n in pasted] == ["read_table", *["sql"] * 4]
        assert pasted[0]["parameters"] == READ["parameters"]
