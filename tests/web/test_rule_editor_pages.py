"""The editor of one rule and of one decision: every field there and back, sentence and findings, faults, text views."""

from __future__ import annotations

import json
from typing import Any

import pytest
from werkzeug.datastructures import MultiDict

from recon.database.models import RuleSet
from recon.web.pages.rule_form import document_of, fields_of
from rules import standard
from rules.codec import rule_document, rule_from_document
from tests.entered import EXACT, line_ids
from tests.web.conftest import Client, Site
from tests.web.rule_forms import Form, findings, form_of, send
from tests.web.test_rule_pages import DATED, keys, stored
from tests.web.worked import work

FULL: list[dict[str, object]] = [
    {
        "key": "everything",
        "name": "All that a match can say",
        "kind": "match",
        "cardinality": "one_to_many",
        "left": {"where": {"field": "amount", "op": "between", "value": ["-1000.50", "0"]}},
        "right": {
            "where": {
                "all": [
                    {"any": [{"field": "text", "op": "starts_with", "value": ["VIPPS", "Mobil"], "case": True}]},
                    {"not": {"any": [{"field": "extra.batch no", "op": "is_empty"}]}},
                    {"not": {"all": [{"field": "sign", "op": "equals", "value": "negative"}]}},
                    {"not": {"field": "text", "op": "similar", "value": "fee", "at_least": 0.85}},
                ]
            },
            "group_by": ["reference", "booking_date", "extra.batch no"],
        },
        "pair": {
            "any": [
                {"left": "reference", "op": "same", "right": "kid", "normalise": ["case", "leading_zeros"]},
                {"left": "original_amount", "op": "within", "right": "amount", "value": "0.05"},
                {"left": "text", "op": "shares_token", "right": "text", "at_least": 6},
                {"right": "text", "op": "contains", "value": "x"},
            ]
        },
        "date": {"field": "value_date", "from": -2, "to": 1, "calendar": "banking:SE"},
        "amount": {"minus": "2.00", "percent": "0.5", "cap": "10", "basis": "larger"},
        "ambiguous": "suggest",
        "outcome": "suggested",
        "difference": {"entry_type": "FEES"},
    },
    {
        "key": "search",
        "name": "Search",
        "kind": "match",
        "cardinality": "many_to_one",
        "ambiguous": "unique_only",
        "outcome": "confirmed",
        "search": {"max_lines": 5, "max_steps": 90000, "same": ["booking_date", "voucher_number"]},
    },
    {
        "key": "both",
        "name": "Keys here, search there",
        "kind": "match",
        "cardinality": "many_to_many",
        "left": {"group_by": ["voucher_number"]},
        "ambiguous": "first",
        "outcome": "confirmed",
        "search": {"max_lines": 8, "max_steps": 2000000, "same": ["value_date"]},
    },
    {
        "key": "named",
        "name": "Named amounts",
        "kind": "match",
        "cardinality": "one_to_one",
        "amount": {"left": "original_amount", "right": "amount"},
        "ambiguous": "unique_only",
        "outcome": "confirmed",
    },
    {
        "key": "part",
        "name": "Part of it",
        "kind": "match",
        "cardinality": "one_to_one",
        "pair": {"left": "reference", "op": "same", "right": "reference"},
        "amount": "any",
        "ambiguous": "closest",
        "outcome": "suggested",
        "difference": "keep_open",
    },
    {
        "key": "inside",
        "name": "Two by two",
        "kind": "match",
        "cardinality": "internal_left",
        "left": {"where": {"field": "text", "op": "contains", "value": "rev"}},
        "ambiguous": "unique_only",
        "outcome": "confirmed",
    },
    {
        "key": "read",
        "name": "Reads",
        "kind": "derive",
        "side": "both",
        "set": {"kid": {"from": "text", "pattern": "KID (\\d+)"}, "extra.no": {"from": "note", "pattern": "\\d+"}},
    },
    {
        "key": "book",
        "name": "Books",
        "kind": "post",
        "side": "right",
        "where": {"field": "abs_amount", "op": "at_most", "value": "50.5"},
        "entry_type": "FEES",
        "outcome": "confirmed",
    },
    {"key": "aside", "name": "Aside", "kind": "exclude", "side": "left", "where": {"field": "text", "op": "is_empty"}},
]
DECISIONS = [
    {"name": "Had others", "when": {"field": "alternatives", "op": "at_least", "value": 1}, "then": "suggest"},
    {
        "name": "Large and far",
        "when": {
            "all": [
                {"field": "abs_amount", "op": "at_least", "value": "1000000.50"},
                {"not": {"any": [{"field": "rule", "op": "in", "value": ["everything", "search"]}]}},
            ]
        },
        "then": "leave",
    },
]

