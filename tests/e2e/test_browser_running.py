"""Running a pipeline in a real browser, on a real server with its runner: what a person sees."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from studio.client import Client
from tests.e2e.accessibility import check_accessibility
from tests.e2e.hands import (
    READ,
    code,
    draw,
    expect_state,
    field,
    focus,
    node,
    nodes,
    opened,
    pipeline,
    press,
    runs,
    show,
    state,
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

FIRST_RUN_MS = 240_000  # Spark and TensorFlow start with it
STEPS = 13


def test_from_the_template_to_the_auc_and_its_curve(browser: Browser, client: Client) -> None:
    with opened(browser, client) as page:
        page.get_by_role("button").filter(has_text="An FM and a DNN on one shared").click()
        expect(nodes(page)).to_have_count(STEPS)
        press(page, "Control+Enter")
        expect(page.get_by_text("AUC 0.8").first).to_be_visible(timeout=FIRST_RUN_MS)
        expect(page.get_by_text(f"{STEPS}/{STEPS}")).to_be_visible()
        expect(page.locator("[data-state=succeeded]")).to_have_count(STEPS)
        page.get_by_role("tab", name="Charts").click()
        curve = page.get_by_role("figure", name="ROC")
        curve.get_by_role("button").click()
        page.get_by_role("menuitem", name="Show numbers").click()
        assert curve.get_by_role("row").count() > 10


def test_a_changed_parameter_runs_only_what_it_touches(browser: Browser, client: Client) -> None:
    """The plan says so before, the run does so, and the metric is another one."""
    touched = {"train", "predict", "evaluate"}
    with opened(browser, client) as page:
        id: str = client._request("POST", "/templates/deepfm")["id"]
        show(page, client, id)
        press(page, "Control+Enter")
        expect(page.get_by_text(f"{STEPS}/{STEPS}")).to_be_visible(timeout=FIRST_RUN_MS)
        before = metric(page)
        node(page, "train").click()
        field(page, "epochs").fill("2")
        node(page, "evaluate").click()
        page.get_by_role("tab", name="Run plan").click()
        expect(page.get_by_text("3 run, 10 reused, 0 skipped")).to_be_visible()
        row = page.get_by_role("row").filter(
            has=page.get_by_role("button", name="Train", exact=True)
        )
        expect(row).to_contain_text("epochs")  # the reason
        check_accessibility(page)
        page.locator("#panel-right").get_by_role("button", name="Run to here").click()
        expect_state(page, "evaluate", "succeeded", seconds=120)
        newest = client.get(f"/runs/{runs(client, id)[0]['id']}")
        ran = {step["node_id"] for step in newest["steps"] if step["state"] == "succeeded"}
        assert ran == touched
        expect(page.locator("[data-state=reused]")).to_have_count(STEPS - len(touched))
        assert metric(page) != before


def metric(page: Page) -> str:
    return page.locator("header").get_by_text(re.compile(r"^AUC \d")).inner_text()


BROKEN = """\
import pandas as pd


def main(t1):
    raise ValueError("no luck")
"""
FAILING = pipeline(
    {
        "read": READ,
        "script": {"component": "python_script", "parameters": {"code": BROKEN}},
        "after": {"component": "sql", "parameters": {"query": "SELECT * FROM t1"}},
        "beside": {"component": "sql", "parameters": {"query": "SELECT * FROM t1"}},
    },
    "read.table > script.t1, script.t1 > after.t1, read.table > beside.t1",
)


def test_a_failure_is_told_at_its_node_and_leads_to_the_line_to_be_mended(
    browser: Browser, client: Client
) -> None:
    with opened(browser, client) as page:
        draw(page, client, FAILING)
        focus(page)
        press(page, "Control+Enter")
        expect_state(page, "script", "failed")
        expect(state(page, "script")).to_contain_text("ValueError: no luck (script.py, line 5)")
        expect_state(page, "after", "skipped")
        expect_state(page, "beside", "succeeded")
        page.get_by_role("button", name="First error").click()
        expect(node(page, "script")).to_have_class(re.compile("selected"))
        error = page.get_by_role("tabpanel", name="Error")
        expect(error).to_contain_text("script.py, line 5, in main")
        expect(error).not_to_contain_text("_script.py")  # ours is not theirs
        check_accessibility(page)
        page.get_by_role("button", name="Open the code at line 5").click()
        expect(code(page, "code")).to_be_focused()
        expect(page.locator(".cm-activeLine")).to_have_text(BROKEN.splitlines()[4])
        press(page, "End", "Shift+Home")
        page.keyboard.type("return t1")
        press(page, "Control+Enter")
        for id in ("script", "after"):
            expect_state(page, id, "succeeded")
        expect(page.get_by_role("button", name="First error")).to_be_hidden()


SLOW = """\
import time


def main(t1):
    for number in range(1, 1000):
        print(f"line {number}", flush=True)
        time.sleep(0.1)
    return t1
"""


def test_a_run_goes_on_over_a_reload_and_is_stopped_from_a_second_browser(
    browser: Browser, client: Client
) -> None:
    slow = {"component": "python_script", "parameters": {"code": SLOW}}
    after = {"component": "sql", "parameters": {"query": "SELECT * FROM t1"}}
    document = pipeline(
        {"read": READ, "slow": slow, "after": after}, "read.table > slow.t1, slow.t1 > after.t1"
    )
    with opened(browser, client) as first, opened(browser, client) as second:
        id = draw(first, client, document)
        focus(first)
        press(first, "Control+Enter")
        expect_state(first, "slow", "running")
        first.reload()
        show(second, client, id)
        for page in (first, second):
            expect_state(page, "read", re.compile("succeeded|reused"))
            expect_state(page, "slow", "running")
            expect_state(page, "after", "waiting")
            node(page, "slow").click()
            page.get_by_role("tab", name="Logs").click()
            expect_whole_log(page)
        expect_whole_log(first, beyond=last_line(first))
        press(second, "Control+.")
        for page in (first, second):
            expect_state(page, "slow", "cancelled")
            expect_state(page, "after", "cancelled")


def last_line(page: Page) -> int:
    return int(page.get_by_text(re.compile(r"^line \d+$")).last.inner_text().split()[1])


def expect_whole_log(page: Page, beyond: int = 0) -> None:
    """As many lines as the number in the last one: none is missing, none is there twice."""
    log = page.get_by_role("tabpanel", name="Logs")
    expect(log.get_by_text(f"line {beyond + 8}", exact=True)).to_be_visible(timeout=20_000)
    shown = log.evaluate(
        "(element) => [element.textContent.match(/(\\d+) lines/)[1],"
        " [...element.querySelectorAll('pre')].map((line) => line.textContent)]"
    )
    count, lines = int(shown[0]), [line for line in shown[1] if line.startswith("line ")]
    numbers = [int(line.split()[1]) for line in lines]
    assert numbers == list(range(numbers[0], numbers[-1] + 1))
    assert count == numbers[-1]
