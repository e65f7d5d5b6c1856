"""Everyone's language: what the browser asks for until one is chosen; words, numbers and days follow it, in and out."""

from __future__ import annotations

import json
import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from recon.database.models import Event, Job, StatementBalance, User
from recon.languages import LANGUAGES
from rules.codec import rule_document
from rules.standard import load as shipped
from tests.web.conftest import Client, Site, post, sign_in, token
from tests.web.rule_forms import form_of, send
from tests.web.test_rule_pages import own, stored
from tests.web.worked import work

__all__ = ["own"]

NORWEGIAN = {"Accept-Language": "nb-NO,nb;q=0.9,no;q=0.8,en;q=0.6"}


def language_of(client: FlaskClient, address: str = "/me/", **headers: str) -> str:
    found = re.search(r'<html lang="(\w+)"', client.get(address, headers=headers).text)
    assert found
    return found.group(1)


def choose(client: FlaskClient, language: str) -> str:
    form = {"csrf_token": token(client.get("/me/").text), "language": language}
    return client.post("/me/language", data=form, follow_redirects=True).text


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("nb-NO,nb;q=0.9,en;q=0.5", "nb"),
        ("no", "nb"),
        ("nn-NO,nn;q=0.9", "nb"),
        ("sv-SE", "sv"),
        ("en-GB,sv;q=0.5", "en"),
        ("de,fr;q=0.5", "en"),
        ("*", "en"),
    ],
)
def test_the_browser_is_asked_first(site: Site, asked: str, given: str) -> None:
    assert language_of(site.app.test_client(), "/login", **{"Accept-Language": asked}) == given


def test_what_is_chosen_is_kept_whatever_the_browser_asks(site: Site, signed_in: Client) -> None:
    client = signed_in("auditor")
    assert "Språket" not in client.get("/me/").text
    assert "Sidorna är på svenska nu." in choose(client, "sv")
    assert language_of(client, **NORWEGIAN) == "sv"
    assert language_of(sign_in(site.app.test_client(), "auditor"), **NORWEGIAN) == "sv"
    with site.session() as session:
        assert session.scalars(select(User.locale).where(User.username == "auditor")).one() == "sv"
        event = session.scalars(select(Event).where(Event.verb == "choose language")).one()
        assert (event.before, event.after) == ({"language": None}, {"language": "sv"})
    choose(client, "")
    assert language_of(client, **NORWEGIAN) == "nb"


def test_a_language_that_is_not_there_is_refused(signed_in: Client) -> None:
    client = signed_in("auditor")
    assert "There is no language xx; there are en, nb, sv." in choose(client, "xx")
    assert language_of(client) == "en"


@pytest.mark.parametrize(
    ("language", "menu", "heading"),
    [
        ("nb", "Regelsett", "Det Avstem gjør, ovenfra og ned."),
        ("sv", "Regeluppsättningar", "Vad Stäm av gör, uppifrån och ned."),
    ],
)
def test_pages_menus_and_refusals_speak_it(signed_in: Client, language: str, menu: str, heading: str) -> None:
    client = signed_in("admin")
    choose(client, language)
    page = client.get("/rules/").text
    assert menu in page
    assert heading in page
    missing = client.get("/nothing-here").text
    assert {"nb": "Ikke funnet", "sv": "Hittades inte"}[language] in missing


@pytest.mark.parametrize("language", ["nb", "sv"])
@pytest.mark.parametrize(
    ("typed", "minor"),
    [
        ("7 134 154,55", 713_415_455),
        ("7\N{NO-BREAK SPACE}134\N{NO-BREAK SPACE}154,55", 713_415_455),
        ("7\N{NARROW NO-BREAK SPACE}134\N{THIN SPACE}154,55", 713_415_455),
        ("\N{MINUS SIGN}361\N{NO-BREAK SPACE}969,76", -36_196_976),
        ("kr\N{NO-BREAK SPACE}\N{MINUS SIGN}50,00", -5_000),
    ],
)
def test_t31_amounts_are_typed_as_they_are_written(
    site: Site, signed_in: Client, language: str, typed: str, minor: int
) -> None:
    client = signed_in("preparer")
    choose(client, language)
    account = str(site.books.bank.id)
    post(client, f"/closing/{site.books.group.id}/balance", account=account, on="2025-01-31", amount=typed)
    with site.session() as session:
        assert session.scalars(select(StatementBalance.amount_minor)).all() == [minor]
    shown = client.get(f"/closing/{site.books.group.id}/balances").text.replace("\N{NO-BREAK SPACE}", " ")
    assert typed.removeprefix("kr").translate({0xA0: " ", 0x202F: " ", 0x2009: " "}).strip() in shown
    assert {"nb": "31.01.2025", "sv": "2025-01-31"}[language] in shown


