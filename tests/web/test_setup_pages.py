"""Setting up through the plain forms: company, accounts, groups with opening balance and items."""

from __future__ import annotations

import re

from flask.testing import FlaskClient
from sqlalchemy import select

from recon.database.models import Account, AccountGroup, Company, GroupLine
from tests.web.conftest import Client, Site, token

FORM = {
    "kind": "bank",
    "start_on": "2025-01-01",
    "left_account_0": "ledger:1930",
    "left_opening_0": "1 000,00",
    "right_account_0": "bank:99998888777",
    "right_opening_0": "1 250,00",
    "items_right": "2024-12-30; 250,00; F77; Paid in December\n",
}


def send(client: FlaskClient, where: str, **form: str) -> str:
    answer = client.post(where, data={"csrf_token": token(client.get("/").text), **form}, follow_redirects=True)
    return answer.text


def accounts(client: FlaskClient) -> None:
    send(client, "/setup/account", kind="ledger", number="1930", name="Skatt", currency="nok")
    send(client, "/setup/account", kind="bank", number="99998888777", name="Bank", iban="no93 8601 1117 947")


def test_accounts_are_set_up_and_changed(site: Site, signed_in: Client) -> None:
    client = signed_in("admin")
    accounts(client)
    send(client, "/setup/account", kind="ledger", number="1930", name="Skattetrekk", requires_reconciliation="on")
    with site.session() as session:
        account = session.scalars(select(Account).where(Account.number == "1930")).one()
        assert (account.name, account.currency, account.requires_reconciliation) == ("Skattetrekk", "NOK", True)
        bank = session.scalars(select(Account).where(Account.number == "99998888777")).one()
        assert bank.iban == "NO9386011117947"
    assert "Skattetrekk" in client.get("/").text.split("stand in no group")[1]
    assert "needs a number" in send(client, "/setup/account", kind="ledger", number=" ")


def test_an_author_sets_up_groups_but_no_accounts(signed_in: Client) -> None:
    client = signed_in("author")
    assert "Save the account" not in client.get("/setup/").text
    assert "may not" in send(client, "/setup/account", kind="ledger", number="1930")


def test_a_group_with_its_opening_and_items(site: Site, signed_in: Client) -> None:
    client = signed_in("admin")
    accounts(client)
    page = send(client, "/setup/group", **FORM)
    assert "1930-99998888777 is set up" in page
    with site.session() as session:
        group = session.scalars(select(AccountGroup).where(AccountGroup.name == "1930-99998888777")).one()
        (item,) = session.scalars(select(GroupLine).where(GroupLine.group_id == group.id))
        assert (item.side, item.open_minor, item.line.reference) == ("right", 250_00, "F77")
        group_id = group.id
    changing = client.get(f"/setup/group/{group_id}").text
    assert "30.12.2024; 250,00; F77; Paid in December" in changing
    assert 'value="1' in changing


def test_an_opening_that_does_not_balance_keeps_what_was_typed(site: Site, signed_in: Client) -> None:
    client = signed_in("admin")
    accounts(client)
    answer = client.post(
        "/setup/group",
        data={"csrf_token": token(client.get("/").text), **FORM, "right_opening_0": "1 300,00"},
    )
    assert answer.status_code == 422
    assert "1 300,00" in answer.text
    assert "F77" in answer.text
    with site.session() as session:
        assert session.scalar(select(AccountGroup.id).where(AccountGroup.name == "1930-99998888777")) is None


def test_what_cannot_be_read_is_named(signed_in: Client) -> None:
    client = signed_in("admin")
    accounts(client)
    for field, value, told in (
        ("start_on", "1.13.2025", "is not a date"),
        ("left_opening_0", "a lot", "is not an amount"),
        ("items_right", "2024-12-30", "write date; amount"),
        ("items_right", "yesterday; 1", "Opening items, line 1"),
        ("left_account_0", "", "Choose the account of the left side"),
    ):
        assert told in send(client, "/setup/group", **{**FORM, field: value})


def test_a_form_that_was_overtaken_is_refused(site: Site, signed_in: Client) -> None:
    client = signed_in("admin")
    page = client.get("/setup/company").text
    found = re.search(r'name="row_version" value="(\w+)"', page)
    assert found
    form = {"row_version": found.group(1), "country": "NO", "currency": "NOK"}
    assert "is saved" in send(client, "/setup/company/save", **form, four_eyes="on")
    assert "Somebody changed this" in send(client, "/setup/company/save", **form)
    with site.session() as session:
        assert session.get_one(Company, site.books.company.id).four_eyes


def test_only_the_operator_makes_companies(site: Site, signed_in: Client) -> None:
    page = send(signed_in("admin"), "/setup/company/save", new="1", name="Ny AS", country="NO", currency="NOK")
    assert "only the operator" in page
    with site.session() as session:
        assert session.scalar(select(Company.id).where(Company.name == "Ny AS")) is None
