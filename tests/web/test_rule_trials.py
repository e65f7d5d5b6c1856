"""Trying rules out in the browser: preview and backtest of a stored version and of an unsaved body; nothing written."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from recon.services.approve_document import approve_document
from recon.services.reconcile_group import reconcile_group
from rules.codec import from_document, to_document
from tests.entered import enter, use_rules
from tests.row_counts import row_counts
from tests.services.test_backtest_rules import BANK, JANUARY, LEDGER
from tests.services.test_preview_rules import AMOUNT, REFERENCE
from tests.web.conftest import Client, Site, post, token


@pytest.fixture
def set_id(site: Site) -> int:
    """The group's rule set, with January approved by it and February open."""
    books = site.books
    with site.session() as session:
        enter(session, books, books.ledger, LEDGER[:1] + LEDGER[3:])
        enter(session, books, books.bank, BANK[:1] + BANK[3:])
        version = use_rules(session, books)
        reconcile_group(session, books.preparer, books.group.id, as_of=dt.date(2025, 1, 31))
        balances = {books.ledger.id: 10000, books.bank.id: 10000}
        approve_document(session, books.actors["approver"], books.group.id, JANUARY, statement_balances=balances)
        session.commit()
        return version.rule_set_id


def body(*rules: dict[str, Any]) -> str:
    document = from_document({"version": 1, "name": "Exact", "rules": list(rules)})
    return json.dumps(to_document(document))


def tried(client: FlaskClient, where: str, **form: str) -> Any:
    return client.post(where, data={"csrf_token": token(client.get("/").text), **form}, headers={"HX-Request": "true"})


def test_an_unsaved_body_is_previewed_in_place(site: Site, signed_in: Client, set_id: int) -> None:
    with site.session() as session:
        before = row_counts(session)
    answer = tried(
        signed_in("author"), f"/rule-sets/{set_id}/preview", group=str(site.books.group.id), body=body(AMOUNT)
    )
    assert answer.status_code == 200
    assert "<html" not in answer.text
    for words in ("Same amount", "beside what Exact 1", "From other rules", "Nothing was written"):
        assert words in answer.text, words
    with site.session() as session:
        assert row_counts(session) == before


def test_an_unsaved_body_has_a_page_and_says_it_is_not_saved(site: Site, signed_in: Client, set_id: int) -> None:
    page = post(signed_in("author"), f"/rule-sets/{set_id}/preview", body=body({**REFERENCE, "date": {"within": 0}}))
    assert "not saved" in page.text  # type: ignore[attr-defined]
    assert "&#34;within&#34;: 0" in page.text or "&#34;from&#34;: 0" in page.text  # type: ignore[attr-defined]


def test_a_stored_version_is_previewed_by_its_address(site: Site, signed_in: Client, set_id: int) -> None:
    client = signed_in("approver")
    chooser = client.get(f"/rule-sets/{set_id}/preview").text
    assert "Would match" not in chooser
    page = client.get(f"/rule-sets/{set_id}/preview?group={site.books.group.id}&version=1").text
    assert "Would match" in page
    assert "Same reference, same amount" in page


def test_a_backtest_shows_kinds_and_reads_lines(site: Site, signed_in: Client, set_id: int) -> None:
    client = signed_in("approver")
    page = client.get(f"/rule-sets/{set_id}/backtest?group={site.books.group.id}").text
    for words in ("the same", "not found again", "What stood, by who matched it", "Group by group", "R1"):
        assert words in page, words
    nothing = tried(
        client, f"/rule-sets/{set_id}/backtest", group=str(site.books.group.id), body=body(AMOUNT), from_on="2026-01-31"
    )
    assert nothing.status_code == 422
    assert "no approved period" in nothing.text


@pytest.mark.parametrize(("kind", "start"), [("csv", b"group,kind,set"), ("pdf", b"%PDF"), ("xlsx", b"PK")])
def test_a_backtest_is_taken_as_a_file(signed_in: Client, set_id: int, kind: str, start: bytes) -> None:
    answer: Any = post(signed_in("auditor"), f"/rule-sets/{set_id}/backtest.{kind}", body=body(REFERENCE))
    assert answer.status_code == 200
    assert answer.data.startswith(start)
    assert f"2025-01-31.{kind}" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize("what", ["preview", "backtest"])
def test_many_lines_are_left_to_a_job_whose_result_has_an_address(
    site: Site, signed_in: Client, set_id: int, what: str
) -> None:
    site.app.config["TRIAL_LINES_IN_A_REQUEST"] = 0
    client = signed_in("author")
    answer: Any = post(client, f"/rule-sets/{set_id}/{what}", body=body(REFERENCE, AMOUNT))
    assert answer.status_code == 302
    page = client.get(answer.location).text
    assert "Same amount" in page
    assert "not saved" in page
    if what == "backtest":
        number = answer.location.rsplit("/", 1)[1]
        assert client.get(f"/rule-sets/job/{number}/backtest.csv").data.startswith(b"group,")
    card = tried(client, f"/rule-sets/{set_id}/{what}", body=body(REFERENCE))
    assert "Show what it found" in card.text or "hx-get" in card.text


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ("{", "could not be read as JSON"),
        ("[]", "These rules cannot be tried yet"),
        ('{"version": 1, "name": "X", "rules": [{"kind": "exclude"}]}', "rules[0]"),
        ("[" * 100_000, "These rules cannot be tried yet"),
    ],
)
def test_faulty_rules_are_named_with_their_path(signed_in: Client, set_id: int, sent: str, told: str) -> None:
    answer = tried(signed_in("author"), f"/rule-sets/{set_id}/preview", body=sent)
    assert answer.status_code == 422
    assert told in answer.text


def test_foreign_groups_sets_and_versions_are_not_found(site: Site, signed_in: Client, set_id: int) -> None:
    client = signed_in("author")
    for where in (
        f"/rule-sets/{set_id}/preview?group={site.foreign_group_id}",
        f"/rule-sets/{set_id}/backtest?version=9",
        "/rule-sets/999/preview",
        "/rule-sets/job/999",
    ):
        assert client.get(where).status_code == 404, where
