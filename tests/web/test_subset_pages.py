"""The panel of lines that add up to one open line."""

from __future__ import annotations

import json
import re

import pytest
from markupsafe import Markup

from tests.entered import enter, line_ids, use_rules
from tests.web.conftest import Client, Site

BANK = [("p", "2025-01-12", "30.00", "P1"), ("q", "2025-01-13", "70.00", "Q1"), ("r", "2025-02-20", "69.50", "R1")]


@pytest.fixture
def target(site: Site) -> int:
    """The ledger's line of 100.00."""
    with site.session() as session:
        books = site.books
        enter(session, books, books.ledger, [("a", "2025-01-12", "100.00", "A1")])
        enter(session, books, books.bank, BANK)
        use_rules(session, books)
        session.commit()
        return line_ids(session, books, "left")[0]


def panel(site: Site, signed_in: Client, line: int, role: str = "auditor", **asked: str) -> str:
    return signed_in(role).get(f"/subsets/{site.books.group.id}/{line}", query_string=asked).text


def test_the_only_way_is_told_and_can_be_selected(site: Site, signed_in: Client, target: int) -> None:
    page = panel(site, signed_in, target)
    assert "This is the only way." in page
    assert "2 lines could take part." in page
    (chosen,) = re.findall(r"data-select='([^']*)'", page)
    rows = json.loads(Markup(chosen).unescape())
    assert [row["id"] for row in rows["left"]] == [target]
    assert [(row["reference"], row["open"]) for row in rows["right"]] == [("P1", "3000"), ("Q1", "7000")]


def test_deviations_are_asked_for_in_peoples_own_writing(site: Site, signed_in: Client, target: int) -> None:
    page = panel(site, signed_in, target, deviation="0,50", days="")
    assert "There are 2 ways." in page
    assert "R1" in page
    assert "−0,50" in page
    assert "This is the only way." in panel(site, signed_in, target, deviation="0,50", days="7")
    assert "No lines add up to it." in panel(site, signed_in, target, side="same")


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [({"days": "soon"}, "is not a whole number"), ({"lines": "99"}, "can be tried"), ({"deviation": "x"}, "x")],
)
def test_what_makes_no_sense_is_said(
    site: Site, signed_in: Client, target: int, asked: dict[str, str], sentence: str
) -> None:
    page = panel(site, signed_in, target, **asked)
    assert sentence in page
    assert "data-select" not in page


def test_the_workspace_offers_it(site: Site, signed_in: Client, target: int) -> None:
    page = signed_in("auditor").get(f"/group/{site.books.group.id}/").text
    assert 'id="find-sums"' in page
    assert "/subsets/1/0" in page