EXCLUDING = '{"all": [{"field": "sign", "op": "is_empty"}, {"field": "sign", "op": "equals", "value": "zero"}]}'


@pytest.fixture
def own(site: Site) -> int:
    return stored(site, EXACT)


@pytest.fixture
def full(site: Site) -> int:
    return stored(site, {"version": 1, "name": "Full", "rules": FULL, "decide": DECISIONS})


def body(site: Site, set_id: int) -> dict[str, Any]:
    with site.session() as session:
        return session.get_one(RuleSet, set_id).versions[-1].body


# there and back


@pytest.mark.parametrize("rule", FULL, ids=lambda rule: str(rule["key"]))
def test_a_rule_comes_back_from_its_form_as_it_was(
    site: Site, signed_in: Client, full: int, rule: dict[str, object]
) -> None:
    client = signed_in("author")
    form = form_of(client.get(f"/rule/{full}/edit/{rule['key']}").text)
    assert send(client, f"/rule/{full}/save", form).status_code == 302
    assert len(keys(site, full)) == 1, "an unchanged rule makes no version"


@pytest.mark.parametrize("view", ["yaml", "json"])
@pytest.mark.parametrize("rule", FULL, ids=lambda rule: str(rule["key"]))
def test_a_rule_goes_through_text_and_back(
    site: Site, signed_in: Client, full: int, rule: dict[str, object], view: str
) -> None:
    client = signed_in("author")
    page = client.get(f"/rule/{full}/edit/{rule['key']}").text
    form = form_of(page)
    form["to"] = view
    text = turned(send(client, f"/rule/{full}/view", form).text)
    assert text["view"] == view
    assert str(rule["name"]) in text["source"]
    text["to"] = "form"
    back = turned(send(client, f"/rule/{full}/view", text).text)
    back["version"] = "1"
    assert send(client, f"/rule/{full}/save", back).status_code == 302
    assert len(keys(site, full)) == 1


def turned(part: str) -> Form:
    return form_of(f'<html><body><form id="rule-form">{part}</form></body></html>')


@pytest.mark.parametrize("at", [0, 1])
def test_a_decision_comes_back_as_it_was(site: Site, signed_in: Client, full: int, at: int) -> None:
    client = signed_in("author")
    form = form_of(client.get(f"/decision/{full}/edit/{at}").text)
    assert send(client, f"/decision/{full}/save", form).status_code == 302
    assert len(keys(site, full)) == 1


@pytest.mark.parametrize("name", standard.NAMES)
def test_every_shipped_rule_survives_its_form(site: Site, name: str) -> None:
    with site.app.test_request_context():
        for rule in standard.load(name).rules:
            fields = fields_of(rule_document(rule))
            assert rule_from_document(document_of(as_form(fields))) == rule


def as_form(fields: dict[str, object]) -> Form:
    """What the form sends for these fields."""
    form: Form = MultiDict()
    for name, value in fields.items():
        match name, value:
            case "settings", list():
                for target, source, pattern in value:
                    form.add("set_field", target)
                    form.add("set_from", source)
                    form.add("set_pattern", pattern)
            case _, list():
                for each in value:
                    form.add(name, str(each))
            case _:
                form.add(name, str(value))
    return form


# saving


def test_saving_makes_a_version_and_keeps_the_old(site: Site, signed_in: Client, own: int) -> None:
    client = signed_in("author")
    form = form_of(client.get(f"/rule/{own}/edit/reference").text)
    form["name"] = "Reference within a week"
    form["date_field"], form["date_from"], form["date_to"] = "booking_date", "−7", "7"
    assert send(client, f"/rule/{own}/save", form).status_code == 302
    with site.session() as session:
        first, second = session.get_one(RuleSet, own).versions
        assert first.body["rules"][0]["name"] == "Same reference, same amount"
        changed = second.body["rules"][0]
        assert (changed["key"], changed["name"]) == ("reference", "Reference within a week")
        assert changed["date"] == {"field": "booking_date", "from": -7, "to": 7}
        assert changed["pair"] == first.body["rules"][0]["pair"]
        assert second.activated_at is not None


