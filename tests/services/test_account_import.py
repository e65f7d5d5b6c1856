"""An account of another company, seen from a group: a view of its lines, with filter and sign."""

from __future__ import annotations

import datetime as dt
import os
import time
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from recon.access import Actor
from recon.database.audit import record
from recon.database.line_tables import open_lines
from recon.database.models import (
    Account,
    AccountGroup,
    AccountImport,
    Company,
    CompanyRole,
    Document,
    GroupLine,
    User,
)
from recon.database.session import make_engine, session_factory
from recon.errors import NotAllowed, NotFound, Refusal
from recon.services.account_imports import remove_account_import, save_account_import
from recon.services.apply_setup import apply_setup
from recon.services.import_file import import_file
from recon.services.match_lines import match_lines
from recon.services.offered_sources import offered_sources
from recon.services.read_balances import balances_as_of
from recon.services.run_group import run_group
from recon.services.set_statement_balance import set_statement_balance
from recon.services.set_up_company import set_up_account_import
from recon.services.setup_document import read_setup
from recon.services.setup_plan import AccountImportPlan, AccountRef
from recon.services.sources import add_source
from recon.services.undo_import import undo_import
from recon.services.users import actor_of, add_user
from recon.services.verify_matches import match_findings
from tests.books import Books
from tests.entered import operator
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


def test_a_run_reads_the_sources_of_the_other_company_too(sqlite_url: str, tmp_path: Path) -> None:
    sessions = session_factory(make_engine(sqlite_url))
    with sessions.begin() as session:
        pair = set_up(session)
        for name, file in (("A", AT_A), ("B", AT_B)):
            (tmp_path / name).mkdir()
            path = tmp_path / name / "ledger.csv"
            path.write_text(file)
            os.utime(path, (time.time() - 60, time.time() - 60))
            told = {"name": name, "kind": "folder", "place": {"path": str(path.parent)}}
            add_source(session, pair.operator, pair.companies[name].id, **told)  # type: ignore[arg-type]
        group_id = pair.group.id
    report = run_group(sessions, pair.operator, group_id)
    assert [finding.where for finding in report.findings] == ["source A", "source B"]
    with sessions() as session:
        assert session.scalar(select(func.count()).select_from(GroupLine)) == 4


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


def test_t11_filtered_lines_reach_neither_group_nor_balance_and_the_total_is_not_comparable(session: Session) -> None:
    pair = set_up(session)
    for file in (AT_A, AT_B):
        import_file(session, pair.operator, file.encode())
    assert "X" not in {reference for _side, reference, _amount in rows(session, pair)}
    source = session.scalars(select(Account).where(Account.number == "2400")).one()
    day = dt.date(2025, 1, 31)
    set_statement_balance(session, pair.operator, source.id, day, 700)
    found = balances_as_of(session, pair.group, day)
    right = next(account for account in found.accounts if account.side == "right")
    assert (right.calculated.amount_minor, right.filtered, bool(right.not_comparable)) == (0, True, True)
    assert right.difference_minor is None


def test_t12_the_ticks_of_a_side_decide_what_is_offered_on_it(session: Session) -> None:
    pair = set_up(session)
    ours = pair.companies["A"].id

    def offered(side: str, *ticked: str, kind: str = "intercompany") -> list[str]:
        found = offered_sources(session, pair.operator, ours, kind, side, ticked)
        return [each.name if isinstance(each, AccountImport) else each.number for each in found]

    assert offered("left", "supplier") == []
    assert offered("right", "customer") == ["1500"]  # supplier ticked left only: the import is not listed
    assert offered("right", "customer", "supplier") == ["1500", "B, 2400"]
    assert offered("right", "customer", "supplier", kind="control") == ["1500"]


