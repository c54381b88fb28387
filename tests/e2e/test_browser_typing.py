"""Text that is typed is text: no key of it reaches the graph, and Chinese can be composed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from studio.client import Client
from tests.e2e.hands import (
    READ,
    code,
    draft,
    draw,
    field,
    focus,
    node,
    nodes,
    opened,
    pipeline,
    press,
    runs,
    until,
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

QUERY = "SELECT 1"
SQL = {"component": "sql", "parameters": {"query": QUERY}}
TWO = pipeline({"read": READ, "sql": SQL}, "read.table > sql.t1")
KEYS = ("ArrowLeft", "ArrowUp", "Backspace", "Delete", "Control+a", "Control+z", "n", "d", "c")

Find = Callable[[Page], Locator]


def name_of_node(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Name of the node")


FIELDS: dict[str, tuple[str, Find]] = {
    "a name": ("read", name_of_node),
    "a parameter": ("read", lambda page: field(page, "path")),
    "code": ("sql", lambda page: code(page, "query")),
    "the search for components": (
        "read",
        lambda page: page.locator("#panel-left").get_by_role("textbox").first,
    ),
}


def test_keys_in_a_field_write_text_and_leave_the_graph_alone(
    browser: Browser, client: Client
) -> None:
    with opened(browser, client) as page:
        id = draw(page, client, TWO)
        for chosen, find in FIELDS.values():
            node(page, chosen).click()
            find(page).click()
            page.keyboard.type("ab")
            press(page, *KEYS)
            expect(find(page)).to_be_focused()
            expect_graph_untouched(page, client, id)


def expect_graph_untouched(page: Page, client: Client, id: str) -> None:
    """The same nodes and edges, on the screen and in the draft; nothing was run."""
    expect(nodes(page)).to_have_count(2)
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_text("Draft saved").wait_for()
    document = draft(client, id)
    assert [n["id"] for n in document["nodes"]] == ["read", "sql"]
    assert document["edges"] == TWO["edges"]
    assert not any(n["disabled"] for n in document["nodes"] if "disabled" in n)
    assert runs(client, id) == []


@pytest.mark.parametrize("last", ["Enter", "Control+Enter"])
def test_chinese_is_composed_without_starting_or_adding_anything(
    browser: Browser, client: Client, last: str
) -> None:
    with opened(browser, client) as page:
        id = draw(page, client, TWO)
        for chosen, find in FIELDS.values():
            node(page, chosen).click()
            find(page).click()
            press(page, "Control+a")
            compose(page, "nihao", last, "你好")
            expect(find(page)).to_be_focused()
            assert "你好" in text_of(find(page))
            expect_graph_untouched(page, client, id)


def compose(page: Page, letters: str, last: str, text: str) -> None:
    """Type letters into an input method, end with a key, and take what it offers."""
    cdp = page.context.new_cdp_session(page)
    for end in range(1, len(letters) + 1):
        typed = {"text": letters[:end], "selectionStart": end, "selectionEnd": end}
        cdp.send("Input.imeSetComposition", typed)
    press(page, last)
    cdp.send("Input.insertText", {"text": text})
    cdp.detach()


def text_of(place: Locator) -> str:
    value: str = place.evaluate("(element) => element.value ?? element.textContent")
    return value


def test_the_key_that_ends_a_composition_is_no_command_in_any_browser(
    browser: Browser, client: Client
) -> None:
    """Safari ends the composition before it tells of the key, and does not say that it was part."""
    with opened(browser, client) as page:
        id = draw(page, client, TWO)
        node(page, "read").click()
        name_of_node(page).click()
        for modifier in ("", "ctrlKey"):
            name_of_node(page).evaluate(_END_OF_COMPOSITION, modifier)
        expect(name_of_node(page)).to_be_focused()  # Enter would have left it
        expect_graph_untouched(page, client, id)


_END_OF_COMPOSITION = """(element, modifier) => {
  const bubbles = true;
  element.dispatchEvent(new CompositionEvent("compositionstart", { bubbles }));
  element.dispatchEvent(new CompositionEvent("compositionend", { bubbles, data: "你" }));
  const given = { key: "Enter", code: "Enter", bubbles, cancelable: true };
  element.dispatchEvent(new KeyboardEvent("keydown", { ...given, [modifier]: true }));
}"""


def test_control_enter_runs_from_a_field_too(browser: Browser, client: Client) -> None:
    """The other side of the rules above: what is no composition is a command."""
    with opened(browser, client) as page:
        id = draw(page, client, TWO)
        node(page, "sql").click()
        search = page.get_by_role("textbox", name="Search components")
        search.fill("Split")  # Enter alone would add it
        for count, place in enumerate((name_of_node(page), code(page, "query"), search), start=1):
            place.click()
            press(page, "Control+Enter")
            until(partial(has_runs, client, id, count), "nothing was run")
        expect(nodes(page)).to_have_count(2)


def has_runs(client: Client, id: str, count: int) -> bool:
    return len(runs(client, id)) == count


def test_backspace_on_the_canvas_deletes_what_is_chosen(browser: Browser, client: Client) -> None:
    with opened(browser, client) as page:
        draw(page, client, TWO)
        focus(page)
        press(page, "Backspace")
        expect(nodes(page)).to_have_count(2)
        node(page, "sql").click()
        press(page, "Backspace")
        expect(nodes(page)).to_have_count(1)
