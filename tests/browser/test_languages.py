"""Somebody chooses their language, and everything they see and type follows: menus, the live sentence, numbers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from playwright.sync_api import Locator, Page, Playwright, expect

from recon.database.models import Base, User
from recon.database.session import make_engine, session_factory
from recon.web.factory import create_app
from tests.books import make_books
from tests.browser.conftest import PASSWORD, browsing, chromium, served
from tests.entered import EXACT, use_rules


@pytest.fixture
def page(playing: Playwright, tmp_path: Path) -> Iterator[Page]:
    """The author of a company with one rule set, signed in."""
    chromium()
    url = f"sqlite:///{tmp_path / 'languages.sqlite3'}"
    engine = make_engine(url)
    Base.metadata.create_all(engine)
    with session_factory(engine)() as session:
        use_rules(session, make_books(session), EXACT)
        for user in session.query(User):
            user.username, user.password = user.name, PasswordHasher(1, 8, 1).hash(PASSWORD)
        session.commit()
    engine.dispose()
    app = create_app({"DATABASE_URL": url, "INSTANCE": tmp_path, "JOBS_IN_TURN": True})
    for address in served(app):
        with browsing(playing, tmp_path / "author", address) as screen:
            screen.sign_in("author")
            yield screen.page


def speak(page: Page, label: str, language: str, button: str, said: str) -> None:
    page.locator("a[href='/me/']").first.click()
    page.get_by_label(label).select_option(label=language)
    page.get_by_role("button", name=button, exact=True).click()
    expect(page.get_by_role("alert").or_(page.get_by_role("status")).first).to_contain_text(said)


def new_rule(page: Page, sets: str, new: str, does: str, aside: str) -> Locator:
    """A new rule that leaves lines aside; its live sentence."""
    page.get_by_role("link", name=sets).click()
    page.get_by_role("link", name="Exact", exact=True).click()
    page.get_by_role("link", name=new).click()
    page.get_by_label(does).select_option(label=aside)
    return page.locator("#reading .sentence")


def small_amounts(page: Page, where: str, condition: str, field: str, amount: str, comparison: str, less: str) -> None:
    lines = page.get_by_role("group", name=where)
    lines.get_by_role("button", name=condition).first.click()
    lines.get_by_label(field, exact=True).select_option(label=amount)
    lines.get_by_label(comparison).select_option(label=less)


def test_the_editors_sentence_follows_the_language_that_is_chosen(page: Page) -> None:
    speak(page, "Pages, sentences of rules", "norsk bokmål", "Save", "Sidene er på norsk bokmål nå.")
    said = new_rule(page, "Regelsett", "Ny regel", "Det den gjør", "holder poster utenfor")
    small_amounts(page, "For poster der", "+ Vilkår", "Felt", "beløp", "Sammenligning", "er mindre enn")
    page.get_by_label("Verdi", exact=True).fill("7 134 154,55")
    expect(said).to_have_text("Se bort fra poster til venstre der beløpet er mindre enn 7 134 154,55.")
    page.get_by_label("Verdi", exact=True).fill("−361 969,76")
    expect(said).to_have_text("Se bort fra poster til venstre der beløpet er mindre enn −361 969,76.")

    speak(page, "Sider, regelsetninger", "svenska", "Lagre", "Sidorna är på svenska nu.")
    said = new_rule(page, "Regeluppsättningar", "Ny regel", "Vad den gör", "undantar poster")
    small_amounts(page, "För poster där", "+ Villkor", "Fält", "belopp", "Jämförelse", "är mindre än")
    page.get_by_label("Värde", exact=True).fill("kr −50,00")
    expect(said).to_have_text("Bortse från poster till vänster där beloppet är mindre än −50,00.")

    speak(page, "Sidor, regelmeningar", "English", "Spara", "Pages are in English now.")
    said = new_rule(page, "Rule sets", "New rule", "What it does", "leaves lines aside")
    small_amounts(page, "For lines where", "+ Condition", "Field", "amount", "Comparison", "is less than")
    page.get_by_label("Value", exact=True).fill("1 234,50")
    expect(said).to_have_text("Leave left lines where the amount is less than 1234.50 aside.")
