"""Vouchers proposed, released and reversed amid other work: whatever the order, proofs hold and nothing is double."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.database.models import Adjustment, EntryType, GroupLine
from recon.database.session import make_engine, session_factory
from recon.errors import Refusal
from recon.services.answer_adjustments import accept_adjustments, reject_adjustments
from recon.services.match_lines import match_lines
from recon.services.propose_adjustments import propose_adjustments
from recon.services.reconcile_group import reconcile_group
from recon.services.release_adjustments import release_adjustments
from recon.services.reverse_adjustment import reverse_adjustment
from recon.services.vouchers import Voucher
from rules.model import Difference
from tests.books import Books, make_books
from tests.entered import EXACT, enter, use_rules
from tests.stories.test_any_order_of_work import WEAK, WORK, Work, amounts, check, rows

POSTS = [
    {"key": "in", "name": "In", "kind": "post", "side": "right", "entry_type": "FEE", "outcome": "suggested"}
    | {"where": {"field": "amount", "op": "greater_than", "value": "5"}},
    {"key": "out", "name": "Out", "kind": "post", "side": "both", "entry_type": "FEE", "outcome": "confirmed"}
    | {"where": {"field": "amount", "op": "less_than", "value": "-2"}},
]


def adjustments(session: Session, *states: str) -> list[int]:
    query = select(Adjustment.id).where(Adjustment.state.in_(states)).order_by(Adjustment.id)
    return list(session.scalars(query))


def opened(session: Session) -> list[int]:
    return list(session.scalars(select(GroupLine.line_id).where(GroupLine.is_open).order_by(GroupLine.line_id)))


def one_of(work: Callable[..., object], role: str, *states: str) -> Work:
    def done(session: Session, books: Books, pick: int) -> None:
        if found := adjustments(session, *states):
            work(session, books.actors[role], books.group.id, [found[pick % len(found)]])

    return done


def propose(session: Session, books: Books, pick: int) -> None:
    if found := opened(session):
        propose_adjustments(session, books.preparer, books.group.id, [found[pick % len(found)]], Voucher("FEE"))


def reverse(session: Session, books: Books, pick: int) -> None:
    if found := adjustments(session, "released"):
        reverse_adjustment(session, books.actors["approver"], books.group.id, found[pick % len(found)], "wrong")


def match_with_difference(session: Session, books: Books, pick: int) -> None:
    if len(found := opened(session)) > 1:
        lines = [found[pick % len(found)], found[(pick + 1) % len(found)]]
        treatment = Difference("FEE") if pick % 2 else Difference(keep_open=True)
        match_lines(session, books.preparer, books.group.id, lines, treatment=treatment, reason="x")


VOUCHERS: dict[str, Work] = {
    "propose": propose,
    "accept": one_of(accept_adjustments, "preparer", "proposed"),
    "reject": one_of(reject_adjustments, "preparer", "proposed", "unreleased"),
    "release": one_of(release_adjustments, "approver", "unreleased"),
    "reverse": reverse,
    "match with difference": match_with_difference,
}
EVERY = (
    {f"work: {name}": work for name, work in WORK.items()} | VOUCHERS | {f"{n} again": w for n, w in VOUCHERS.items()}
)
steps = st.lists(st.tuples(st.sampled_from(sorted(EVERY)), st.integers(0, 30)), min_size=4, max_size=14)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(left=amounts, right=amounts, work=steps)
@example(left=[1, 0], right=[0, 0], work=[("propose", 0), ("release", 0), ("propose", 14), ("release", 0)])
@example(left=[1, 0], right=[0, 0], work=[("accept", 0), ("propose", 0), ("release", 0), ("propose", 14)])
def test_any_order_of_vouchers(
    prepared_sqlite: Path, left: list[int], right: list[int], work: list[tuple[str, int]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(prepared_sqlite, Path(folder) / "books.sqlite3")
        engine = make_engine(f"sqlite:///{folder}/books.sqlite3")
        with session_factory(engine)() as session:
            books = make_books(session)
            told = {"debit_account": "7770", "credit_account": "8050"}
            session.add(EntryType(company_id=books.company.id, key="FEE", name="Bank fee", **told))
            enter(session, books, books.ledger, rows("l", left))
            enter(session, books, books.bank, rows("b", right))
            use_rules(session, books, {**EXACT, "rules": [*EXACT["rules"], WEAK, *POSTS]})  # type: ignore[misc]
            session.commit()
            for name, pick in work:
                try:
                    EVERY[name](session, books, pick)
                    session.commit()
                except Refusal:
                    session.rollback()
            check(session, books)
            reconcile_group(session, books.preparer, books.group.id)
            session.commit()
            assert reconcile_group(session, books.preparer, books.group.id).changed is False
            check(session, books)
        engine.dispose()
