"""Rule sets: the list, one set in words, its order, days for all rules, rules out of use."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from recon.database.models import Match, RuleSet
from recon.services.save_rule_set import save_rule_set
from rules import standard
from rules.codec import from_document
from tests.entered import EXACT, operator
from tests.web.conftest import Client, Site
from tests.web.rule_forms import send
from tests.web.worked import SUGGESTING, work

DATED = {
    "version": 1,
    "name": "Dated",
    "rules": [
        {
            "key": "tuned",
            "name": "Tuned to the day",
            "kind": "match",
            "cardinality": "one_to_one",
            "date": {"field": "booking_date", "within": 0},
        },
        {
            "key": "late",
            "name": "Bank later",
            "kind": "match",
            "cardinality": "one_to_one",
            "pair": {"left": "reference", "op": "same", "right": "reference"},
            "date": {"field": "value_date", "from": 0, "to": 5, "calendar": "banking"},
        },
        {
            "key": "aside",
            "name": "Sweeps",
            "kind": "exclude",
            "side": "right",
            "where": {"field": "text", "op": "is_empty"},
        },
    ],
}


def stored(site: Site, document: dict[str, object]) -> int:
    """A rule set of the company; its key."""
    with site.session() as session:
        author = site.books.actors["author"]
        version = save_rule_set(session, author, site.books.company.id, from_document(document))
        session.commit()
        return version.rule_set_id


@pytest.fixture
def own(site: Site) -> int:
    return stored(site, EXACT)


def keys(site: Site, set_id: int) -> list[list[str]]:
    """The rules' keys of every version, in order."""
    with site.session() as session:
        return [
            [rule["key"] for rule in version.body["rules"]] for version in session.get_one(RuleSet, set_id).versions
        ]


def test_sets_are_read_in_sentences(signed_in: Client, own: int) -> None:
    client = signed_in("auditor")
    assert "Exact" in client.get("/rules/").text
    page = client.get(f"/rules/{own}/").text
    assert "Same reference, same amount" in page
    assert "Match one left line with one right line" in page
    assert "New rule" not in page


# order


def test_rules_are_put_into_another_order(site: Site, signed_in: Client) -> None:
    own = stored(site, DATED)
    form = MultiDict([("order", "aside"), ("order", "tuned"), ("order", "late"), ("version", "1")])
    assert send(signed_in("author"), f"/rules/{own}/order", form).status_code == 302
    assert keys(site, own) == [["tuned", "late", "aside"], ["aside", "tuned", "late"]]


@pytest.mark.parametrize(
    "order", [["tuned", "late"], ["tuned", "late", "aside", "foreign"], ["tuned", "tuned", "late"], []]
)
def test_an_order_that_loses_a_rule_is_refused(site: Site, signed_in: Client, order: list[str]) -> None:
    own = stored(site, DATED)
    client = signed_in("author")
    send(client, f"/rules/{own}/order", MultiDict([*(("order", key) for key in order), ("version", "1")]))
    assert "The rules of this set are others meanwhile" in client.get("/").text
    assert len(keys(site, own)) == 1


def test_an_order_is_doubted_before_it_is_saved(site: Site, signed_in: Client) -> None:
    loose = {"key": "loose", "name": "Any amount alike", "kind": "exclude", "side": "both"}
    own = stored(site, {**DATED, "rules": [*DATED["rules"], loose]})  # type: ignore[misc]
    order = MultiDict([("order", key) for key in ("loose", "tuned", "late", "aside")])
    answer = send(signed_in("auditor"), f"/rules/{own}/order/reading", order)
    assert "leaves every line aside, so that no rule below sees any" in answer.text
    assert len(keys(site, own)) == 1


def test_a_second_person_s_order_is_told(site: Site, signed_in: Client) -> None:
    own = stored(site, DATED)
    client = signed_in("author")
    first = MultiDict([("order", key) for key in ("late", "tuned", "aside")] + [("version", "1")])
    second = MultiDict([("order", key) for key in ("aside", "tuned", "late")] + [("version", "1")])
    send(client, f"/rules/{own}/order", first)
    send(client, f"/rules/{own}/order", second)
    assert "Somebody saved version 2 meanwhile" in client.get("/").text
    assert len(keys(site, own)) == 2


# out of use


def test_a_rule_that_was_never_used_is_deleted(site: Site, signed_in: Client) -> None:
    own = stored(site, DATED)
    client = signed_in("author")
    assert "Delete Bank later" in client.get(f"/rules/{own}/").text
    send(client, f"/rules/{own}/remove/late", {"version": "1"})
    assert keys(site, own)[-1] == ["tuned", "aside"]
    with site.session() as session:
        assert session.get_one(RuleSet, own).versions[-1].inactive is None


