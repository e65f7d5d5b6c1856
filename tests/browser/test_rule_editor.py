"""A rule built without any syntax, tried, activated by a second person, run; keyboard, findings and text views."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from playwright.sync_api import Locator, Page, Playwright, expect
from sqlalchemy.orm import Session

from recon.database.models import Base, EntryType, NumberSeries, User
from recon.database.session import make_engine, session_factory
from recon.services.approve_document import approve_document
from recon.services.import_file import import_file
from recon.services.match_lines import match_lines
from recon.web.factory import create_app
from tests.books import Books, make_books
from tests.browser.conftest import PASSWORD, Screen, browsing, chromium, open_first_group, open_first_lines, served
from tests.browser.late import late
from tests.entered import EXACT, line_ids, use_rules

LEDGER = [
    ("2025-01-08", "350.00", "", "Vipps settlement"),
    ("2025-02-05", "600.00", "", "Vipps settlement"),
    ("2025-02-06", "75.00", "B1", "Invoice 75"),
]
BANK = [
    ("2025-01-10", "100.00", "A1", "VIPPS 4711"),
    ("2025-01-10", "250.00", "A1", "Salg MobilPay 33"),
    ("2025-02-07", "200.00", "A2", "VIPPS 4712"),
    ("2025-02-07", "398.50", "A2", "Salg MobilPay 34"),
    ("2025-02-07", "-50.00", "A2", "VIPPS tilbakebetaling"),
    ("2025-02-07", "75.00", "B1", "Kunde"),
]
"""In January 350.00 is matched by hand and approved. The 600.00 of a Wednesday is paid on Friday, less 1.50."""

SENTENCE = (
    "Match one left line with all right lines of the same booking date and archive reference where on the right "
    "(the text starts with “VIPPS” or the text contains “mobilpay”) and the amount is greater than 0 and the right "
    "booking date is the left one's day or at most 2 banking days later. The difference (right less left) may be from "
    "−2.00 to 2.00; it is posted as FEES."
)


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """A company with four eyes, its January approved, served."""
    chromium()
    url = f"sqlite:///{tmp_path / 'editor.sqlite3'}"
    engine = make_engine(url)
    Base.metadata.create_all(engine)
    with session_factory(engine)() as session:
        books = make_books(session)
        _work(session, books)
        for user in session.query(User):
            user.username, user.password = user.name, PasswordHasher(1, 8, 1).hash(PASSWORD)
        session.commit()
    engine.dispose()
    yield from served(create_app({"DATABASE_URL": url, "INSTANCE": tmp_path, "JOBS_IN_TURN": True}))


def _work(session: Session, books: Books) -> None:
    series = NumberSeries(company_id=books.company.id, name="Vouchers", kind="voucher")
    kind = EntryType(company_id=books.company.id, key="FEES", name="Fees", series=series)
    kind.debit_account, kind.credit_account = "7770", "8050"
    session.add(kind)
    for account, rows in ((books.ledger, LEDGER), (books.bank, BANK)):
        text = "id,booking_date,amount,currency,archive_reference,text\n"
        text += "".join(f"{no},{','.join(row[:2])},NOK,{','.join(row[2:])}\n" for no, row in enumerate(rows))
        import_file(session, books.preparer, text.encode(), name=f"{account.number}.csv", account=account)
    use_rules(session, books, EXACT)
    books.company.four_eyes = True
    january = [line_ids(session, books, side) for side in ("left", "right")]
    match_lines(session, books.preparer, books.group.id, [january[0][0], *january[1][:2]])
    balances = {books.ledger.id: 350_00, books.bank.id: 350_00}
    january_end = dt.date(2025, 1, 31)
    approve_document(session, books.actors["approver"], books.group.id, january_end, statement_balances=balances)


As = Callable[[str], Page]


@pytest.fixture
def as_(playing: Playwright, address: str, tmp_path: Path) -> Iterator[As]:
    """`as_("author")`: that person's own browser, signed in."""
    with ExitStack() as browsers:
        opened: dict[str, Screen] = {}

        def page_of(person: str) -> Page:
            if person not in opened:
                opened[person] = browsers.enter_context(browsing(playing, tmp_path / person, address))
                opened[person].sign_in(person)
            return opened[person].page

        yield page_of


def open_set(page: Page) -> None:
    page.get_by_role("link", name="Rule sets").click()
    page.get_by_role("link", name="Exact", exact=True).click()


