"""The mapping wizard, the action log and the timeline in the browser's place."""

from __future__ import annotations

from sqlalchemy import select

from recon.database.models import ColumnMapping, Company, Line
from tests.deliveries import Entry, camt053
from tests.files import csv_file
from tests.web.conftest import Client, Site, token
from tests.web.test_import_pages import also, choose, lines, store, upload

SPAREBANK = (
    b"Dato;Beskrivelse;Rentedato;Inn;Ut;Til konto;Fra konto;\n"
    b'03.01.2025;"Betaling";03.01.2025;1 250,50;;;;\n'
    b'04.01.2025;"Gebyr";04.01.2025;;-12,00;;;\n'
)
UNSURE = "Dato;Tekst;Beløp\n03.04.2025;a;1.250\n05.06.2025;b;-2.400\n".encode()


def test_a_table_that_leaves_a_question_leads_to_the_wizard_which_asks_it(site: Site, signed_in: Client) -> None:
    also(site, "preparer", "author")
    client = signed_in("preparer")
    preview = upload(client, ("odd.csv", UNSURE))
    page = client.get(preview).text
    assert "Say what its columns mean" in page
    token_ = preview.rstrip("/").rsplit("/", 1)[-1]
    wizard = client.get(f"/mapping/{token_}/0/").text
    assert "part thousands or decimals" in wizard
    form = {
        "csrf_token": token(client.get("/").text),
        "role_0": "booking_date",
        "role_1": "text",
        "role_2": "amount",
        "answer_decimal": ",",
        "date_order": "dmy",
        "sign": "signed",
        "account": str(site.books.bank.id),
        "name": "Odd bank",
        "currency": "NOK",
    }
    answer = client.post(f"/mapping/{token_}/0/save", data=form)
    assert answer.status_code == 302
    after = client.get(answer.location).text
    assert "2 new lines" in after
    assert "2 new lines" in store(client, preview, account_0=str(site.books.bank.id))
    with site.session() as session:
        assert sorted(session.scalars(select(Line.amount_minor))) == [-240000, 125000]
        assert session.scalars(select(ColumnMapping.name)).all() == ["Odd bank"]
    again = client.get(upload(client, ("next.csv", UNSURE))).text
    assert "0 new lines" in again  # recognised by its headings, with its account
    listed = client.get("/mapping/").text
    assert "Odd bank" in listed
    client.post("/mapping/remove/1", data={"csrf_token": token(client.get("/").text)})
    with site.session() as session:
        assert session.scalars(select(ColumnMapping)).all() == []


def test_a_known_bank_is_read_at_once_and_its_proposal_can_be_looked_at(site: Site, signed_in: Client) -> None:
    also(site, "preparer", "author")
    client = signed_in("preparer")
    preview = upload(client, ("sb1.csv", SPAREBANK))
    page = choose(client, preview, account_0=str(site.books.bank.id))
    assert "2 new lines" in page
    token_ = preview.rstrip("/").rsplit("/", 1)[-1]
    wizard = client.get(f"/mapping/{token_}/0/?account={site.books.bank.id}").text
    assert "Proof" in wizard
    assert "Money in" in wizard
    assert "1,250.50" in wizard or "1 250,50" in wizard.replace("\xa0", " ")


def test_a_preparer_cannot_save_a_mapping(site: Site, signed_in: Client) -> None:
    client = signed_in("preparer")
    preview = upload(client, ("odd.csv", UNSURE))
    assert "Say what its columns mean" not in client.get(preview).text
    assert client.get(preview.replace("/import/", "/mapping/") + "0/").status_code == 403


def test_refused_lines_are_shown_and_stored_when_ticked(site: Site, signed_in: Client) -> None:
    client = signed_in("preparer")
    file = csv_file([("2025-01-10", "100.00", "A1")])
    store(client, upload(client, ("bank.csv", file)))
    preview = upload(client, ("again.csv", file))
    assert "1 line left out" in client.get(preview).text
    assert "1 new line" in store(client, preview, anyway_0="line")
    assert lines(site) == 2


def test_the_action_log_undoes_in_part(site: Site, signed_in: Client) -> None:
    client = signed_in("preparer")
    rows = [("2025-01-10", "100.00", "A1"), ("2025-01-20", "7.00", "A2")]
    store(client, upload(client, ("bank.csv", csv_file(rows))))
    page = client.get("/actions/").text
    assert "bank.csv" in page
    form = {"csrf_token": token(page), "account": str(site.books.bank.id), "first": "2025-01-01", "last": "2025-01-15"}
    told = client.post("/import/undo/1", data=form, follow_redirects=True).text
    assert "1 lines withdrawn" in told
    assert "partly undone" in client.get("/actions/").text
    with site.session() as session:
        live = select(Line.amount_minor).where(Line.withdrawn_event_id.is_(None))
        assert session.scalars(live).all() == [700]


def test_the_timeline_shows_the_missing_days(site: Site, signed_in: Client) -> None:
    client = signed_in("preparer")
    january = camt053([Entry("2025-01-03", "1.00", "A")], opening="0.00", closing="1.00")
    march = camt053(
        [Entry("2025-03-03", "1.00", "B")],
        number="3",
        opening="5.00",
        closing="6.00",
        days=("2025-03-01", "2025-03-31"),
    )
    store(client, upload(client, ("january.xml", january)))
    store(client, upload(client, ("march.xml", march)))
    page = client.get(f"/timeline/{site.books.bank.id}/").text
    assert "no statement covers these days" in page
    assert "does not follow" in page
    assert 'class="missing"' in page
    assert "1 place to look at" in client.get("/timeline/").text
    assert client.get(f"/timeline/{site.foreign_account_id}/").status_code == 404
    with site.session() as session:
        assert session.scalars(select(Company)).all()