def test_a_new_rule_is_placed_and_given_a_key_nobody_had(site: Site, signed_in: Client) -> None:
    own = stored(site, DATED)
    client = signed_in("author")
    send(client, f"/rules/{own}/remove/late", {"version": "1"})
    form = form_of(client.get(f"/rule/{own}/new").text)
    form["name"], form["place"], form["version"] = "Late", "1", "2"
    assert send(client, f"/rule/{own}/save", form).status_code == 302
    assert keys(site, own)[-1] == ["tuned", "late-2", "aside"]


def test_numbers_are_typed_as_the_country_writes_them(site: Site, signed_in: Client, own: int) -> None:
    client = signed_in("author")
    form = form_of(client.get(f"/rule/{own}/edit/reference").text)
    form["amount_kind"], form["minus"], form["plus"] = "allowed", "1 234,50", "0"
    form["difference"] = "keep_open"
    form["left_where"] = json.dumps({"field": "amount", "op": "between", "value": ["−1 000,00", "12,5"]})
    assert send(client, f"/rule/{own}/save", form).status_code == 302
    rule = body(site, own)["rules"][0]
    assert rule["amount"] == {"minus": "1234.50"}
    assert rule["left"]["where"]["value"] == ["-1000.00", "12.5"]
    page = client.get(f"/rule/{own}/edit/reference").text
    assert form_of(page)["minus"] == "1234,50"
    assert json.loads(form_of(page)["left_where"])["value"] == ["-1000,00", "12,5"]


def test_a_second_editor_is_told(signed_in: Client, own: int) -> None:
    client = signed_in("author")
    form = form_of(client.get(f"/rule/{own}/edit/reference").text)
    form["name"] = "First"
    send(client, f"/rule/{own}/save", form)
    form["name"] = "Second"
    send(client, f"/rule/{own}/save", form)
    assert "Somebody saved version 2 meanwhile" in client.get("/").text


def test_the_key_of_a_rule_never_changes(site: Site, signed_in: Client, own: int) -> None:
    client = signed_in("author")
    form = form_of(client.get(f"/rule/{own}/edit/reference").text)
    form["to"] = "yaml"
    text = turned(send(client, f"/rule/{own}/view", form).text)
    text["source"] = text["source"].replace("key: reference", "key: other")
    assert findings(send(client, f"/rule/{own}/reading", text).text) == [
        ("key", "The key of a rule never changes: it is “reference”.")
    ]
    text["version"] = "1"
    assert send(client, f"/rule/{own}/save", text).status_code == 422
    assert len(keys(site, own)) == 1


def test_decisions_are_added_moved_and_deleted(site: Site, signed_in: Client, own: int) -> None:
    client = signed_in("author")
    form = form_of(client.get(f"/decision/{own}/new").text)
    form["name"] = "Had others"
    assert send(client, f"/decision/{own}/save", form).status_code == 302
    form["name"], form["version"], form["then"] = "Far", "2", "leave"
    form["when"] = json.dumps({"field": "days_apart", "op": "greater_than", "value": "3"})
    assert send(client, f"/decision/{own}/save", form).status_code == 302
    assert "A match is left open where" in client.get(f"/rules/{own}/").text
    send(client, f"/decision/{own}/move/1/up", {"version": "3"})
    send(client, f"/decision/{own}/remove/1", {"version": "4"})
    assert body(site, own)["decide"] == [
        {"name": "Far", "when": {"field": "days_apart", "op": "greater_than", "value": 3}, "then": "leave"}
    ]


# while typing


@pytest.mark.parametrize(
    "typed",
    [
        "{",
        '{"all": [{"field": "nonsense", "op": "is"}]}',
        '{"all": []}',
        "[1]",
        '"x"',
        "null",
        "[" * 9000,
        '{"all": 3}',
    ],
)
@pytest.mark.parametrize("editor", ["rule", "decision"])
def test_the_reading_never_breaks(signed_in: Client, own: int, typed: str, editor: str) -> None:
    client = signed_in("author")
    form = {"kind": "exclude", "name": "X", "side": "left", "where": typed, "when": typed}
    answer = send(client, f"/{editor}/{own}/reading", form)
    assert answer.status_code == 200
    assert findings(answer.text)


def test_the_reading_tells_sentence_and_doubts(signed_in: Client, own: int) -> None:
    where = json.dumps({"all": [{"field": "text", "op": "contains", "value": "gebyr"}]})
    form = {"kind": "exclude", "name": "Fees", "side": "right", "where": where}
    answer = send(signed_in("author"), f"/rule/{own}/reading", form)
    assert "Leave right lines where the text contains “gebyr” aside." in answer.text
    assert findings(answer.text) == []


