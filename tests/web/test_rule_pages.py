"""Rule sets: reading them in words, editing one rule, versions."""

from __future__ import annotations

import html
import json
import re

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from recon.database.models import RuleSet
from recon.services.save_rule_set import save_rule_set
from recon.web.pages.rule_form import document_of, fields_of
from rules import standard
from rules.codec import from_document, rule_document, rule_from_document
from tests.entered import EXACT
from tests.web.conftest import Client, Site, token


@pytest.fixture
def own(site: Site) -> int:
    """A rule set of the company; its key."""
    with site.session() as session:
        author = site.books.actors["author"]
        version = save_rule_set(session, author, site.books.company.id, from_document(EXACT))
        session.commit()
        return version.rule_set_id


def form_of(page: str) -> dict[str, str]:
    """What the editor's form would send as it stands, selects and builders included."""
    form = dict(re.findall(r'<input[^>]*?name="(\w+)"[^>]*?value="([^"]*)"', page))
    for tag, name, body in re.findall(r'(<select[^>]*name="(\w+)"[^>]*>)(.*?)</select>', page, re.S):
        chosen = re.search(r'<option value="([^"]*)" selected>', body) or re.search(r'<option value="([^"]*)"', body)
        if "multiple" not in tag and chosen:
            form.setdefault(name, chosen.group(1))
    for name, body in re.findall(r'<textarea hidden name="(\w+)">(.*?)</textarea>', page, re.S):
        form[name] = body
    return {name: html.unescape(value) for name, value in form.items()}


def send(client: FlaskClient, where: str, form: dict[str, str]) -> object:
    return client.post(where, data={**form, "csrf_token": token(client.get("/").text)})


def test_sets_are_read_in_sentences(signed_in: Client, own: int) -> None:
    client = signed_in("auditor")
    assert "Exact" in client.get("/rules/").text
    page = client.get(f"/rules/{own}/").text
    assert "Same reference, same amount" in page
    assert "Match one left line with one right line" in page
    assert "New rule" not in page


def test_saving_makes_a_version_and_keeps_the_old(site: Site, signed_in: Client, own: int) -> None:
    client = signed_in("author")
    form = form_of(client.get(f"/rules/{own}/rule/reference").text)
    form["name"] = "Reference within a week"
    form |= {"date_field": "booking_date", "date_from": "−7", "date_to": "7"}
    assert send(client, f"/rules/{own}/rule", form).status_code == 302  # type: ignore[attr-defined]
    with site.session() as session:
        first, second = session.get_one(RuleSet, own).versions
        assert first.body["rules"][0]["name"] == "Same reference, same amount"
        changed = second.body["rules"][0]
        assert (changed["key"], changed["name"]) == ("reference", "Reference within a week")
        assert changed["date"] == {"field": "booking_date", "from": -7, "to": 7}
        assert changed["pair"] == first.body["rules"][0]["pair"]
        assert second.activated_at is not None


def test_a_second_editor_is_told(signed_in: Client, own: int) -> None:
    client = signed_in("author")
    form = form_of(client.get(f"/rules/{own}/rule/reference").text)
    send(client, f"/rules/{own}/rule", {**form, "name": "First"})
    late = client.post(
        f"/rules/{own}/rule",
        data={**form, "name": "Second", "csrf_token": token(client.get("/").text)},
        follow_redirects=True,
    )
    assert "Somebody saved version 2 meanwhile" in late.text


def test_a_bad_rule_is_shown_with_its_faults_and_stores_nothing(site: Site, signed_in: Client, own: int) -> None:
    client = signed_in("author")
    form = form_of(client.get(f"/rules/{own}/rule/reference").text)
    form |= {"cardinality": "one_to_many", "name": "Many"}
    answer = send(client, f"/rules/{own}/rule", form)
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert "group_by" in answer.text  # type: ignore[attr-defined]
    with site.session() as session:
        assert len(session.get_one(RuleSet, own).versions) == 1


@pytest.mark.parametrize("typed", ["{", '{"all": [{"field": "nonsense", "op": "is"}]}', '{"all": []}', "[1]", '"x"'])
def test_the_reading_never_breaks(signed_in: Client, own: int, typed: str) -> None:
    client = signed_in("author")
    form = {"kind": "exclude", "name": "X", "side": "left", "where": typed}
    answer = send(client, f"/rules/{own}/reading", form)
    assert answer.status_code == 200  # type: ignore[attr-defined]
    assert 'class="small bad' in answer.text  # type: ignore[attr-defined]


def test_the_reading_tells_sentence_and_doubts(signed_in: Client, own: int) -> None:
    client = signed_in("author")
    where = json.dumps({"field": "text", "op": "contains", "value": "gebyr"})
    form = {"kind": "exclude", "name": "Fees", "side": "right", "where": where}
    answer = send(client, f"/rules/{own}/reading", form)
    assert "Leave right lines where" in answer.text  # type: ignore[attr-defined]


def test_rules_move_and_go(site: Site, signed_in: Client, own: int) -> None:
    client = signed_in("author")
    send(client, f"/rules/{own}/rule", {"kind": "exclude", "name": "All left aside", "side": "left", "version": "1"})
    send(client, f"/rules/{own}/move/all-left-aside/up", {"version": "2"})
    send(client, f"/rules/{own}/remove/reference", {"version": "3"})
    with site.session() as session:
        bodies = [[rule["key"] for rule in version.body["rules"]] for version in session.get_one(RuleSet, own).versions]
    assert bodies == [
        ["reference"],
        ["reference", "all-left-aside"],
        ["all-left-aside", "reference"],
        ["all-left-aside"],
    ]


def test_an_installation_set_is_copied_not_changed(site: Site, signed_in: Client) -> None:
    from tests.entered import operator

    with site.session() as session:
        version = save_rule_set(session, operator(session), None, standard.load("standard"))
        shared = version.rule_set_id
        session.commit()
    client = signed_in("author")
    page = client.get(f"/rules/{shared}/").text
    assert "New rule" not in page
    refused = send(client, f"/rules/{shared}/remove/{version.body['rules'][0]['key']}", {"version": "1"})
    assert refused.status_code == 302  # type: ignore[attr-defined]
    assert "only the operator" in client.get("/").text
    answer = send(client, f"/rules/{shared}/copy", {})
    assert answer.status_code == 302  # type: ignore[attr-defined]
    assert "Fjord AS" in client.get("/rules/").text


@pytest.mark.parametrize("name", standard.NAMES)
def test_every_shipped_rule_survives_its_form(site: Site, name: str) -> None:
    with site.app.test_request_context():
        for rule in standard.load(name).rules:
            fields = fields_of(rule_document(rule))
            assert rule_from_document(document_of(as_form(fields))) == rule


def as_form(fields: dict[str, object]) -> MultiDict[str, str]:
    """What the form sends for these fields."""
    form: MultiDict[str, str] = MultiDict()
    for name, value in fields.items():
        match name, value:
            case "settings", list():
                for target, source, pattern in value:
                    form.add("set_field", target)
                    form.add("set_from", source)
                    form.add("set_pattern", pattern)
            case "amount", dict():
                for part, typed in value.items():
                    form.add(f"amount_{part}" if part in ("left", "right") else part, str(typed))
            case _, list():
                for each in value:
                    form.add(name, str(each))
            case _:
                form.add(name, str(value))
    return form
