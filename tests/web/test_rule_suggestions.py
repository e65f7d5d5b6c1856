"""Suggestions from people's work in the browser: listed with evidence and figures, a draft by one click."""

from __future__ import annotations

import re
from typing import Any

import pytest
from sqlalchemy import select

from recon.database.models import GroupLine, RuleSet
from recon.services.match_lines import match_lines
from tests.entered import enter, use_rules
from tests.web.conftest import Client, Site, post


@pytest.fixture
def set_id(site: Site) -> int:
    """A set whose only rule asks for one reference; people matched three pairs whose reference is a day off."""
    books = site.books
    with site.session() as session:
        enter(session, books, books.ledger, [(f"l{n}", f"2025-01-0{n}", f"{n}00.00", f"R{n}0077") for n in range(1, 5)])
        enter(
            session, books, books.bank, [(f"b{n}", f"2025-01-0{n + 2}", f"{n}00.00", f"R{n}0077") for n in range(1, 5)]
        )
        version = use_rules(session, books, {"version": 1, "name": "Ours", "rules": [STRICT]})
        for minor in (10000, 20000, 30000):
            ids = select(GroupLine.line_id).where(GroupLine.amount_minor == minor)
            match_lines(session, books.preparer, books.group.id, list(session.scalars(ids)))
        session.commit()
        return version.rule_set_id


STRICT: dict[str, Any] = {
    "key": "reference",
    "name": "Same reference",
    "kind": "match",
    "cardinality": "one_to_one",
    "pair": {"all": [{"left": "reference", "op": "same", "right": "reference"}]},
    "date": {"within": 1},
}


def test_a_suggestion_shows_its_evidence_and_figures_and_becomes_a_draft(
    site: Site, signed_in: Client, set_id: int
) -> None:
    client = signed_in("author")
    assert f"/rule-suggestions/{set_id}/listed" in client.get(f"/rules/{set_id}/").text
    page = client.get(f"/rule-suggestions/{set_id}/").text
    assert "Same reference, -1 to 2 days" in page
    assert "seen in 3 cases" in page
    figures = re.search(r'hx-get="(/rule-suggestions/[^"]+/figures)"', page)
    assert figures is not None
    told = client.get(figures.group(1)).text
    assert "1 match" in told
    assert "No period is approved" in told
    answer: Any = post(client, figures.group(1).replace("/figures", "/draft"))
    assert answer.location.endswith(f"/rules/{set_id}/")
    with site.session() as session:
        first, second = session.get_one(RuleSet, set_id).versions
        assert (first.activated_at is None, second.activated_at) == (False, None)
        assert [rule["key"] for rule in second.body["rules"]] == ["reference", "reference-wider"]
    assert "Make a draft" not in client.get(f"/rule-suggestions/{set_id}/").text


def test_who_may_not_edit_sees_the_evidence_and_cannot_draft(signed_in: Client, set_id: int) -> None:
    client = signed_in("preparer")
    page = client.get(f"/rule-suggestions/{set_id}/listed").text
    assert "Seen in" in page
    assert "Make a draft" not in page
    where = re.search(r'hx-get="(/rule-suggestions/[^"]+)/figures"', page)
    assert where is not None
    post(client, f"{where.group(1)}/draft")
    assert "may not edit rules" in client.get("/").text


def test_another_companys_group_or_an_unknown_name_is_not_found(site: Site, signed_in: Client, set_id: int) -> None:
    client = signed_in("author")
    for group, name in ((site.foreign_group_id, "x"), (site.books.group.id, "x")):
        assert client.get(f"/rule-suggestions/{set_id}/{group}/{name}/figures").status_code == 404
