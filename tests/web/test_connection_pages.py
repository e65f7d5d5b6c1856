"""Bank connections: ordering, sources, what they gave, and taking it back."""

from __future__ import annotations

import os
import time
from pathlib import Path

from sqlalchemy import select

from recon.database.models import Account, BankService, CollectedFile, Source
from recon.services.collect import collect
from recon.services.import_file import import_file
from recon.services.sources import add_source
from tests.files import csv_file
from tests.web.conftest import Client, Site
from tests.web.test_user_pages import send


def give_iban(site: Site) -> str:
    with site.session() as session:
        session.get_one(Account, site.books.bank.id).iban = "NO9386011117947"
        session.commit()
    return str(site.books.bank.id)


def test_a_service_is_ordered_and_deactivated(site: Site, signed_in: Client) -> None:
    admin = signed_in("admin")
    refused = send(
        admin, "/connections/order", account=str(site.books.bank.id), bank="Fjordbanken", from_on="2025-03-10"
    )
    assert "has no IBAN" in refused
    account = give_iban(site)
    page = send(admin, "/connections/order", account=account, bank="Fjordbanken", from_on="2025-03-10")
    assert "order the agreement at the bank now" in page
    assert "pending" in page
    assert "is no date" in send(admin, "/connections/order", account=account, bank="x", from_on="10.3.25x")
    assert "End the agreement with the bank too" in send(admin, "/connections/deactivate", account=account)
    with site.session() as session:
        assert session.scalars(select(BankService.state)).all() == ["deactivated"]
    assert '<span class="mark">deactivated</span>' in admin.get("/connections/").text
    again = send(admin, "/connections/order", account=account, bank="Fjordbanken", from_on="2025-04-10")
    assert '<span class="mark amber">pending</span>' in again


def test_a_preparer_reads_and_may_not_order(site: Site, signed_in: Client) -> None:
    preparer = signed_in("preparer")
    page = preparer.get("/connections/").text
    assert "Statement service" in page
    assert "Order for the ticked accounts" not in page
    assert "may not" in send(preparer, "/connections/order", account=give_iban(site), bank="x", from_on="2025-03-10")


def test_a_folder_is_read_now_and_a_file_taken_back(site: Site, signed_in: Client, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    file = inbox / "march.csv"
    file.write_bytes(csv_file([("2025-03-01", "100.00", "a")]))
    os.utime(file, (time.time() - 60, time.time() - 60))
    admin, preparer = signed_in("admin"), signed_in("preparer")
    assert "lacks path" in send(admin, "/connections/sources/add", kind="folder", name="inbox")
    assert "is read from now on" in send(
        admin, "/connections/sources/add", kind="folder", name="inbox", folder_path=str(inbox), pattern="*.csv"
    )
    with site.session() as session:
        source = session.scalars(select(Source.id)).one()
    assert "1 new lines" in send(preparer, f"/connections/sources/{source}/read")
    page = admin.get("/connections/").text
    assert "march.csv" in page
    batch = page.split("/connections/files/")[1].split("/")[0]
    assert "may not" in send(preparer, f"/connections/files/{batch}/take-back", reason="wrong")
    assert "say why" in send(admin, f"/connections/files/{batch}/take-back")
    assert "Taken back: 1 lines" in send(admin, f"/connections/files/{batch}/take-back", reason="wrong bank")
    with site.session() as session:
        assert session.scalars(select(CollectedFile.outcome)).all() == ["withdrawn"]
    assert "paused" in send(admin, f"/connections/sources/{source}/pause", paused="1")
    assert "what it gave stays" in send(admin, f"/connections/sources/{source}/remove")


def test_every_account_lists_its_sources(site: Site, signed_in: Client, tmp_path: Path) -> None:
    """The one that is set up for it, or has given lines of it, and files that came by hand."""
    (tmp_path / "march.csv").write_bytes(csv_file([("2025-03-01", "100.00", "a")]))
    admin, company = site.books.actors["admin"], site.books.company.id
    inbox = {"name": "inbox", "place": {"path": str(tmp_path)}, "account_id": None}
    erp = {"name": "erp", "place": {"path": "/nowhere"}, "account_id": site.books.ledger.id}
    with site.session() as session:
        inbox_id, _erp = (add_source(session, admin, company, kind="folder", **told).id for told in (inbox, erp))
        import_file(session, site.books.preparer, csv_file([("2025-03-02", "5.00", "b")]))
        session.commit()
    collect(site.session, site.books.preparer, inbox_id, settle=0)
    page = signed_in("auditor").get("/accounts/").text
    assert "erp" in page
    assert "inbox, files by hand" in page


def test_columns_of_a_query_are_written_one_a_line(site: Site, signed_in: Client) -> None:
    admin = signed_in("admin")
    form = {"kind": "sql", "name": "erp", "sql_url": "ERP", "sql_lines": "SELECT 1"}
    assert "one a line" in send(admin, "/connections/sources/add", **form, sql_columns="id nr")
    assert "is read from now on" in send(
        admin, "/connections/sources/add", **form, sql_columns="id = nr\nbooking_date = dag\namount=belop\ncurrency=v"
    )
    with site.session() as session:
        place = session.scalars(select(Source.place)).one()
    assert place["columns"] == {"id": "nr", "booking_date": "dag", "amount": "belop", "currency": "v"}
