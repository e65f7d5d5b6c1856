"""Balances, approving and taking back, and the archive with its sealed PDFs."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from recon.database.models import Document, SealedPdf
from tests.web.conftest import Client, Site, token
from tests.web.worked import work


@pytest.fixture
def group(site: Site) -> int:
    return work(site)


def command(client: FlaskClient, where: str, **form: str) -> str:
    """The page one is on after the command."""
    answer = client.post(where, data={"csrf_token": token(client.get("/").text), **form}, follow_redirects=True)
    return answer.text


def test_balances_show_four_figures_with_dates_and_the_proof(signed_in: Client, group: int) -> None:
    page = signed_in("auditor").get(f"/closing/{group}/balances").text
    for shown in ("310,00", "315,00", "31.01.2025", "Two-sided proof", "holds"):
        assert shown in page
    assert "−210,00" in page


def test_a_typed_balance_makes_a_red_difference(signed_in: Client, group: int) -> None:
    client = signed_in("preparer")
    page = command(client, f"/closing/{group}/balance", account="2", on="2025-01-31", amount="1 234,50")
    assert "saved" in page
    assert re.search(r'class="tab nowrap bad">919,50<', page)
    assert "not an amount" in command(client, f"/closing/{group}/balance", account="2", on="2025-01-31", amount="x")
    assert "is not a date" in command(client, f"/closing/{group}/balance", account="2", on="31.1", amount="1")
    assert "no such account" in command(client, f"/closing/{group}/balance", account="99", on="2025-01-31", amount="1")


def test_a_draft_is_a_pdf(signed_in: Client, group: int) -> None:
    answer = signed_in("auditor").get(f"/closing/{group}/draft.pdf")
    assert answer.mimetype == "application/pdf"
    assert answer.data.startswith(b"%PDF-")


def test_approve_download_and_take_back(site: Site, signed_in: Client, group: int) -> None:
    approver = signed_in("approver")
    page = command(approver, f"/closing/{group}/approve", to_on="2025-01-31", conclusion="All explained.")
    assert "Approved as RECON000001" in page
    link = re.search(r'href="(/archive/pdf/\d+)"', page)
    assert link
    answer = signed_in("auditor").get(link.group(1))
    with site.session() as session:
        assert answer.data == session.query(SealedPdf).one().content
    assert "RECON000001" in signed_in("auditor").get("/archive/").text
    assert "needs a reason" in command(approver, f"/closing/{group}/take-back/1", how="withdraw")
    page = command(approver, f"/closing/{group}/take-back/1", how="withdraw", reason="Wrong statement")
    assert "is taken back" in page
    assert "superseded" in page
    with site.session() as session:
        assert session.get_one(Document, 1).state == "balanced"


def test_a_pdf_that_is_not_what_was_sealed_is_not_handed_out(site: Site, signed_in: Client, group: int) -> None:
    command(signed_in("approver"), f"/closing/{group}/approve", to_on="2025-01-31")
    with site.session() as session:
        session.query(SealedPdf).one().content = b"%PDF-forged"
        session.commit()
    answer = signed_in("auditor").get("/archive/pdf/1")
    assert answer.status_code == 422
    assert "not what was sealed" in answer.text


def test_a_preparer_cannot_approve(site: Site, signed_in: Client, group: int) -> None:
    client = signed_in("preparer")
    assert "Approving takes the role approver" in client.get(f"/closing/{group}/").text
    page = command(client, f"/closing/{group}/approve", to_on="2025-01-31")
    assert "may not approve" in page
    with site.session() as session:
        assert session.query(Document).count() == 0


def test_a_pdf_of_another_company_is_not_found(site: Site, signed_in: Client, group: int) -> None:
    command(signed_in("approver"), f"/closing/{group}/approve", to_on="2025-01-31")
    with site.session() as session:
        document = session.get_one(Document, 1)
        from recon.database.models import AccountGroup

        document.company_id = session.get_one(AccountGroup, site.foreign_group_id).company_id
        session.commit()
    assert signed_in("auditor").get("/archive/pdf/1").status_code == 404


def test_adjustments_are_released_before_approving(site: Site, signed_in: Client, group: int) -> None:
    import datetime as dt

    from recon.database.models import Adjustment, EntryType

    with site.session() as session:
        fee = EntryType(company_id=site.books.company.id, key="FEE", name="Bank fee")
        session.add(fee)
        session.flush()
        own = {"company_id": fee.company_id, "group_id": group, "entry_type_id": fee.id, "event_id": 1}
        told = {"booked_on": dt.date(2025, 1, 20), "amount_minor": -35_00, "currency": "NOK"} | {
            "counter_account": "7770",
            "state": "unreleased",
        }
        session.add(Adjustment(**own, **told))
        session.commit()
    approver = signed_in("approver")
    page = approver.get(f"/closing/{group}/").text
    assert "Bank fee" in page
    assert "−35,00" in page
    assert "not released" in command(approver, f"/closing/{group}/approve", to_on="2025-01-31")
    assert "takes the role approver" in signed_in("auditor").get(f"/closing/{group}/").text
    assert "1 adjustment released" in command(approver, f"/closing/{group}/release", to_on="2025-01-31")
    assert "no adjustment to release" in command(approver, f"/closing/{group}/release", to_on="2025-01-31")
