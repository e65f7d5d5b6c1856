"""Answers that come late: what a person typed or asked for since stands, whatever an older question is answered."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from recon.demo.firms import FIRMS
from tests.browser.conftest import Screen, open_first_lines
from tests.browser.late import late


@pytest.fixture
def rule(screen: Screen) -> Page:
    """A rule of the standard set in its editor."""
    page = screen.page
    screen.sign_in("author")
    screen.work_in(FIRMS[1].name)
    page.get_by_role("link", name="Rule sets").click()
    page.get_by_role("link", name="Standard bank", exact=True).click()
    page.locator(".rules strong a").first.click()
    expect(page.locator("#reading .sentence")).to_be_visible()
    return page


def source_of(page: Page) -> Locator:
    page.get_by_role("button", name="YAML").click()
    return page.get_by_label("The rule as YAML, in the words of the rule language")


def test_text_typed_after_asking_for_the_form_stands(rule: Page) -> None:
    source = source_of(rule)
    right = source.input_value()
    source.fill("kind: [wrong")
    with late(rule, "/view") as answer:
        rule.get_by_role("button", name="Form").click()
        source.fill(right + "# my own words\n")
        answer.arrive()
    expect(source).to_have_value(right + "# my own words\n")
    expect(rule.locator("#reading .sentence")).to_be_visible()


def test_a_field_filled_after_asking_for_the_text_stands(rule: Page) -> None:
    with late(rule, "/view") as answer:
        rule.get_by_role("button", name="JSON").click()
        rule.get_by_label("Name", exact=True).fill("Another name")
        answer.arrive()
    expect(rule.get_by_label("Name", exact=True)).to_have_value("Another name")


def test_of_two_views_the_one_asked_for_last_is_shown(rule: Page) -> None:
    shown = rule.locator("#source")
    with late(rule, "/view") as answer:
        rule.get_by_role("button", name="YAML").click()
        rule.get_by_role("button", name="JSON").click()
        expect(shown).to_have_value(re.compile(r"^\{"))
        answer.arrive()
    expect(shown).to_have_value(re.compile(r"^\{"))


def test_figures_typed_while_sums_are_looked_for_stand(screen: Screen) -> None:
    page = screen.page
    screen.sign_in("preparer")
    screen.work_in(FIRMS[1].name)
    open_first_lines(page)
    page.locator("#lines-left .tabulator-row").first.click()
    page.keyboard.press("s")
    days = page.get_by_label("Days before or after")
    days.fill("1")
    with late(page, "/subsets") as answer:
        page.get_by_role("button", name="Search", exact=True).click()
        days.fill("5")
        answer.arrive()
    expect(days).to_have_value("5")


def test_accounts_of_a_company_chosen_before_are_not_offered(screen: Screen) -> None:
    page = screen.page
    screen.sign_in("author")
    screen.work_in(FIRMS[1].name)
    page.goto(f"{screen.address}/account-imports/")
    account = page.get_by_label("From account").locator("option")
    page.get_by_label("Kind").select_option("ledger")
    company = page.get_by_label("From company")
    with late(page, "/accounts?") as answer:
        company.select_option(label=FIRMS[0].name)
        company.select_option(label=FIRMS[2].name)
        expect(account.nth(1)).to_be_attached()
        offered = account.all_inner_texts()
        answer.arrive()
    assert account.all_inner_texts() == offered


def looked_for(page: Page) -> str:
    """The text of a line further down the left pane: what the search field is to find."""
    return page.locator("#lines-left .tabulator-row").nth(4).locator("[tabulator-field=text]").inner_text()


def test_lines_selected_while_others_are_looked_for_stay_selected(screen: Screen) -> None:
    page = screen.page
    screen.sign_in("preparer")
    screen.work_in(FIRMS[1].name)
    open_first_lines(page)
    row = page.locator("#lines-left .tabulator-row").first
    amount = row.locator(".num").inner_text()
    with late(page, "/lines/left") as answer:
        with page.expect_request(re.compile("/lines/left.*search=[^&]")):
            page.locator("#find-left").fill(looked_for(page))
            row.click()
        expect(page.locator("#count-left")).to_have_text("1")
        answer.arrive()
    expect(page.locator("#count-left")).to_have_text("1")
    expect(page.locator("#sum-left")).to_have_text(amount)
    page.locator("#find-left").fill("")
    page.locator("#find-left").press("Enter")
    expect(row).to_have_class(re.compile("tabulator-selected"))
    page.keyboard.press("Escape")
    expect(page.locator("#count-left")).to_have_text("0")
    expect(row).not_to_have_class(re.compile("tabulator-selected"))


def test_a_key_pressed_before_the_lines_have_come_selects_one_of_them(screen: Screen) -> None:
    page = screen.page
    screen.sign_in("preparer")
    screen.work_in(FIRMS[1].name)
    open_first_lines(page)
    words = looked_for(page)
    with late(page, "/lines/left") as answer:
        page.locator("#find-left").fill(words)
        with page.expect_request(re.compile("/lines/left.*search=[^&]")):
            page.locator("#find-left").press("Enter")
        page.keyboard.press(" ")
        answer.arrive()
    expect(page.locator("#count-left")).to_have_text("1")
    expect(page.locator("#lines-left .tabulator-selected [tabulator-field=text]")).to_have_text(words)
