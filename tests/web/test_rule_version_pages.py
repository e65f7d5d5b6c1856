"""The versions of a rule set on its page: what changed, who may put one in force, going back."""

from __future__ import annotations

from typing import Any

import pytest

from recon.database.models import Company, RuleSet
from recon.services.deactivate_rule import deactivate_rule
from recon.services.save_rule_set import save_rule_set
from rules.codec import from_document
from tests.entered import EXACT
from tests.web.conftest import Client, Site, post

WITHIN: dict[str, Any] = {**EXACT, "rules": [{**EXACT["rules"][0], "date": {"within": 4}}]}  # type: ignore[index]


@pytest.fixture
def versions(site: Site) -> int:
    """A set with two versions, the second within four days and not in force; its key."""
    with site.session() as session:
        author = site.books.actors["author"]
        first = save_rule_set(session, author, site.books.company.id, from_document(EXACT))
        save_rule_set(session, author, site.books.company.id, from_document(WITHIN), activate=False)
        session.commit()
        return first.rule_set_id


def test_versions_tell_what_changed_and_who_did_it(signed_in: Client, versions: int) -> None:
    page = signed_in("auditor").get(f"/rule-versions/{versions}/").text
    assert "the booking date differs by at most 4 days" in page
    assert "not in force yet" in page
    assert "by author" in page
    assert "Put in force" not in page
    assert "Roll back to it" not in page


def test_any_two_versions_are_compared(signed_in: Client, versions: int) -> None:
    client = signed_in("auditor")
    page = client.get(f"/rule-versions/{versions}/?from=2&to=1").text
    assert "From version 2 to version 1" in page
    assert "<del>the booking date differs by at most 4 days</del>" in page
    assert "They are the same" in client.get(f"/rule-versions/{versions}/?from=1&to=1").text
    assert client.get(f"/rule-versions/{versions}/?from=1&to=9").status_code == 404


def test_four_eyes_on_the_page(site: Site, signed_in: Client, versions: int) -> None:
    with site.session() as session:
        session.get_one(Company, site.books.company.id).four_eyes = True
        session.commit()
    author = signed_in("author")
    page = author.get(f"/rule-versions/{versions}/").text
    assert "Put in force" not in page
    post(author, f"/rule-versions/{versions}/activate/2")
    assert "may not activate another" in author.get("/").text
    approver = signed_in("approver")
    assert "Put in force" in approver.get(f"/rule-versions/{versions}/").text
    post(approver, f"/rule-versions/{versions}/activate/2")
    assert "Version 2 is in force now" in approver.get("/").text
    post(author, f"/rule-versions/{versions}/roll-back/1")
    page = author.get(f"/rule-versions/{versions}/").text
    assert "Version 3 is the same as version 1. It waits for somebody else" in page
    with site.session() as session:
        third = session.get_one(RuleSet, versions).versions[-1]
        assert (third.no, third.activated_at) == (3, None)


def test_a_deactivated_rule_is_listed_and_comes_back(site: Site, signed_in: Client, versions: int) -> None:
    with site.session() as session:
        deactivate_rule(session, site.books.actors["author"], versions, "reference")
        session.commit()
    author = signed_in("author")
    page = author.get(f"/rule-versions/{versions}/").text
    assert "Deactivated rules" in page
    assert "Activate again" in page
    post(author, f"/rule-versions/{versions}/reactivate/reference")
    assert "Deactivated rules" not in author.get(f"/rule-versions/{versions}/").text
    post(author, f"/rule-versions/{versions}/delete/reference")
    with site.session() as session:
        assert [len(each.body["rules"]) for each in session.get_one(RuleSet, versions).versions] == [1, 1, 0, 1, 0]


def test_a_foreign_set_is_not_found(site: Site, signed_in: Client) -> None:
    from tests.books import add_actor

    with site.session() as session:
        other = session.query(Company).filter_by(name="Annen AS").one()
        stranger = add_actor(session, other, "author", name="stranger")
        foreign = save_rule_set(session, stranger, other.id, from_document(EXACT)).rule_set_id
        session.commit()
    assert signed_in("admin").get(f"/rule-versions/{foreign}/").status_code == 404
