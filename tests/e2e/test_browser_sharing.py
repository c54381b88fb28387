"""Runs compared, and an address that shows another person the same view, without any network."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Route, expect

from studio.client import Client
from tests.e2e.accessibility import check_accessibility
from tests.e2e.hands import Json, opened, pipeline

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

QUERY = "SELECT clicked AS label, {score} AS score FROM t1"


def scored(score: str) -> Json:
    """A pipeline that scores by a formula and evaluates it: quick, with a curve."""
    read = {"component": "read_table", "parameters": {"path": "data/clicks.csv"}}
    sql = {"component": "sql", "parameters": {"query": QUERY.format(score=score)}}
    settings = {"label": "label", "score": "score"}
    evaluate = {"component": "evaluate", "parameters": settings}
    nodes = {"read": read, "formula": sql, "evaluate": evaluate}
    return pipeline(nodes, "read.table > formula.t1, formula.table > evaluate.tables")


def if_match(client: Client, id: str) -> dict[str, str]:
    revision = client.get(f"/pipelines/{id}/draft")["revision"]
    return {"If-Match": f'"d{revision}"'}


def run(client: Client, id: str, document: Json) -> str:
    """Save it as the pipeline's draft, run it to its end; gives the run's id."""
    headers = if_match(client, id)
    client._request("PUT", f"/pipelines/{id}/draft", json=document, headers=headers)
    client._request("POST", f"/pipelines/{id}/versions", json={}, headers=if_match(client, id))
    made: str = client._request("POST", f"/pipelines/{id}/runs", json={})["id"]
    for _ in client.events(made):
        pass
    steps = client.get_run(made)["steps"]
    assert [problem for step in steps for problem in step["problems"]] == []
    return made


def test_two_runs_are_compared_and_the_view_is_shared_by_its_address(
    browser: Browser, client: Client
) -> None:
    id: str = client.add_pipeline(scored("0.5"))["id"]
    first, second = (run(client, id, scored(s)) for s in ("age / 100.0", "hour / 24.0"))
    with opened(browser, client, color_scheme="dark") as page:
        page.get_by_role("button", name="Language").click()
        page.goto(f"{client.url}/#/p/{id}/compare?runs={first},{second}")
        table = page.locator("section").filter(has=page.get_by_role("heading", name="参数"))
        expect(table.get_by_role("columnheader")).to_have_count(2)  # the run, and what differs
        expect(table).to_contain_text("query")
        expect(table).not_to_contain_text("path")
        expect(page.get_by_role("figure", name=re.compile("ROC"))).to_be_visible()
        curve = page.get_by_role("figure", name=re.compile("ROC"))
        expect(curve.locator("svg path[fill='none'][stroke-width='2']")).not_to_have_count(0)
        check_accessibility(page)
        page.goto(f"{client.url}/#/p/{id}?run={first}&node=evaluate&tab=charts")
        expect(page.get_by_role("figure", name=re.compile("ROC"))).to_be_visible()
        address, auc = page.url, page.locator("header").get_by_text(re.compile("AUC")).inner_text()
    with opened(browser, client, color_scheme="dark") as page:
        page.route("**/*", lambda route: keep_inside(route, client))
        page.get_by_role("button", name="Language").click()
        page.goto(address)
        expect(page.locator("html")).to_have_attribute("lang", re.compile("^zh"))
        expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
        expect(page.locator("header").get_by_text(re.compile("AUC"))).to_have_text(auc)
        expect(page.get_by_role("tab", selected=True, name="图表")).to_be_visible()
        expect(page.get_by_role("figure", name=re.compile("ROC"))).to_be_visible()
        expect(page.locator("#node-evaluate")).to_have_class(re.compile("selected"))


def keep_inside(route: Route, client: Client) -> None:
    """No network but the studio's own."""
    inside = route.request.url.startswith((client.url, "data:", "blob:"))
    route.continue_() if inside else route.abort()