def test_english_pages_write_numbers_as_the_company_does(site: Site, signed_in: Client) -> None:
    page = signed_in("preparer").get("/").text
    assert '<html lang="en" data-bs-theme="light" data-locale="nb">' in page


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Leave right lines where the text contains “gebyr” and the amount is less than 1234.50 aside."),
        ("nb", "Se bort fra poster til høyre der teksten inneholder «gebyr» og beløpet er mindre enn 1 234,50."),
        ("sv", "Bortse från poster till höger där texten innehåller ”gebyr” och beloppet är mindre än 1 234,50."),
    ],
)
def test_the_editor_reads_a_rule_in_it(signed_in: Client, own: int, language: str, said: str) -> None:
    client = signed_in("author")
    choose(client, language)
    tests = [
        {"field": "text", "op": "contains", "value": "gebyr"},
        {"field": "amount", "op": "less_than", "value": "1 234,50"},
    ]
    form = {"kind": "exclude", "name": "Fees", "side": "right", "where": json.dumps({"all": tests})}
    assert said in send(client, f"/rule/{own}/reading", form).text.replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("language", "labels"),
    [("nb", {"bokføringsdato", "arkivreferanse"}), ("sv", {"bokföringsdatum", "arkivreferens"})],
)
def test_fields_are_labelled_without_article(signed_in: Client, own: int, language: str, labels: set[str]) -> None:
    client = signed_in("author")
    choose(client, language)
    page = client.get(f"/rule/{own}/new").text
    assert form_of(page)
    assert labels <= set(re.findall(r'"label": "([^"]*)"', page.replace("&#34;", '"')))


def test_jobs_speak_the_language_of_who_started_them(site: Site, signed_in: Client) -> None:
    work(site)
    client = signed_in("preparer")
    choose(client, "nb")
    post(client, f"/group/{site.books.group.id}/reconcile")
    with site.session() as session:
        assert session.scalars(select(Job.language)).all() == ["nb"]


def test_machines_are_answered_in_english(site: Site, signed_in: Client) -> None:
    client = signed_in("auditor")
    choose(client, "sv")
    answer = client.get("/api/v1/groups/999/lines", headers=NORWEGIAN)
    assert answer.json == {"error": "There is no such account group."}


def test_languages_are_named_by_their_own_speakers(signed_in: Client) -> None:
    page = signed_in("auditor").get("/me/", headers=NORWEGIAN).text
    assert all(f'lang="{code}">{name}</option>' in page for code, name in LANGUAGES.items())
    assert "det nettleseren ber om (norsk bokmål)" in page


@pytest.mark.parametrize(("language", "filter_"), [("nb", "Dato større enn"), ("sv", "Datum större än")])
def test_what_flask_admin_says_is_translated_too(signed_in: Client, language: str, filter_: str) -> None:
    client = signed_in("auditor")
    choose(client, language)
    assert filter_ in client.get("/lines/").text


@pytest.mark.parametrize(("language", "name"), [("en", "One to one"), ("nb", "Én til én"), ("sv", "En till en")])
def test_shipped_rules_are_called_in_it_and_own_ones_as_they_are(
    site: Site, signed_in: Client, language: str, name: str
) -> None:
    first = rule_document(shipped("autopay").rules[0])
    mine = {"version": 1, "name": "Mine", "rules": [first, {**first, "key": "own", "name": "One to one of ours"}]}
    client = signed_in("author")
    choose(client, language)
    page = client.get(f"/rules/{stored(site, mine)}/").text
    assert f">{name}</a>" in page
    assert ">One to one of ours</a>" in page
