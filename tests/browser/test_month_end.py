"""The main job through the screen: reconcile, see why, accept, match by hand, approve the month, download the PDF."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from recon.demo.firms import FIRMS
from tests.browser.conftest import Screen, open_first_group

COMPANY = FIRMS[0].name
SLOW = 60_000
"""Milliseconds that a run of the demo may take on a busy machine."""


def test_a_month_from_reconcile_to_the_sealed_pdf(screen: Screen) -> None:
    page = screen.page
    screen.sign_in("demo")
    screen.work_in(COMPANY)
    period = page.get_by_label("Period")
    screen.choose(period, period.locator("option").last.inner_text())
    open_first_group(page)
    group = page.url

    page.get_by_role("button", name="Reconcile").click()
    done = page.get_by_role("status").filter(has_text="Reconcile: done")
    expect(done).to_be_visible(timeout=SLOW)
    expect(done).to_contain_text("new matches")

    page.get_by_role("link", name=re.compile("^Matched")).click()
    page.get_by_role("button", name="Why").first.click()
    why = page.get_by_role("region", name="Why").first
    expect(why).to_contain_text("✓")
    expect(why).to_contain_text("Standard bank 1")

    page.get_by_role("link", name=re.compile("^Suggested")).click()
    suggestions = page.locator(".pairing[tabindex]")
    suggestions.first.wait_for()
    page.locator("details.rule").last.locator("summary").click()
    plain = suggestions.filter(has_not_text="adjustment").first
    plain.wait_for()
    before = suggestions.count()
    plain.focus()
    page.keyboard.press("w")
    expect(plain.get_by_role("region", name="Why")).to_contain_text("✓")
    page.keyboard.press("a")
    expect(suggestions).to_have_count(before - 1)
    suggestions.first.get_by_role("button", name="Reject").click()
    expect(suggestions).to_have_count(before - 2)

    page.get_by_role("link", name="Balances").click()
    expect(page.get_by_text("holds", exact=True)).to_be_visible()

    page.get_by_role("link", name=re.compile("^Approve ")).click()
    page.get_by_role("button", name="Approve …").click()
    page.get_by_role("dialog").get_by_role("button", name="Approve", exact=True).click()
    expect(page.get_by_role("status")).to_contain_text("Approved as")
    with page.expect_download() as coming:
        page.get_by_role("link", name="PDF", exact=True).click()
    assert coming.value.path().read_bytes().startswith(b"%PDF-")

    page.goto(group)
    page.get_by_role("link", name=re.compile("^Matched")).click()
    expect(page.get_by_text("approved", exact=True).first).to_be_visible()
    page.get_by_role("link", name="Approved archive").click()
    expect(page.locator(".model-list .mark.good")).to_have_text(["approved"])
