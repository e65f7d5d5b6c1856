"""An account of another company, seen from a group: a view of its lines, with filter and sign."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.access import Actor
from recon.database.audit import record
from recon.database.line_tables import open_lines
from recon.database.models import Account, AccountGroup, Company, CompanyRole, Document, User
from recon.errors import NotAllowed, NotFound, Refusal
from recon.services.apply_setup import apply_setup
from recon.services.import_file import import_file
from recon.services.set_up_company import set_up_account_import
from recon.services.setup_document import read_setup
from recon.services.setup_plan import AccountImportPlan, AccountRef
from recon.services.undo_import import undo_import
from recon.services.users import actor_of, add_user
from tests.books import Books
from tests.matches import add_match

SETUP = """
companies:
  - name: A
    currency: NOK
    accounts: [{kind: customer, number: 1500}]
    account_imports: [{name: "B, 2400", company: B, account: {kind: supplier, number: 2400}, negate: NEGATE}]
    groups:
      - name: B
        kind: intercompany
        start_on: 2025-01-01
        left: [{account: {kind: customer, number: 1500}}]
        right: [{account_import: "B, 2400", filter: {field: department, op: equals, value: 20}}]
  - name: B
    currency: NOK
    accounts: [{kind: supplier, number: 2400}]
"""
HEAD = "id,booking_date,amount,currency,account_number,reference,department\n"
AT_A = HEAD + "1,2025-01-03,1000.00,NOK,1500,F1,\n2,2025-01-20,-1000.00,NOK,1500,P1,\n"
AT_B = (
    HEAD
    + "1,2025-01-03,-1000.00,NOK,2400,F1,20\n2,2025-01-20,1000.00,NOK,2400,P1,20\n3,2025-01-05,7.00,NOK,2400,X,30\n"
)


@dataclass
class Pair:
    operator: Actor
    group: AccountGroup
    companies: dict[str, Company]


def set_up(session: Session, negate: str = "true") -> Pair:
    operator = actor_of(add_user(session, None, "root", operator=True))
    apply_setup(session, operator, read_setup(SETUP.replace("NEGATE", negate)))
    companies = {company.name: company for company in session.scalars(select(Company))}
    return Pair(operator, session.scalars(select(AccountGroup)).one(), companies)


def rows(session: Session, pair: Pair) -> set[tuple[str, str, int]]:
    frame = open_lines(session, pair.group.id)
    return set(zip(frame["side"], frame["reference"], frame["amount"], strict=True))


def test_t10_with_change_sign_invoice_meets_invoice(session: Session) -> None:
    pair = set_up(session)
    for file in (AT_A, AT_B):
        import_file(session, pair.operator, file.encode())
    assert rows(session, pair) == {
        ("left", "F1", 100000),
        ("left", "P1", -100000),
        ("right", "F1", 100000),
        ("right", "P1", -100000),
    }


def test_t10_without_it_invoice_meets_payment(session: Session) -> None:
    pair = set_up(session, negate="false")
    for file in (AT_A, AT_B):
        import_file(session, pair.operator, file.encode())
    assert {row for row in rows(session, pair) if row[2] > 0} == {("left", "F1", 100000), ("right", "P1", 100000)}


def test_the_source_s_import_is_not_undone_once_the_other_company_approved(session: Session) -> None:
    pair = set_up(session)
    done = import_file(session, pair.operator, AT_B.encode())
    event = record(session, pair.operator, pair.group.company_id, "approve", "document")
    days = {"from_on": dt.date(2025, 1, 1), "to_on": dt.date(2025, 1, 31)}
    document = Document(company_id=pair.group.company_id, group_id=pair.group.id, state="approved", figures={}, **days)
    document.event_id = event.id
    session.add(document)
    session.flush()
    with pytest.raises(Refusal, match="the period of B approved at 2025-01-31"):
        undo_import(session, pair.operator, done.batches[0])


def test_it_needs_the_right_in_both_companies_and_is_frozen_once_matched(session: Session) -> None:
    pair = set_up(session)
    ours = pair.companies["A"]
    author = add_user(session, pair.operator, "aksel")
    author.company_roles = [CompanyRole(company_id=ours.id, role="author")]
    session.flush()
    plan = AccountImportPlan("B, other", "B", AccountRef("supplier", "2400"))
    with pytest.raises(NotFound, match="no company B"):
        set_up_account_import(session, actor_of(author), ours, plan)
    author.company_roles.append(CompanyRole(company_id=pair.companies["B"].id, role="auditor"))
    with pytest.raises(NotAllowed):
        set_up_account_import(session, actor_of(author), ours, plan)
    for file in (AT_A, AT_B):
        import_file(session, pair.operator, file.encode())
    frame = open_lines(session, pair.group.id)
    one, other = session.scalars(select(Account)).all()
    books = Books(ours, one, other, pair.group, {"preparer": pair.operator})
    add_match(session, books, list(frame[frame["reference"] == "F1"]["line_id"]))
    used = AccountImportPlan("B, 2400", "B", AccountRef("supplier", "2400"))
    set_up_account_import(session, pair.operator, ours, used)
    with pytest.raises(Refusal, match="in use"):
        set_up_account_import(session, pair.operator, ours, replace(used, negate=False))
    assert session.scalars(select(User).where(User.username == "aksel")).one()