def add_test(group: Locator, comparison: str, value: str) -> None:
    """A further text test at the end of a group of conditions."""
    group.get_by_role("button", name="+ Condition").first.click()
    row = group.locator(":scope > .leaf").last
    row.get_by_label("Comparison").select_option(label=comparison)
    row.get_by_label("Value, one value a line").fill(value)


def build(page: Page) -> None:
    """What the accountant wants, clicked and typed without a word of the rule language."""
    page.get_by_label("Name", exact=True).fill("Card payments of a day")
    page.get_by_label("What it pairs").select_option(label="one left with many right")
    bank = page.get_by_role("group", name="Right lines (the bank)")
    bank.get_by_role("button", name="+ Group").click()
    either = bank.locator(".group .group")
    either.get_by_label("Comparison").select_option(label="starts with")
    either.get_by_label("Value, one value a line").fill("VIPPS")
    add_test(either, "contains", "mobilpay")
    bank.get_by_role("button", name="+ Condition").first.click()
    amount = bank.locator(":scope > div > .group > .leaf").last
    amount.get_by_label("Field", exact=True).select_option(label="amount")
    amount.get_by_label("Value").fill("0")
    page.get_by_text("booking date", exact=True).locator("visible=true").first.click()
    page.get_by_text("archive reference", exact=True).locator("visible=true").first.click()
    together = page.get_by_role("group", name="They belong together when")
    together.get_by_role("button", name="Remove this condition").click()
    page.get_by_label("Days from the left date to the right").fill("0")
    page.get_by_label("to", exact=True).fill("2")
    page.get_by_label("Counted in").select_option(label="banking days of the group's country")
    page.get_by_label("Amounts").select_option(label="may differ a little")
    page.get_by_label("Right lower by up to").fill("2,00")
    page.get_by_label("Right higher by up to").fill("2,00")
    page.get_by_label("The difference").select_option(label="is booked as Fees (FEES)")
    page.get_by_label("The match is").select_option(label="a suggestion, for a person to accept")


def test_a_rule_is_built_tried_activated_by_another_and_run(as_: As) -> None:
    author = as_("author")
    open_set(author)
    author.get_by_role("link", name="New rule").click()
    build(author)
    expect(author.locator("#reading .sentence")).to_contain_text(SENTENCE)
    expect(author.locator("#reading .findings .bad")).to_have_count(0)
    author.get_by_role("button", name="Preview").click()
    tried = author.get_by_role("region", name="What the trial found")
    expect(tried).to_contain_text("Card payments of a day")
    expect(tried).to_contain_text("Salg MobilPay 34")
    author.get_by_role("button", name="Backtest").click()
    expect(tried).to_contain_text("What stood, by who matched it")
    author.get_by_role("button", name=re.compile("Save as version 2")).click()
    expect(author.get_by_role("status")).to_contain_text("It waits for somebody else to put it in force")

    approver = as_("approver")
    open_set(approver)
    approver.get_by_role("link", name="What changed, roll back").click()
    expect(approver.get_by_text("Card payments of a day").first).to_be_visible()
    approver.get_by_role("button", name="Put in force").click()
    approver.get_by_role("dialog").get_by_role("button", name="Continue").click()
    expect(approver.get_by_role("status")).to_contain_text("Version 2 is in force now")

    preparer = as_("preparer")
    open_first_group(preparer)
    preparer.get_by_role("button", name="Reconcile").click()
    expect(preparer.get_by_role("status").filter(has_text="Reconcile: done")).to_be_visible()
    preparer.get_by_role("link", name=re.compile("^Suggested")).click()
    suggestion = preparer.locator("details.rule").filter(has_text="Card payments of a day")
    expect(suggestion).to_contain_text("Salg MobilPay 34")
    expect(suggestion).to_contain_text("1,50")
    expect(suggestion).not_to_contain_text("tilbakebetaling")


