"""Further work through the screen: matching by keyboard, editing a rule, importing files, every page in both themes."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from recon.demo.firms import FIRMS
from tests.browser.conftest import DemoSite, Screen, open_first_group, open_first_lines

SLOW = 60_000
SETTLED = 500
"""Milliseconds after which a page has run its scripts and drawn its lists."""
TOO_WIDE = "document.documentElement.scrollWidth > window.innerWidth"


def test_two_lines_are_matched_by_keyboard_alone(screen: Screen) -> None:
    page = screen.page
    screen.sign_in("preparer")
    screen.work_in(FIRMS[2].name)
    open_first_lines(page)
    left, right = (page.locator(f"#lines-{side} .tabulator-row") for side in ("left", "right"))
    amounts = [set(page.locator(f"#lines-{side} .tabulator-cell.num").all_inner_texts()) for side in ("left", "right")]
    amount = next(each for each in sorted(amounts[0] & amounts[1]))
    for side, key in (("left", "ArrowLeft"), ("right", "ArrowRight")):
        page.keyboard.press(key)
        page.keyboard.press("/")
        expect(page.locator(f"#find-{side}")).to_be_focused()
        page.keyboard.type(amount)
        expect(left if side == "left" else right).not_to_have_count(0)
        page.keyboard.press("Enter")
        expect(page.locator(f"#lines-{side} .tabulator-cell.num").first).to_have_text(amount)
        page.keyboard.press(" ")
        expect(page.locator(f"#count-{side}")).to_have_text("1")
    expect(page.locator("#sum-difference")).to_have_text(re.compile("^0"))
    page.keyboard.press("m")
    expect(page.get_by_role("status")).to_contain_text("2 lines matched")
    expect(page.locator("#count-left")).to_have_text("0")
    expect(page.get_by_role("link", name=re.compile("^Matched"))).to_contain_text("1")


def test_an_open_line_tells_its_nearest_misses(screen: Screen) -> None:
    page = screen.page
    screen.sign_in("auditor")
    screen.work_in(FIRMS[2].name)
    open_first_lines(page)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("w")
    expect(page.get_by_role("heading", name="Why is it open?")).to_be_visible(timeout=SLOW)


def test_a_rule_is_built_read_back_and_saved(screen: Screen) -> None:
    page = screen.page
    screen.sign_in("author")
    screen.work_in(FIRMS[2].name)
    page.get_by_role("link", name="Rule sets").click()
    page.get_by_role("link", name="Standard bank", exact=True).click()
    page.get_by_role("button", name="Copy to").click()
    page.get_by_role("link", name="New rule").click()
    page.get_by_label("Name").fill("Leave bank fees aside")
    page.get_by_label("What it does").select_option("exclude")
    builder = page.locator("rule-builder:visible").first
    builder.get_by_role("button", name="+ Condition").press("Enter")
    expect(builder.get_by_label("Field", exact=True)).to_be_focused()
    builder.get_by_label("Value, one value a line").fill("gebyr\nomkostning")
    reading = page.locator("#reading")
    expect(reading).to_contain_text("where the text contains")
    builder.get_by_role("button", name="+ Group").click()
    expect(reading).to_contain_text("empty")
    builder.get_by_role("button", name="Remove this group").click()
    expect(reading).to_contain_text("omkostning")
    page.get_by_role("button", name=re.compile("Save as version")).click()
    expect(page.get_by_role("status")).to_contain_text("Saved as version 2")
    page.get_by_role("link", name="Leave bank fees aside").click()
    expect(page.get_by_label("Value, one value a line")).to_have_value("gebyr\nomkostning")


def test_files_are_previewed_then_imported(screen: Screen, demo_site: DemoSite) -> None:
    page = screen.page
    screen.sign_in("preparer")
    screen.work_in(FIRMS[2].name)
    page.get_by_role("link", name="Import files").click()
    page.get_by_label("Bank and ledger files").set_input_files(demo_site.files)
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("Nothing is stored yet.")).to_be_visible()
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="Import: done").first).to_be_visible(timeout=SLOW)
    expect(page.locator("progress")).to_have_count(0, timeout=SLOW)


def every_page(page: Page, address: str) -> list[str]:
    """The addresses that the menu and a group's tabs lead to."""
    found = page.locator(".side a, tr[id^=group-] a.plain").evaluate_all("links => links.map(link => link.href)")
    open_first_group(page)
    found += page.locator(".tabs a").evaluate_all("links => links.map(link => link.href)")
    return sorted({str(link) for link in found if str(link).startswith(address)})


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 1920)])
def test_no_page_says_anything_on_the_console(screen: Screen, theme: str, width: int) -> None:
    page = screen.page
    page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 900})
    screen.sign_in("demo")
    for address in every_page(page, screen.address):
        page.goto(address)
        page.wait_for_timeout(SETTLED)
        assert page.locator("html").get_attribute("data-bs-theme") == theme
        assert not page.evaluate(TOO_WIDE), f"{address} is wider than the window"
    assert screen.faults == []
