"""Importing files: upload, preview with findings, store, undo."""

from __future__ import annotations

from io import BytesIO

from flask.testing import FlaskClient
from sqlalchemy import func, select

from recon.database.models import Line
from tests.files import csv_file
from tests.web.conftest import Client, Site, token

ROWS = [("2025-01-10", "100.00", "A1"), ("2025-01-11", "-40.00", "A2")]


def upload(client: FlaskClient, *files: tuple[str, bytes]) -> str:
    """The address of the preview."""
    form = {"csrf_token": token(client.get("/").text), "file": [(BytesIO(body), name) for name, body in files]}
    answer = client.post("/import/upload", data=form, content_type="multipart/form-data")
    return answer.location or ""


def store(client: FlaskClient, preview: str, **form: str) -> str:
    data = {"csrf_token": token(client.get("/").text), "file": "0", **form}
    return client.post(f"{preview}store", data=data, follow_redirects=True).text


def lines(site: Site) -> int:
    with site.session() as session:
        return session.scalar(select(func.count(Line.id))) or 0


def test_preview_stores_nothing_then_importing_does(site: Site, signed_in: Client) -> None:
    client = signed_in("preparer")
    preview = upload(client, ("bank.csv", csv_file(ROWS)))
    page = client.get(preview).text
    assert "bank.csv" in page
    assert "2 new lines" in page
    assert lines(site) == 0
    assert "2 new lines, 0 already here" in store(client, preview)
    assert lines(site) == 2
    again = upload(client, ("again.csv", csv_file(ROWS)))
    assert "0 new lines" in client.get(again).text


def test_several_files_each_with_its_own_verdict(site: Site, signed_in: Client) -> None:
    client = signed_in("preparer")
    bad = b"id,booking_date,amount,currency\n1,2025-13-01,1.00,NOK\n"
    page = client.get(upload(client, ("good.csv", csv_file(ROWS)), ("bad.csv", bad), ("odd.bin", b"\x00\x01"))).text
    assert page.count("cannot be imported") == 2
    assert "2025-13-01" in page
    assert "Traceback" not in page


def test_an_account_that_is_not_set_up_is_named(site: Site, signed_in: Client) -> None:
    client = signed_in("preparer")
    page = client.get(upload(client, ("other.csv", csv_file(ROWS, account="99998888777")))).text
    assert "99998888777" in page
    assert "not set up" in page
    assert "create them" not in page  # a preparer may not


def test_a_file_without_an_account_is_placed_by_hand(site: Site, signed_in: Client) -> None:
    client = signed_in("preparer")
    preview = upload(client, ("x.csv", b"id,booking_date,amount,currency\n1,2025-01-10,1.00,NOK\n"))
    assert "does not say which account" in client.get(preview).text
    placed = client.get(f"{preview}?account_0=2").text
    assert "1 new line" in placed
    assert "1 new line" in store(client, preview, account_0="2")


def test_files_are_their_owners_only(site: Site, signed_in: Client) -> None:
    preview = upload(signed_in("preparer"), ("bank.csv", csv_file(ROWS)))
    from recon.database.models import CompanyRole

    with site.session() as session:
        auditor = site.books.actors["auditor"].user_id
        session.add(CompanyRole(user_id=auditor, company_id=site.books.company.id, role="preparer"))
        session.commit()
    assert signed_in("auditor").get(preview).status_code == 404
    assert signed_in("preparer").get("/import/..%2f..%2fsecret/").status_code == 404


def test_undo_takes_the_file_back(site: Site, signed_in: Client) -> None:
    client = signed_in("preparer")
    store(client, upload(client, ("bank.csv", csv_file(ROWS))))
    page = client.post("/import/undo/1", data={"csrf_token": token(client.get("/").text)}, follow_redirects=True).text
    assert "2 lines withdrawn" in page
    assert "undone" in page