def test_rules_are_ordered_by_keyboard_and_by_dragging(as_: As) -> None:
    page = as_("author")
    open_set(page)
    for name in ("Second", "Third"):
        page.get_by_role("link", name="New rule").click()
        page.get_by_label("Name", exact=True).fill(name)
        page.get_by_label("What it does").select_option("exclude")
        page.get_by_role("group", name="For lines where").get_by_role("button", name="+ Condition").press("Enter")
        page.get_by_label("Value, one value a line").fill(name)
        page.get_by_role("button", name=re.compile("Save as version")).click()
        expect(page.get_by_role("status")).to_contain_text("Saved as version")
    names = page.locator(".rules strong")
    expect(names).to_have_text(["Same reference, same amount", "Second", "Third"])
    grip = page.get_by_role("button", name="Move Third: arrow up and down")
    grip.press("ArrowUp")
    expect(page.locator("#moved")).to_contain_text("“Third” is rule 2 of 3 now")
    expect(grip).to_be_focused()
    page.get_by_role("button", name="Move Third up").press("Enter")
    expect(names).to_have_text(["Third", "Same reference, same amount", "Second"])
    page.get_by_role("button", name="Move Second: arrow up and down").drag_to(
        page.locator(".rules .rule-item").first, target_position={"x": 60, "y": 3}
    )
    expect(names).to_have_text(["Second", "Third", "Same reference, same amount"])
    page.get_by_role("button", name=re.compile("Save the order as version 4")).click()
    expect(page.get_by_role("status")).to_contain_text("Saved as version 4")
    expect(names).to_have_text(["Second", "Third", "Same reference, same amount"])


def test_findings_stand_at_their_field_and_text_goes_both_ways(as_: As) -> None:
    page = as_("author")
    open_set(page)
    page.get_by_role("link", name="Same reference, same amount").click()
    page.get_by_label("Days from the left date to the right").wait_for(state="hidden")
    page.get_by_label("Date", exact=True).select_option(label="booking date")
    first = page.get_by_label("Days from the left date to the right")
    first.fill("x")
    expect(first).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#date_from ~ .at-field, :has(> #date_from) > .at-field")).to_have_text(
        "“x” is not a whole number."
    )
    first.fill("-1")
    expect(first).not_to_have_attribute("aria-invalid", "true")
    page.get_by_role("button", name="YAML").click()
    source = page.get_by_label("The rule as YAML, in the words of the rule language")
    expect(source).to_have_value(re.compile("from: -1"))
    source.fill(source.input_value().replace("op: same", "op: sam"))
    expect(page.locator("#reading .findings")).to_contain_text("pair.all[0].op")
    page.get_by_role("button", name="Form").click()
    expect(source).to_be_visible()
    source.fill(source.input_value().replace("op: sam", "op: one_edit"))
    expect(page.locator("#reading .sentence")).to_contain_text("at most one typing error")
    page.get_by_role("button", name="Form").click()
    pair = page.get_by_role("group", name="They belong together when")
    expect(pair.get_by_label("Comparison")).to_have_value("one_edit")
    pair.get_by_label("Comparison").focus()
    pair.get_by_label("Comparison").select_option(label="is similar to")
    expect(pair.get_by_label("Comparison")).to_be_focused()
    pair.get_by_label("at least, percent").fill("80")
    expect(pair.locator(".leaf .at-field")).to_contain_text("takes other numbers for the same")
    pair.get_by_label("Comparison").select_option(label="is, once rounded, the same as")
    pair.get_by_label("decimals").fill("1")
    pair.get_by_label("Field of the right line").select_option(label="amount")
    pair.get_by_label("How it is rounded").select_option(label="down")
    page.get_by_label("When several fit").select_option(label="take the newest; of a tie the first")
    reading = page.locator("#reading .sentence")
    expect(reading).to_contain_text("the right amount are the same once rounded down to 1 decimal")
    expect(reading).to_contain_text("the one with the newest date is taken")


def test_of_two_trials_the_one_asked_for_last_is_shown(as_: As) -> None:
    page = as_("author")
    open_set(page)
    page.get_by_role("link", name="Same reference, same amount").click()
    tried = page.get_by_role("region", name="What the trial found")
    with late(page, "/preview") as answer:
        with page.expect_request(re.compile("/preview")):
            page.get_by_role("button", name="Preview").click()
        page.get_by_role("button", name="Backtest").click()
        expect(tried).to_contain_text("What stood, by who matched it")
        answer.arrive()
    expect(tried).to_contain_text("What stood, by who matched it")


def test_a_rule_begins_with_the_selected_lines(as_: As) -> None:
    page = as_("author")
    open_first_lines(page)
    page.locator("#lines-left .tabulator-row").filter(has_text="Vipps settlement").click()
    for words in ("VIPPS 4712", "Salg MobilPay 34"):
        page.locator("#lines-right .tabulator-row").filter(has_text=words).click()
    page.keyboard.press("r")
    expect(page.get_by_label("What it pairs")).to_have_value("one_to_many")
    expect(page.get_by_label("The difference")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("The difference").select_option(label="is booked as Fees (FEES)")
    expect(page.locator("#reading .sentence")).to_contain_text("all right lines of the same archive reference")
    expect(page.locator("#reading .sentence")).to_contain_text("−1.50 to 0; it is posted as FEES")
