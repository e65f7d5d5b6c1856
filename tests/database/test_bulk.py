"""Tables in and out: the same by every way, on both databases."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from recon.database import bulk
from recon.database.bulk import filled_columns, read_table, reserve_keys, write_table
from recon.database.session import has_written, make_engine, read_only, session_factory
from recon.services.import_file import import_file
from tests.books import Books, make_books
from tests.files import csv_file

SCHEMA = {
    "id": pa.int64(),
    "day": pa.date32(),
    "words": pa.string(),
    "final": pa.bool_(),
    "empty": pa.string(),
}
ROWS = pa.table(
    {
        "id": [1, 2, 3],
        "day": pa.array([dt.date(2025, 1, 1), None, dt.date(1899, 12, 31)]),
        "words": ['a "quoted", line\nand æøå', None, "%s \\N \\."],
        "final": [True, False, None],
        "empty": pa.nulls(3, pa.string()),
    }
)
QUERY = "SELECT id, day, words, final, empty FROM sample ORDER BY id"


@pytest.fixture
def sample(session: Session) -> Session:
    session.execute(text("CREATE TABLE sample (id BIGINT, day DATE, words TEXT, final BOOLEAN, empty TEXT)"))
    session.commit()
    return session


def test_what_is_written_is_read_before_and_after_the_commit(sample: Session) -> None:
    write_table(sample, "sample", ROWS)
    assert has_written(sample)
    before = read_table(sample, QUERY, SCHEMA)
    sample.commit()
    assert not has_written(sample)
    after = read_table(sample, QUERY, SCHEMA)
    assert before.to_pylist() == after.to_pylist() == ROWS.to_pylist()
    assert before.schema == after.schema == pa.schema(SCHEMA)


def test_nothing_of_a_rolled_back_write_remains(sample: Session) -> None:
    write_table(sample, "sample", ROWS)
    sample.rollback()
    assert read_table(sample, QUERY, SCHEMA).num_rows == 0


def test_filled_columns(sample: Session) -> None:
    write_table(sample, "sample", ROWS)
    assert filled_columns(sample, ["words", "empty"], "sample") == ["words"]


def test_reserved_keys_are_nobody_else_s(session: Session, books: Books) -> None:
    first, second = reserve_keys(session, "line", 3), reserve_keys(session, "match", 2)
    assert list(first) == sorted(set(first))
    assert len(second) == 2


def test_more_keys_than_are_fetched_together(session: Session, books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "CHUNK", 2)
    keys = [*reserve_keys(session, "line", 5), *reserve_keys(session, "line", 0)]
    assert len(keys) == 5
    assert keys == sorted(set(keys))


def test_a_fresh_session_sees_what_another_committed(database_url: str) -> None:
    """With ADBC on SQLite it did not: docs/decisions/bulk.md."""
    engine = make_engine(database_url)
    sessions = session_factory(engine)
    with sessions.begin() as session:
        preparer = make_books(session).preparer
    with sessions.begin() as session:
        import_file(session, preparer, csv_file([("2025-01-01", "1.00", "a"), ("2025-01-02", "2.00", "b")]))
    with sessions() as session:
        lines = read_table(read_only(session), "SELECT id FROM line", {"id": pa.int64()})
        assert lines.num_rows == 2
        assert not has_written(session)
    engine.dispose()


def test_a_table_whose_first_part_is_empty_is_written_whole(session: Session) -> None:
    rows = pa.table({"name": ["Nord AS"], "country": ["NO"], "currency": ["NOK"]})
    rows = rows.append_column("four_eyes", pa.array([False])).append_column("hide_voided", pa.array([False]))
    none = rows.take(pa.array([], pa.int64()))
    keyed = pa.concat_tables([none, rows]).add_column(0, "id", pa.array([1]))
    write_table(session, "company", keyed)
    assert session.execute(text("SELECT name, country FROM company")).all() == [("Nord AS", "NO")]
