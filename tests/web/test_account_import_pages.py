"""Account imports edited as a list, the set-up page's ticks, and a group that opens from either company."""

from __future__ import annotations

from flask.testing import FlaskClient
from sqlalchemy import select

from recon.database.models import Account, AccountGroup, AccountImport, Company, CompanyRole, GroupAccount, User
from tests.web.conftest import Client, Site, post


def both_companies(site: Site, signed_in: Client) -> FlaskClient:
    """The author, with the same role in the other company, which has a supplier account 2400."""
    with site.session() as session:
        other = session.scalars(select(Company).where(Company.name == "Annen AS")).one()
        user = session.scalars(select(User).where(User.name == "author")).one()
        session.add(CompanyRole(user_id=user.id, company_id=other.id, role="author"))
        session.add(Account(company_id=other.id, kind="supplier", number="2400", currency="NOK"))
        session.commit()
    client = signed_in("author")
    post(client, "/place", company=str(site.books.company.id))
    return client


ROW = {"kind": "supplier", "company": "2", "account": "2400", "name": "Annen, 2400", "filter_value": ""}


def test_a_row_is_kept_listed_changed_and_removed(site: Site, signed_in: Client) -> None:
    client = both_companies(site, signed_in)
    assert client.get("/account-imports/accounts?company=2&kind=supplier").json == [{"number": "2400", "name": ""}]
    assert client.get("/account-imports/accounts?company=2&kind=customer").json == []
    filtered = ROW | {"filter_field": "department", "filter_op": "equals", "filter_value": "20", "negate": "on"}
    post(client, "/account-imports/save", **filtered)
    page = client.get("/account-imports/").text
    assert "Annen, 2400" in page
    assert "department is 20" in page
    post(client, "/account-imports/save", **ROW)
    assert "will meet a payment" in client.get("/account-imports/").text
    with site.session() as session:
        view = session.scalars(select(AccountImport)).one()
        assert (view.filter, view.negate) == (None, False)
    post(client, "/account-imports/remove", name="Annen, 2400")
    with site.session() as session:
        assert session.scalars(select(AccountImport)).all() == []


def test_a_company_where_one_may_not_is_not_offered(site: Site, signed_in: Client) -> None:
    client = signed_in("author")
    assert "Annen AS" not in client.get("/account-imports/").text
    assert client.get("/account-imports/accounts?company=2&kind=ledger").status_code == 404
    post(client, "/account-imports/save", **ROW)
    with site.session() as session:
        assert session.scalars(select(AccountImport)).all() == []
    assert signed_in("preparer").get("/account-imports/").status_code == 403


def test_t12_the_import_is_listed_where_its_kind_is_ticked_on_the_right(site: Site, signed_in: Client) -> None:
    client = both_companies(site, signed_in)
    post(client, "/account-imports/save", **ROW)
    ticked = "/setup/group/new?ticked=1&kind=intercompany&left_kinds=supplier"
    assert "import:Annen, 2400" not in client.get(ticked).text
    assert "import:Annen, 2400" in client.get(f"{ticked}&right_kinds=supplier").text


def test_the_group_opens_from_either_company(site: Site, signed_in: Client) -> None:
    client = both_companies(site, signed_in)
    post(client, "/account-imports/save", **ROW)
    with site.session() as session:
        group = session.get_one(AccountGroup, site.books.group.id)
        view = session.scalars(select(AccountImport)).one()
        left = [member for member in group.members if member.side == "left"]
        group.members = [*left, GroupAccount(side="right", account_import_id=view.id)]
        session.commit()
    post(client, "/place", company="2")
    page = client.get("/").text
    assert "Other companies reconcile with us" in page
    pane = client.get(f"/group/{site.books.group.id}/").text
    assert "<h2>Annen, 2400</h2>" in pane  # the display name heads it