def test_editing_one_in_use_asks_first_and_dissolves_its_matches(session: Session) -> None:
    pair = set_up(session)
    for file in (AT_A, AT_B):
        import_file(session, pair.operator, file.encode())
    ours = pair.companies["A"]
    frame = open_lines(session, pair.group.id)
    ids = list(frame[frame["reference"] == "F1"]["line_id"])
    match_lines(session, pair.operator, pair.group.id, ids)
    plan = AccountImportPlan("B, 2400", "B", AccountRef("supplier", "2400"), negate=False)
    with pytest.raises(Refusal, match="read by B: say that their matches"):
        save_account_import(session, pair.operator, ours, plan)
    save_account_import(session, pair.operator, ours, plan, dissolving=True)
    right = {row for row in rows(session, pair) if row[0] == "right"}
    assert right == {("right", "F1", -100000), ("right", "P1", 100000)}
    assert len(open_lines(session, pair.group.id)) == 4
    assert [*match_findings(session)] == []
    with pytest.raises(Refusal, match="say that their matches"):
        remove_account_import(session, pair.operator, ours, "B, 2400")
    remove_account_import(session, pair.operator, ours, "B, 2400", dissolving=True)
    assert {row[0] for row in rows(session, pair)} == {"left"}
    assert session.scalars(select(AccountImport)).all() == []


def test_one_that_an_approved_group_reads_stands(session: Session) -> None:
    pair = set_up(session)
    event = record(session, pair.operator, pair.group.company_id, "approve", "document")
    days = {"from_on": dt.date(2025, 1, 1), "to_on": dt.date(2025, 1, 31)}
    document = Document(company_id=pair.group.company_id, group_id=pair.group.id, state="approved", figures={}, **days)
    document.event_id = event.id
    session.add(document)
    session.flush()
    with pytest.raises(Refusal, match="group B is approved at 2025-01-31"):
        remove_account_import(session, pair.operator, pair.companies["A"], "B, 2400", dissolving=True)


def test_a_group_in_a_named_currency_compares_in_it(session: Session) -> None:
    setup = """
companies:
  - name: A
    currency: NOK
    accounts: [{kind: customer, number: 1500, currency: NOK}, {kind: supplier, number: 2400, currency: EUR}]
    groups:
      - name: in euro
        kind: intercompany
        currency: EUR
        start_on: 2025-01-01
        left: [{account: {kind: customer, number: 1500}}]
        right: [{account: {kind: supplier, number: 2400}, negate: true}]
"""
    pair_operator = operator(session)
    apply_setup(session, pair_operator, read_setup(setup))
    head = "id,booking_date,amount,currency,account_number,reference,original_amount,original_currency\n"
    import_file(session, pair_operator, (head + "1,2025-01-03,1180.00,NOK,1500,F1,100.00,EUR\n").encode())
    import_file(session, pair_operator, (head + "1,2025-01-03,-100.00,EUR,2400,F1,,\n").encode())
    group = session.scalars(select(AccountGroup)).one()
    frame = open_lines(session, group.id)
    assert list(zip(frame["side"], frame["amount"], frame["currency"], strict=True)) in (
        [("left", 10000, "EUR"), ("right", 10000, "EUR")],
        [("right", 10000, "EUR"), ("left", 10000, "EUR")],
    )


def test_one_account_split_over_two_groups_by_filters_that_no_line_passes_twice(session: Session) -> None:
    pair_operator = operator(session)
    groups = "\n".join(
        f"""      - name: {name}
        kind: interim
        start_on: 2025-01-01
        left: [{{account: {{kind: ledger, number: 1600}}, filter: {{field: department, op: {op}, value: "20"}}}}]"""
        for name, op in (("twenty", "equals"), ("others", "not_equals"))
    )
    accounts = "accounts: [{kind: ledger, number: 1600}]"
    setup = f"companies:\n  - name: A\n    currency: NOK\n    {accounts}\n    groups:\n{groups}\n"
    apply_setup(session, pair_operator, read_setup(setup))
    lines = "1,2025-01-03,5.00,NOK,1600,a,20\n2,2025-01-03,7.00,NOK,1600,b,30\n"
    import_file(session, pair_operator, (HEAD + lines).encode())
    split = {
        group.name: sorted(open_lines(session, group.id)["amount"]) for group in session.scalars(select(AccountGroup))
    }
    assert split == {"twenty": [500], "others": [700]}