def test_a_rule_that_made_matches_is_deactivated(site: Site, signed_in: Client) -> None:
    work(site)
    with site.session() as session:
        own = session.query(RuleSet).filter_by(name=SUGGESTING["name"]).one().id
        assert session.query(Match).filter_by(rule_key="reference").count() == 1
    client = signed_in("author")
    assert "Deactivate Same reference, same amount" in client.get(f"/rules/{own}/").text
    send(client, f"/rules/{own}/remove/reference", {"version": "1"})
    assert keys(site, own)[-1] == ["amount"]
    with site.session() as session:
        kept = session.get_one(RuleSet, own).versions[-1].inactive
        assert kept is not None
        assert kept[0]["rule"]["key"] == "reference"
    assert "1 rule is deactivated: Same reference, same amount" in client.get(f"/rules/{own}/").text


# T16


def test_t16_max_date_deviation_overwrites_after_a_warning(site: Site, signed_in: Client) -> None:
    """Rule A fine-tuned to 0, then the whole set to 10: A is 10; the page warns first, with the linked groups."""
    work(site)
    own = stored(site, DATED)
    client = signed_in("author")
    send(client, f"/rules/{own}/link", {"group": str(site.books.group.id)})
    warned = send(client, f"/rules/{own}/deviation", {"days": "10"})
    assert warned.status_code == 200
    assert "10 days are written into 2 rules of this set, also into those that were fine-tuned" in warned.text
    assert f"{site.books.company.name}/{site.books.group.name}" in warned.text
    assert len(keys(site, own)) == 1
    confirmed = {"days": "10", "confirmed": "yes", "version": "1"}
    assert send(client, f"/rules/{own}/deviation", confirmed).status_code == 302
    with site.session() as session:
        tuned, late, aside = session.get_one(RuleSet, own).versions[-1].body["rules"]
    assert tuned["date"] == {"field": "booking_date", "from": -10, "to": 10}
    assert late["date"] == {"field": "value_date", "from": -10, "to": 10, "calendar": "banking"}
    assert "date" not in aside


@pytest.mark.parametrize("days", ["", "x", "-1", "1.5", "99999999999", "1000000"])
def test_days_that_are_none_are_refused(site: Site, signed_in: Client, days: str) -> None:
    own = stored(site, DATED)
    answer = send(signed_in("author"), f"/rules/{own}/deviation", {"days": days})
    assert answer.status_code == 302
    assert len(keys(site, own)) == 1


def test_days_are_written_against_the_version_that_was_warned_about(site: Site, signed_in: Client) -> None:
    own = stored(site, DATED)
    client = signed_in("author")
    send(client, f"/rules/{own}/remove/aside", {"version": "1"})
    send(client, f"/rules/{own}/deviation", {"days": "10", "confirmed": "yes", "version": "1"})
    assert "Somebody saved version 2 meanwhile" in client.get("/").text


# whose set it is


def test_an_installation_set_is_copied_not_changed(site: Site, signed_in: Client) -> None:
    with site.session() as session:
        version = save_rule_set(session, operator(session), None, standard.load("standard"))
        shared, first = version.rule_set_id, version.body["rules"][0]["key"]
        session.commit()
    client = signed_in("author")
    assert "New rule" not in client.get(f"/rules/{shared}/").text
    assert send(client, f"/rules/{shared}/remove/{first}", {"version": "1"}).status_code == 302
    assert "only the operator" in client.get("/").text
    assert send(client, f"/rules/{shared}/copy", {}).status_code == 302
    assert "Fjord AS" in client.get("/rules/").text


def test_a_set_is_made_without_rules(site: Site, signed_in: Client) -> None:
    client = signed_in("author")
    assert send(client, "/rules/new", {"name": "Ours"}).status_code == 302
    assert "No rule yet" in client.get(named(site, "Ours")).text
    send(client, "/rules/new", {"name": "Ours"})
    assert "There is a rule set Ours already" in client.get("/").text
    send(client, "/rules/new", {"name": " "})
    assert "needs a name" in client.get("/").text


def named(site: Site, name: str) -> str:
    with site.session() as session:
        return f"/rules/{session.query(RuleSet).filter_by(name=name).one().id}/"


@pytest.mark.parametrize("person", ["preparer", "auditor", "approver"])
def test_who_may_not_edit_changes_nothing(site: Site, signed_in: Client, person: str) -> None:
    own = stored(site, DATED)
    client: FlaskClient = signed_in(person)
    order = MultiDict([("order", key) for key in ("late", "tuned", "aside")] + [("version", "1")])
    send(client, f"/rules/{own}/order", order)
    send(client, f"/rules/{own}/remove/late", {"version": "1"})
    send(client, f"/rules/{own}/deviation", {"days": "3"})
    send(client, "/rules/new", {"name": "Ours"})
    assert len(keys(site, own)) == 1
