"""Damaged files brought in: stored as read or refused in one sentence, and nothing of a refused one stands.

RECON_DAMAGED_IMPORTS says how many of a kind; `script/acceptance lines-in` has more.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from recon.database.models import Account, Base
from recon.database.session import make_engine, session_factory
from recon.errors import Refusal
from recon.intake.detect import read_file
from recon.services.import_file import import_file
from recon.services.verify_lines import line_findings
from tests.books import add_account, add_actor, add_company, add_group
from tests.intake.damage import SOUND, damaged

FILES = int(os.environ.get("RECON_DAMAGED_IMPORTS", "12"))
SEED = int(os.environ.get("RECON_SEED", "20240131"))
APART = {"excel .xls", "excel .xlsb", "excel .ods"}
"""Opened in a process of their own, a new one for each file."""


@pytest.mark.parametrize("kind", [kind for kind in SOUND if kind not in APART])
def test_a_damaged_file_is_stored_as_read_or_not_at_all(
    sqlite_url: str, tmp_path: Path, kind: str, record_property: Callable[[str, object], None]
) -> None:
    sessions = session_factory(make_engine(sqlite_url))
    path = tmp_path / SOUND[kind][0]
    with sessions.begin() as session:
        company = add_company(session)
        actor = add_actor(session, company, "admin", "preparer")
        bank = add_account(session, company, "bank", "86011117947")
        given = bank.id if not account_named(SOUND[kind][1](), path.name) else 0
        add_group(session, company, add_account(session, company, "ledger", "1920"), bank)
    stored = 0
    for content in [SOUND[kind][1](), *damaged(kind, FILES, SEED)]:
        path.write_bytes(content)
        with sessions() as session:
            before = counts(session)
            account = session.get(Account, given)
            with suppress(Refusal):
                done = import_file(session, actor, path, company_id=company.id, account=account, missing="create")
                session.commit()
                assert counts(session)["line"] - before["line"] == done.new
                stored += 1
                continue
            session.rollback()
            assert counts(session) == before
    with sessions() as session:
        assert list(line_findings(session)) == []
    record_property("figure", f"{kind}: {stored} stored, {FILES + 1 - stored} refused")
    assert 0 < stored <= FILES


def account_named(content: bytes, name: str) -> bool:
    return any(statement.account for statement in read_file(content, name).statements)


def counts(session: Session) -> dict[str, int]:
    """Rows of every table."""
    return {
        name: session.scalar(select(func.count()).select_from(table)) or 0
        for name, table in Base.metadata.tables.items()
    }
