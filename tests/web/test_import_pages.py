"""Importing files: upload, preview with findings, store, undo."""

from __future__ import annotations

import re
from io import BytesIO

from flask.testing import FlaskClient
from sqlalchemy import func, select

from recon.database.models import Account, CompanyRole, Line, User
from tests.deliveries import Entry, camt053
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


def also(site: Site, name: str, role: str) -> None:
    """Give a person one more role."""
    with site.session() as session:
        user = session.scalars(select(User).where(User.name == name)).one()
        session.add(CompanyRole(user_id=user.id, company_id=site.books.company.id, role=role))
        session.commit()


def choose(client: FlaskClient, preview: str, **form: str) -> str:
    data = {"csrf_token": token(client.get("/").text), **form}
    return client.post(f"{preview}choose", data=data, follow_redirects=True).text


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
    assert "create it" not in page  # a preparer may not


def test_of_several_strange_accounts_the_ticked_ones_are_created(site: Site, signed_in: Client) -> None:
    also(site, "preparer", "admin")
    client = signed_in("preparer")
    rows = "1,2025-01-10,1.00,NOK,99990000006\n2,2025-01-10,2.00,NOK,99990000014\n"
    preview = upload(client, ("two.csv", f"id,booking_date,amount,currency,account_number\n{rows}".encode()))
    assert client.get(preview).text.count("create it") == 2
    assert "1 new line" in store(client, preview, create_0="99990000014")
    with site.session() as session:
        added = session.scalars(select(Account.number).where(Account.number.startswith("9999000"))).all()
    assert added == ["99990000014"]


def test_what_is_chosen_for_one_file_stands_while_another_is_read_again(site: Site, signed_in: Client) -> None:
    client = signed_in("preparer")
    nameless = b"id,booking_date,amount,currency\n1,2025-01-10,%s.00,NOK\n"
    preview = upload(client, *((f"{n}.csv", nameless % n.encode()) for n in "123"))
    assert client.get(preview).text.count("cannot be imported") == 3
    assert choose(client, preview, account_0="2").count("cannot be imported") == 2
    page = choose(client, preview, account_0="2", account_1="2", offered="0")
    assert page.count("cannot be imported") == 1
    assert re.search(r'id="file-0"(?! checked)', page)  # its tick was taken away
    assert re.search(r'id="file-1" checked', page)


def test_a_file_that_its_first_bytes_do_not_tell_is_read_by_the_format_that_is_named(
    site: Site, signed_in: Client
) -> None:
    client = signed_in("preparer")
    comment = b"<!--" + b" " * 70_000 + b"-->"  # longer than what is looked at
    hidden = camt053([Entry("2025-01-03", "5.00", "R1", "rent")]).replace(b"?>", b"?>" + comment, 1)
    preview = upload(client, ("odd.dat", hidden))
    assert "cannot be imported" in client.get(preview).text
    assert "1 new line" in choose(client, preview, format_0="camt")
    assert "1 new line" in store(client, preview, format_0="camt")


def test_the_preview_proves_the_balances_and_shows_the_lines(site: Site, signed_in: Client) -> None:
    entries = [Entry("2025-01-03", "100.00", "R1", "rent"), Entry("2025-01-04", "-30.00", "R2", "fee")]
    for closing, mark in (("1070.00", "✓"), ("1075.00", "✗")):
        client = signed_in("preparer")
        page = client.get(upload(client, ("b.xml", camt053(entries, opening="1000.00", closing=closing)))).text
        assert mark in page
        assert "rent" in page


def test_a_file_without_an_account_is_placed_by_hand(site: Site, signed_in: Client) -> None:
    client = signed_in("preparer")
    preview = upload(client, ("x.csv", b"id,booking_date,amount,currency\n1,2025-01-10,1.00,NOK\n"))
    assert "does not say which account" in client.get(preview).text
    placed = choose(client, preview, account_0="2")
    assert "1 new line" in placed
    assert "1 new line" in store(client, preview, account_0="2")


def test_files_are_their_owners_only(site: Site, signed_in: Client) -> None:
    preview = upload(signed_in("preparer"), ("bank.csv", csv_file(ROWS)))
    also(site, "auditor", "preparer")
    assert signed_in("auditor").get(preview).status_code == 404
    assert signed_in("preparer").get("/import/..%2f..%2fsecret/").status_code == 404


def test_undo_takes_the_file_back(site: Site, signed_in: Client) -> None:
    client = signed_in("preparer")
    store(client, upload(client, ("bank.csv", csv_file(ROWS))))
    page = client.post("/import/undo/1", data={"csrf_token": token(client.get("/").text)}, follow_redirects=True).text
    assert "2 lines withdrawn" in page
    assert "undone" in page