def interim(*filters: str) -> str:
    """A set-up of one account in groups g0, g1, … with these filters."""
    groups = "\n".join(
        f"""      - name: g{number}
        kind: interim
        start_on: 2025-01-01
        left: [{{account: {{kind: ledger, number: 1600}}, filter: {condition}}}]"""
        for number, condition in enumerate(filters)
    )
    accounts = "accounts: [{kind: ledger, number: 1600}]"
    return f"companies:\n  - name: A\n    currency: NOK\n    {accounts}\n    groups:\n{groups}\n"


TWENTY, LETTER = "{field: department, op: equals, value: '20'}", "{field: reference, op: in, value: [a, c]}"
TWO_DEPARTMENTS = HEAD + "1,2025-01-03,5.00,NOK,1600,a,20\n2,2025-01-03,7.00,NOK,1600,b,30\n"


def test_a_line_that_passes_two_filters_is_refused_at_set_up_and_on_import(session: Session) -> None:
    root = operator(session)
    apply_setup(session, root, read_setup(interim(TWENTY)))
    import_file(session, root, TWO_DEPARTMENTS.encode())
    for again in (interim(TWENTY, LETTER), interim(TWENTY, TWENTY)):
        with pytest.raises(Refusal, match="would stand in the groups g0 and g1"), session.begin_nested():
            apply_setup(session, root, read_setup(again))
    apply_setup(session, root, read_setup(interim(TWENTY, LETTER.replace("[a, c]", "[b, c]"))))
    with pytest.raises(Refusal, match="would stand in the groups g0 and g1"), session.begin_nested():
        import_file(session, root, (HEAD + "1,2025-01-04,1.00,NOK,1600,c,20\n").encode())
    assert import_file(session, root, (HEAD + "1,2025-01-04,1.00,NOK,1600,c,40\n").encode()).new == 1


def test_one_company_does_not_import_a_line_twice(session: Session) -> None:
    """In another company's group and at home a line may stand, but not in two groups of the company that imports it."""
    pair = set_up(session)
    import_file(session, pair.operator, AT_B.encode())
    apply_setup(session, pair.operator, read_setup(AT_HOME))
    with pytest.raises(Refusal, match="would stand in the groups B and again"):
        apply_setup(session, pair.operator, read_setup(AGAIN))


AT_HOME = """
companies:
  - name: B
    currency: NOK
    groups:
      - {name: home, kind: interim, start_on: 2025-01-01, left: [{account: {kind: supplier, number: 2400}}]}
"""
AGAIN = """
companies:
  - name: A
    currency: NOK
    accounts: [{kind: ledger, number: 1600}]
    account_imports: [{name: once more, company: B, account: {kind: supplier, number: 2400}}]
    groups:
      - name: again
        kind: intercompany
        start_on: 2025-01-01
        left: [{account: {kind: ledger, number: 1600}}]
        right: [{account_import: once more}]
"""


def test_t21_the_group_opens_with_its_balances_and_their_difference_as_opening_items(session: Session) -> None:
    setup = """
companies:
  - name: A
    currency: NOK
    accounts: [{kind: ledger, number: 1920}, {kind: bank, number: "12345678903"}]
    groups:
      - name: 1920-bank
        kind: bank
        start_on: 2022-01-01
        left: [{account: {kind: ledger, number: 1920}, opening: "10189346.90"}]
        right: [{account: {kind: bank, number: "12345678903"}, opening: "9958971.93"}]
        opening_items: {left: [{booked_on: 2021-12-30, amount: "230374.97", reference: IB}]}
"""
    pair_operator = operator(session)
    apply_setup(session, pair_operator, read_setup(setup))
    group = session.scalars(select(AccountGroup)).one()
    found = balances_as_of(session, group, dt.date(2022, 1, 1))
    assert [account.to_date.amount_minor for account in found.accounts] == [1018934690, 995897193]
    assert list(open_lines(session, group.id)["amount"]) == [23037497]
    assert found.proof.holds
    with pytest.raises(Refusal, match="does not open in balance"):
        apply_setup(session, pair_operator, read_setup(setup.replace("230374.97", "230374.98")))
