"""Laws of importing, over generated statements: whatever comes in whatever order, each payment counts once."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from recon.database.models import GroupLine, Line
from recon.database.session import make_engine, session_factory
from recon.services.import_file import Imported, import_file
from recon.services.judge_lines import Decisions
from recon.services.undo_import import undo_import
from recon.services.verify_lines import line_findings
from recon.services.verify_matches import match_findings
from tests.books import Books, make_books
from tests.conftest import sqlite_copy
from tests.deliveries import Entry, Voucher, camt053, sie4
from tests.files import csv_file

Row = tuple[str, str, str]
ROWS = st.lists(
    st.tuples(
        st.sampled_from([f"2025-01-{day:02}" for day in range(1, 11)]),
        st.sampled_from(["500.00", "-500.00", "12.34", "0.01"]),
        st.sampled_from(["a", "b", ""]),
    ),
    max_size=12,
)
LAWS = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture
def prepared(prepared_sqlite: Path, tmp_path: Path) -> Path:
    return Path(sqlite_copy(prepared_sqlite, tmp_path).removeprefix("sqlite:///"))


def opened(path: Path) -> Iterator[tuple[Session, Books]]:
    """A session on the prepared database with the books; nothing of it is kept."""
    engine = make_engine(f"sqlite:///{path}")
    with session_factory(engine)() as session:
        yield session, make_books(session)
        session.rollback()
    engine.dispose()


def held(session: Session) -> tuple[int, int]:
    """Number and sum of what is live, which is also what stands in the group."""
    live = session.execute(select(func.count(), func.sum(Line.amount_minor)).where(Line.withdrawn_event_id.is_(None)))
    stands = session.execute(select(func.count(), func.sum(GroupLine.amount_minor)))
    found, standing = live.one(), stands.one()
    assert tuple(found) == tuple(standing)
    return int(found[0]), int(found[1] or 0)


def expected(rows: Sequence[Row]) -> tuple[int, int]:
    return len(rows), sum(round(float(amount) * 100) for _on, amount, _reference in rows)


def read(session: Session, books: Books, rows: Sequence[Row]) -> Imported | None:
    return import_file(session, books.preparer, csv_file(rows)) if rows else None


@LAWS
@given(rows=ROWS, rng=st.randoms(use_true_random=False))
def test_again_and_reordered_adds_nothing_twins_included(prepared: Path, rows: list[Row], rng: random.Random) -> None:
    for session, books in opened(prepared):
        read(session, books, rows)
        read(session, books, rows)
        again = read(session, books, rng.sample(rows, len(rows)))
        assert again is None or again.new == 0
        assert held(session) == expected(rows)


@LAWS
@given(rows=ROWS, first=st.integers(1, 10), last=st.integers(1, 10))
def test_overlapping_days_add_only_what_is_new(prepared: Path, rows: list[Row], first: int, last: int) -> None:
    early = [row for row in rows if row[0] <= f"2025-01-{last:02}"]
    late = [row for row in rows if row[0] >= f"2025-01-{first:02}"]
    for session, books in opened(prepared):
        read(session, books, early)
        read(session, books, late)
        union = Counter(early) | Counter(late)
        assert held(session) == expected(list(union.elements()))


@LAWS
@given(rows=ROWS, cut=st.integers(1, 10))
def test_a_file_split_by_days_is_the_whole_file(prepared: Path, rows: list[Row], cut: int) -> None:
    day = f"2025-01-{cut:02}"
    for session, books in opened(prepared):
        for part in ([row for row in rows if row[0] < day], [row for row in rows if row[0] >= day]):
            read(session, books, part)
        whole = read(session, books, rows)
        assert whole is None or whole.new == 0
        assert held(session) == expected(rows)


@LAWS
@given(rows=ROWS, undone=st.integers(0, 2))
def test_undoing_one_of_several_leaves_what_the_others_saw(prepared: Path, rows: list[Row], undone: int) -> None:
    parts = [rows[: len(rows) // 2], rows, rows[len(rows) // 2 :]]
    for session, books in opened(prepared):
        done = [read(session, books, part) for part in parts]
        taken = done[undone]
        if taken is not None:
            undo_import(session, books.preparer, taken.batches[0])
        assert held(session) == expected(_standing(parts, undone))
        for each in done:
            if each is not None and each is not taken:
                undo_import(session, books.preparer, each.batches[0])
        assert held(session) == (0, 0)
        assert [*line_findings(session), *match_findings(session)] == []


def _standing(parts: list[list[Row]], undone: int) -> list[Row]:
    """Of each line as many as the fullest of the files that stand has."""
    union: Counter[Row] = Counter()
    for number, part in enumerate(parts):
        if number != undone:
            union |= Counter(part)
    return list(union.elements())


@LAWS
@given(rows=ROWS)
def test_through_another_format_exactly_the_doubled_sum_is_named(prepared: Path, rows: list[Row]) -> None:
    rows = [row for row in rows if row[1] != "0.01"]
    entries = [Entry(on, amount, f"E{number}", f"t{number}") for number, (on, amount, _r) in enumerate(rows)]
    for session, books in opened(prepared):
        if not rows:
            continue
        import_file(session, books.preparer, camt053(entries))
        doubled = read(session, books, rows)
        assert doubled is not None
        count, total = expected(rows)
        told = next(f.sentence for f in doubled.plan.findings if f.code == "other-format")
        assert f"{count} of the new lines ({total / 100:.2f})" in told
        assert held(session) == (2 * count, 2 * total)


@LAWS
@given(
    amounts=st.lists(st.integers(-9, 9).filter(bool), min_size=3, max_size=8),
    changed=st.integers(0, 7),
    deleted=st.integers(0, 7),
    back=st.booleans(),
)
def test_a_year_exported_again_with_one_changed_one_deleted_and_one_returning(
    prepared: Path, amounts: list[int], changed: int, deleted: int, back: bool
) -> None:
    first = [Voucher(n, f"2025-01-{n + 1:02}", f"{amount}.00") for n, amount in enumerate(amounts, 1)]
    changed, deleted = changed % len(first), deleted % len(first)
    second = list(first)
    second[changed] = Voucher(first[changed].number, first[changed].on, "77.00", "other")
    del second[deleted]
    for session, books in opened(prepared):
        import_file(session, books.preparer, sie4(first))
        before = held(session)
        shown = import_file(session, books.preparer, sie4(second))
        assert held(session) == before  # nothing is taken over unasked
        told = Counter(f.code for f in shown.plan.findings if f.code.startswith("voucher-"))
        assert told == Counter({"voucher-gone": 1} if changed == deleted else {"voucher-gone": 1, "voucher-changed": 1})
        import_file(session, books.preparer, sie4(second), decisions=Decisions(accept_changes=True))
        assert held(session) == (len(second), sum(round(float(v.amount) * 100) for v in second))
        if back:
            import_file(session, books.preparer, sie4(first), decisions=Decisions(accept_changes=True))
            assert held(session) == before
        assert [*line_findings(session), *match_findings(session)] == []


def test_two_people_import_overlapping_files_at_once(database_url: str) -> None:
    engine = make_engine(database_url)
    sessions = session_factory(engine)
    with sessions.begin() as session:
        preparer = make_books(session).preparer
    rows = [(f"2025-01-{day:02}", "1.00", f"r{day}") for day in range(1, 29)]

    def one(turn: int) -> int:
        with sessions.begin() as session:
            return import_file(session, preparer, csv_file(rows[turn * 5 : turn * 5 + 15])).new

    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(one, range(3))) == 25
    with sessions() as session:
        assert held(session) == (25, 2500)
    engine.dispose()
