"""Vouchers in the browser: entry types, series, proposing from selected lines, releasing, reversing, and who may."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from recon.database.models import Adjustment, EntryType, GroupLine, Match, NumberSeries
from tests.web.conftest import Client, Site, token
from tests.web.worked import work


@pytest.fixture
def group(site: Site) -> int:
    made = work(site)
    with site.session() as session:
        told = {"debit_account": "7770", "credit_account": "8050"}
        session.add(EntryType(company_id=site.books.company.id, key="FEE", name="Bank fee", **told))
        session.commit()
    return made


def command(client: FlaskClient, where: str, **form: object) -> str:
    told = {"csrf_token": token(client.get("/").text), **form}
    return client.post(where, data=told, follow_redirects=True).text


def fetched(client: FlaskClient, where: str, **form: object) -> tuple[int, str]:
    answer = client.post(
        where, data={"csrf_token": token(client.get("/").text), **form}, headers={"HX-Request": "true"}
    )
    return answer.status_code, answer.text


def opened(site: Site, side: str) -> list[int]:
    with site.session() as session:
        query = select(GroupLine.line_id).where(GroupLine.is_open, GroupLine.side == side)
        return list(session.scalars(query.where(GroupLine.held_by_match_id.is_(None))))


def states(site: Site) -> list[str]:
    with site.session() as session:
        return list(session.scalars(select(Adjustment.state).order_by(Adjustment.id)))


def test_entry_types_are_made_and_changed_by_authors(site: Site, signed_in: Client) -> None:
    author = signed_in("author")
    assert "No entry type is set up yet" in author.get("/entry-types/").text
    told = {"key": "FEE", "name": "Bank fee", "debit_account": "7770", "dimensions": "department=20", "series": ""}
    command(author, "/entry-types/new/", **told)
    assert "already" in command(author, "/entry-types/new/", **told)
    assert "Write dimensions" in command(author, "/entry-types/new/", **{**told, "key": "X", "dimensions": "oops"})
    assert "debit account, a credit account" in command(author, "/entry-types/new/", key="Y", name="Y", series="")
    command(author, "/series/new/", name="BANK", kind="voucher", first_number="500")
    assert "already" in command(author, "/series/new/", name="BANK", kind="voucher", first_number="1")
    form = author.get("/entry-types/edit/?id=1").text
    assert 'value="department=20"' in form
    command(author, "/entry-types/edit/?id=1", **{**told, "name": "Fees", "series": "BANK"})
    with site.session() as session:
        kind = session.scalars(select(EntryType)).one()
        series = session.scalars(select(NumberSeries)).one()
        assert (kind.key, kind.name, kind.dimensions, kind.series_id) == (
            "FEE",
            "Fees",
            {"department": "20"},
            series.id,
        )
        assert series.next_number == 500
    preparer = signed_in("preparer")
    assert "Fees" in preparer.get("/entry-types/").text
    assert "New entry type" not in preparer.get("/entry-types/").text
    for where in ("/entry-types/new/", "/entry-types/edit/?id=1", "/series/new/"):
        command(preparer, where, **{**told, "key": "Z", "kind": "voucher", "first_number": "1"})
    with site.session() as session:
        assert [row.name for row in session.scalars(select(EntryType))] == ["Fees"]
        assert len(session.scalars(select(NumberSeries)).all()) == 1


def test_selected_lines_are_posted_released_and_reversed(site: Site, signed_in: Client, group: int) -> None:
    preparer, approver = signed_in("preparer"), signed_in("approver")
    assert 'id="post-form"' in preparer.get(f"/group/{group}/").text
    assert 'id="post-form"' not in approver.get(f"/group/{group}/").text
    (line,) = opened(site, "right")
    status, told = fetched(preparer, f"/group/{group}/post", right=str(line), left="", entry_type="FEE")
    assert (status, "1 adjustment to be released" in told) == (200, True)
    status, told = fetched(preparer, f"/group/{group}/post", right=str(line), left="", entry_type="FEE")
    assert (status, "is posted" in told) == (409, True) or "is posted" in told
    page = preparer.get("/adjustments/").text
    assert "−35,00" in page
    assert "7770" in page
    assert "takes the role approver" in page
    assert "may not release" in command(preparer, "/adjustments/release", id="1")
    assert "may not propose" in command(approver, "/adjustments/reject", id="1")
    assert "Tick the adjustments first" in command(approver, "/adjustments/release")
    assert "1 adjustment released" in command(approver, "/adjustments/release", id="1")
    assert "ADJ 1" in approver.get("/adjustments/?state=released").text
    told_again = command(approver, "/adjustments/1/reverse", reason="wrong period")
    assert "reversed by one of its own" in told_again
    assert states(site) == ["reversed", "released"]
    assert "reversal" in approver.get("/adjustments/?state=released").text


def test_an_adjustment_is_proposed_by_amount_and_changed(site: Site, signed_in: Client, group: int) -> None:
    preparer = signed_in("preparer")
    told = {"group": str(group), "entry_type": "FEE", "booked_on": "2025-01-31"}
    assert "not an amount" in command(preparer, "/adjustments/new", **told, amount="many").lower() or not states(site)
    assert "is not a date" in command(preparer, "/adjustments/new", **{**told, "booked_on": "soon"}, amount="1,00")
    command(preparer, "/adjustments/new", **told, amount="12,34", text="Interest")
    form = preparer.get("/adjustments/1/").text
    assert 'value="12,34"' in form
    assert 'value="8050"' in form
    changed = {"entry_type": "FEE", "booked_on": "2025-01-30", "amount": "12,35", "counter_account": "8051"}
    command(preparer, "/adjustments/1/edit", **changed, text="Interest", dimensions="project=7", vat_code="")
    with site.session() as session:
        found = session.scalars(select(Adjustment)).one()
        assert (found.amount_minor, found.counter_account, found.dimensions) == (1235, "8051", {"project": "7"})
    assert "1 adjustment rejected" in command(preparer, "/adjustments/reject", id="1", state="unreleased")
    assert states(site) == ["dropped"]


def test_lines_that_differ_are_matched_with_a_treatment(site: Site, signed_in: Client, group: int) -> None:
    """T18 in the browser: refused as they are, matched with a treatment and a reason, and logged."""
    preparer = signed_in("preparer")
    (left,), (right,) = opened(site, "left"), opened(site, "right")
    where, lines = f"/group/{group}/match", {"left": str(left), "right": str(right)}
    assert "do not sum to 0" in fetched(preparer, where, **lines)[1]
    assert "Say why" in fetched(preparer, where, **lines, treatment="type:FEE")[1]
    assert fetched(preparer, where, **lines, treatment="type:FEE", reason="card fee")[0] == 200
    with site.session() as session:
        match = session.scalars(select(Match).where(Match.rule_key.is_(None))).one()
        assert (match.difference_minor, match.reason) == (500, "card fee")
    assert states(site) == ["unreleased"]


def test_what_is_not_of_the_company_does_not_exist(site: Site, signed_in: Client, group: int) -> None:
    preparer = signed_in("preparer")
    assert preparer.get("/adjustments/99/").status_code == 404
    assert "not there any more" in command(preparer, "/adjustments/reject", id="99")
    told = {"entry_type": "FEE", "booked_on": "2025-01-31", "amount": "1,00"}
    assert "Choose an account group" in command(preparer, "/adjustments/new", group=str(site.foreign_group_id), **told)