def test_a_rule_is_read_before_it_has_a_name(site: Site, signed_in: Client, own: int) -> None:
    client = signed_in("author")
    form = form_of(client.get(f"/rule/{own}/new").text)
    answer = send(client, f"/rule/{own}/reading", form)
    assert "Match one left line with one right line" in answer.text
    assert ("name", "It needs a name before it can be saved.") in findings(answer.text)
    assert send(client, f"/rule/{own}/save", form).status_code == 422
    assert len(keys(site, own)) == 1


@pytest.mark.parametrize(
    ("typed", "place", "part"),
    [
        ({"date_from": "x"}, "date.from", "“x” is not a whole number"),
        ({"date_from": "5", "date_to": "1"}, "date", "lies after"),
        ({"date_to": "9" * 40}, "date.to", ""),
        ({"amount_kind": "allowed", "plus": "2,00", "difference": ""}, "difference", "must name its entry type"),
        ({"amount_kind": "allowed", "plus": "two", "difference": "keep_open"}, "amount.plus", "“two” is not an amount"),
        ({"amount_kind": "allowed", "cap": "2", "difference": "keep_open"}, "amount.cap", "which is not given"),
        ({"cardinality": "one_to_many"}, "right.group_by", "need “group_by”"),
        ({"cardinality": "one_to_many", "right_many": "search", "max_lines": "1"}, "search.max_lines", "not between"),
        (
            {"cardinality": "one_to_many", "right_many": "search", "max_lines": "ten"},
            "search.max_lines",
            "whole number",
        ),
        ({"cardinality": "many_to_many", "left_many": "search", "right_many": "search"}, "search", "exactly one side"),
        ({"cardinality": "sideways"}, "cardinality", "is not possible here"),
        ({"kind": "haiku"}, "kind", "is not possible here"),
        ({"kind": "post", "side": "right", "entry_type": ""}, "entry_type", "empty"),
        ({"kind": "derive", "side": "left"}, "set", "Nothing is set"),
        (
            {"kind": "derive", "side": "left", "set_field": "kid", "set_from": "text", "set_pattern": "("},
            "set.kid.pattern",
            "RE2",
        ),
        ({"pair": '{"all": [{"left": "text", "op": "similar", "right": "text"}]}'}, "pair.all[0].at_least", "needs"),
        (
            {"left_where": '{"any": [{"field": "amount", "op": "equals", "value": "ten"}]}'},
            "left.where.any[0].value",
            "not an amount",
        ),
        (
            {"left_where": '{"field": "booking_date", "op": "equals", "value": "soon"}'},
            "left.where.value",
            "Expected a date",
        ),
        ({"left_where": EXCLUDING}, "left.where", "exclude each other"),
        ({"place": "0", "pair": "", "date_field": ""}, "", "tests nothing but the amount"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(
    site: Site, signed_in: Client, own: int, typed: dict[str, str], place: str, part: str
) -> None:
    client = signed_in("author")
    form = form_of(client.get(f"/rule/{own}/new").text)
    form["name"] = "Typed"
    for name, value in typed.items():
        form.setlist(name, [value])
    found = findings(send(client, f"/rule/{own}/reading", form).text)
    said = [sentence for at, sentence in found if at == place or (place and at.startswith(f"{place}."))]
    assert any(part in sentence for sentence in said), found


def test_every_field_that_cannot_be_read_is_told_at_once(signed_in: Client, own: int) -> None:
    form = {"name": "X", "kind": "match", "amount_kind": "allowed", "minus": "a", "plus": "b", "date_field": "due_date"}
    form |= {"date_from": "c", "date_to": "d", "pair": "{"}
    found = dict(findings(send(signed_in("author"), f"/rule/{own}/reading", form).text))
    assert set(found) == {"pair", "date.from", "date.to", "amount.minus", "amount.plus"}


def test_a_bad_rule_is_shown_with_its_faults_and_stores_nothing(site: Site, signed_in: Client, own: int) -> None:
    client = signed_in("author")
    form = form_of(client.get(f"/rule/{own}/edit/reference").text)
    form["cardinality"], form["name"], form["plus"], form["amount_kind"] = "one_to_many", "Many", "1.2.3,4", "allowed"
    form.setlist("left_group_by", ["reference", "text"])
    answer = send(client, f"/rule/{own}/save", form)
    assert answer.status_code == 422
    assert findings(answer.text)
    again = form_of(answer.text)
    assert (again["name"], again["plus"], again["cardinality"]) == ("Many", "1.2.3,4", "one_to_many")
    assert again.getlist("left_group_by") == ["reference", "text"]
    assert len(keys(site, own)) == 1


@pytest.mark.parametrize(
    "source",
    [
        "kind: [",
        "- a",
        "",
        "kind: match\nkind: match",
        "a: *b",
        "{",
        "name: x\nkind: match\ncardinality: one_to_one\ndate: {within: 3.5}",
    ],
)
def test_bad_text_stays_as_it_was_typed(site: Site, signed_in: Client, own: int, source: str) -> None:
    client = signed_in("author")
    form = {"view": "yaml", "source": source, "old_key": "", "to": "form"}
    kept = turned(send(client, f"/rule/{own}/view", form).text)
    assert kept["view"] == "yaml"
    assert kept["source"].strip() == source.strip()
    assert findings(send(client, f"/rule/{own}/reading", form).text)
    assert send(client, f"/rule/{own}/save", form).status_code == 422
    assert len(keys(site, own)) == 1


def test_a_trial_gets_the_whole_set_as_it_would_be(signed_in: Client, site: Site) -> None:
    own = stored(site, DATED)
    client = signed_in("author")
    form = form_of(client.get(f"/rule/{own}/edit/late").text)
    form["date_to"] = "2"
    made = send(client, f"/rule/{own}/body", form).get_json()
    assert [rule["key"] for rule in made["rules"]] == ["tuned", "late", "aside"]
    assert made["rules"][1]["date"]["to"] == 2
    form["date_to"] = "x"
    assert send(client, f"/rule/{own}/body", form).status_code == 422
    assert len(keys(site, own)) == 1


# who


@pytest.mark.parametrize("editor", ["rule", "decision"])
def test_a_reader_sees_and_saves_nothing(site: Site, signed_in: Client, full: int, editor: str) -> None:
    client = signed_in("auditor")
    page = client.get(f"/rule/{full}/edit/everything" if editor == "rule" else f"/decision/{full}/edit/0").text
    assert "Save as version" not in page
    form = form_of(page)
    form["name"] = "Changed"
    assert send(client, f"/{editor}/{full}/save", form).status_code == 302
    assert len(keys(site, full)) == 1


@pytest.mark.parametrize(
    "where", ["/rule/99/new", "/decision/99/new", "/rule/{own}/edit/none", "/decision/{own}/edit/7"]
)
def test_what_is_not_there_is_not_found(signed_in: Client, own: int, where: str) -> None:
    assert signed_in("author").get(where.format(own=own)).status_code == 404


# from lines


def test_a_rule_is_begun_from_selected_lines(site: Site, signed_in: Client) -> None:
    group_id = work(site)
    with site.session() as session:
        left, right = (line_ids(session, site.books, side)[0] for side in ("left", "right"))
    client = signed_in("author")
    assert 'id="new-rule"' in client.get(f"/group/{group_id}/").text
    form = form_of(client.get(f"/rule/from-lines?group={group_id}&left={left}&right={right}").text)
    form["left_where"] = form["right_where"] = ""
    answer = send(client, f"/rule/{set_of(site)}/reading", form)
    assert "The match is only suggested." in answer.text
    assert form["old_key"] == ""


@pytest.mark.parametrize("lines", ["", "left=x", "left=999999", "left=" + ",".join(map(str, range(60)))])
def test_lines_that_make_no_rule_are_refused(site: Site, signed_in: Client, lines: str) -> None:
    group_id = work(site)
    answer = signed_in("author").get(f"/rule/from-lines?group={group_id}&{lines}")
    assert answer.status_code in (404, 422)


def test_only_authors_begin_rules_and_only_in_their_own_groups(site: Site, signed_in: Client) -> None:
    group_id = work(site)
    assert 'id="new-rule"' not in signed_in("preparer").get(f"/group/{group_id}/").text
    assert signed_in("preparer").get(f"/rule/from-lines?group={group_id}&left=1").status_code == 403
    assert signed_in("author").get(f"/rule/from-lines?group={site.foreign_group_id}&left=1").status_code == 404


def set_of(site: Site) -> int:
    with site.session() as session:
        return session.query(RuleSet).one().id
