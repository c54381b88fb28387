"""Drawing a pipeline in a real browser: by mouse, by keyboard alone, what is refused, undo."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from studio.client import Client
from tests.e2e.accessibility import check_accessibility
from tests.e2e.hands import (
    CLICKS,
    READ,
    code,
    draft,
    drag,
    draw,
    edges,
    expect_state,
    field,
    middle,
    node,
    nodes,
    opened,
    pipeline,
    port,
    press,
    pull,
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

QUERY = "SELECT device, count(*) AS shows FROM t1 GROUP BY device ORDER BY device"


def test_a_pipeline_is_built_with_the_mouse_and_its_rows_are_seen(
    browser: Browser, client: Client
) -> None:
    with opened(browser, client) as page:
        page.get_by_role("button", name="Blank pipeline").click()
        component = page.get_by_role("button", name="Read table", exact=True)
        component.drag_to(page.locator(".react-flow__pane"), target_position={"x": 400, "y": 120})
        expect(nodes(page)).to_have_count(1)
        field(page, "path").fill(CLICKS)
        x, y = middle(port(page, "read_table", "table"))
        drag(page, port(page, "read_table", "table"), (x, y + 90))
        menu = page.get_by_role("dialog", name="Add a component")
        expect(option(menu, "Sample")).to_have_count(1)
        expect(option(menu, "Embedding")).to_have_count(0)  # takes no table
        check_accessibility(page)
        option(menu, "SQL").click()
        expect(edges(page)).to_have_count(1)
        write_query(page)
        page.get_by_role("button", name="Run", exact=True).click()
        expect_state(page, "sql", "succeeded")
        expect_devices(page)


def option(menu: Locator, title: str) -> Locator:
    """The component of a menu with exactly this title."""
    return menu.get_by_role("option").filter(has=menu.page.get_by_text(title, exact=True))


def write_query(page: Page) -> None:
    code(page, "query").click()
    page.keyboard.press("Control+a")
    page.keyboard.type(QUERY)
    expect(code(page, "query")).to_have_text(QUERY)


def expect_devices(page: Page) -> None:
    for text in ("device", "shows", "phone", "television"):
        expect(page.locator("#panel-dock").get_by_text(text, exact=True).first).to_be_visible()


def test_the_same_is_built_with_the_keyboard_alone_and_read_out(
    browser: Browser, client: Client
) -> None:
    with opened(browser, client) as page:
        walk_to(page, page.get_by_role("button", name="Blank pipeline"))
        press(page, "Enter")
        canvas = page.get_by_role("application", name="Pipeline canvas")
        walk_to(page, canvas)
        expect(canvas).to_have_accessible_description(re.compile("N adds a component"))
        add(page, "Read table")
        expect_announced(page, "Read table, 1 problem")
        press(page, "Enter")  # to its parameters
        expect(page.get_by_label("Path")).to_be_focused()
        page.keyboard.type(CLICKS)
        walk_to(page, canvas)
        expect_announced(page, "Read table")
        press(page, "Escape")
        add(page, "SQL")
        press(page, "c")
        expect(
            page.get_by_role("combobox", name="Connect this node: choose the ports")
        ).to_be_focused()
        expect(page.get_by_role("option", selected=True)).to_have_text(
            "Read table · table → SQL · t1"
        )
        press(page, "Enter")
        expect(edges(page)).to_have_count(1)
        expect(canvas).to_be_focused()
        press(page, "ArrowUp")  # along the edge
        expect_announced(page, "Read table")
        press(page, "ArrowDown")
        expect_announced(page, "SQL")
        press(page, "Enter")
        expect(page.get_by_role("textbox", name="Query")).to_be_focused()
        press(page, "Control+a")
        page.keyboard.type(QUERY)
        press(page, "Escape")  # Tab belongs to the code until Escape
        walk_to(page, canvas)
        press(page, "Control+Enter")
        expect_state(page, "sql", re.compile("succeeded|reused"))
        expect_devices(page)


def walk_to(page: Page, place: Locator, most: int = 150) -> None:
    """Tab until it has the keyboard."""
    place.wait_for()
    for _ in range(most):
        if place.evaluate("(element) => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not lead to {place}")


def add(page: Page, title: str) -> None:
    press(page, "n")
    expect(page.get_by_role("combobox", name="Search components")).to_be_focused()
    page.keyboard.type(title)
    expect(page.get_by_role("option", selected=True)).to_contain_text(title)
    press(page, "Enter")


def expect_announced(page: Page, text: str) -> None:
    """What a screen reader says of the chosen node, and the node that it says it of."""
    said = page.locator("#canvas [role=status][aria-live=polite]")
    expect(said).to_have_text(re.compile(rf"^{text}"))
    chosen = page.locator("#canvas").get_attribute("aria-activedescendant")
    expect(page.locator(f"#{chosen}")).to_have_accessible_name(re.compile(rf"^{text}"))


REFUSED = [
    (
        "a model is no table",
        pipeline({"train": {"component": "train"}, "evaluate": {"component": "evaluate"}}),
        ("train", "model", "evaluate", "tables"),
        "Evaluate.tables wants table, got model",
    ),
    (
        "a circle",
        pipeline({"a": {"component": "sql"}, "b": {"component": "sql"}}, "a.table > b.t1"),
        ("b", "table", "a", "t1"),
        "This would create a cycle",
    ),
    (
        "a second time",
        pipeline({"a": READ, "b": {"component": "sql"}}, "a.table > b.t1"),
        ("a", "table", "b", "t1"),
        "They are connected already",
    ),
]


@pytest.mark.parametrize(
    ("document", "ends", "reason"), [case[1:] for case in REFUSED], ids=[c[0] for c in REFUSED]
)
def test_an_edge_that_does_not_fit_is_refused_with_the_reason_at_the_pointer(
    browser: Browser, client: Client, document: dict[str, Any], ends: tuple[str, ...], reason: str
) -> None:
    with opened(browser, client) as page:
        id = draw(page, client, document)
        before = draft(client, id)["edges"]
        source, output, target, into = ends
        pull(page, port(page, source, output), port(page, target, into, "target"))
        expect(page.get_by_text(reason, exact=True)).to_be_visible()
        page.mouse.up()
        expect(page.get_by_text(reason, exact=True)).to_be_hidden()
        expect(edges(page)).to_have_count(len(before))
        assert draft(client, id)["edges"] == before


ROUNDS = 5


def test_a_storm_of_edits_is_undone_and_redone_step_by_step(
    browser: Browser, client: Client
) -> None:
    document = pipeline(
        {"read": READ, "split": {"component": "split"}}
        | {f"sql_{n}": {"component": "sql"} for n in range(ROUNDS)}
    )
    places = {
        f"sql_{n}": {"x": 280 + 240 * (n % 3), "y": 40 + 160 * (n // 3)} for n in range(ROUNDS)
    }
    places |= {"read": {"x": 0, "y": 0}, "split": {"x": 0, "y": 300}}
    document["layout"] = {"nodes": places, "frames": [], "notes": []}
    with opened(browser, client) as page:
        id = draw(page, client, document)
        initial = draft(client, id)
        for turn in range(ROUNDS):
            edit_six_times(page, turn)
        final = saved(page, client, id)
        assert final != initial
        assert walk_history(page, "Undo") == 6 * ROUNDS
        assert saved(page, client, id) == initial
        assert walk_history(page, "Redo") == 6 * ROUNDS
        assert saved(page, client, id) == final


def edit_six_times(page: Page, turn: int) -> None:
    """Move, set a parameter, connect, paste, frame, delete."""
    x, y = middle(node(page, "read"))
    drag(page, node(page, "read"), (x + 24, y + 16))
    node(page, "split").click()
    field(page, "fraction").fill(f"0.{turn + 1}")
    drag(page, port(page, "read", "table"), port(page, f"sql_{turn}", "t1", "target"))
    expect(edges(page)).to_have_count(turn + 1)
    count = nodes(page).count()
    node(page, f"sql_{turn}").click()
    press(page, "Control+c", "Control+v")
    expect(nodes(page)).to_have_count(count + 1)
    press(page, "Control+g")
    title = page.get_by_role("textbox", name="Title of the frame")
    expect(title).to_be_focused()
    press(page, "Escape")
    node(page, f"sql_{turn}_2" if turn else "sql_0_2").click()
    press(page, "Delete")
    expect(nodes(page)).to_have_count(count)


def walk_history(page: Page, way: str) -> int:
    """Undo or redo until there is nothing left; gives how often."""
    button = page.get_by_role("button", name=way, exact=True)
    steps = 0
    while button.is_enabled():
        button.click()
        steps += 1
    return steps


def saved(page: Page, client: Client, id: str) -> dict[str, Any]:
    """The draft, once what is on the screen is saved."""
    expect(page.get_by_text(re.compile("^Draft saved"))).to_be_visible()
    return draft(client, id)
