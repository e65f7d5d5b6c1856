"""Every file of the sample set that can be read is brought in: all of its lines once, and nothing the second time."""

from __future__ import annotations

from pathlib import Path

import pytest

from recon.database.models import Account
from recon.database.session import make_engine, session_factory
from recon.errors import Refusal, Unreadable
from recon.intake.detect import read_file
from recon.services.import_file import import_file
from recon.services.verify_lines import line_findings
from tests.books import add_account, add_actor, add_company
from tests.conftest import sqlite_copy
from tests.intake.test_intake_samples import MANIFEST, READ, SAMPLES

pytestmark = pytest.mark.skipif(not MANIFEST.exists(), reason=f"no sample set at {SAMPLES}")


@pytest.mark.parametrize("format", sorted({row["format"] for row in READ}))
def test_samples_are_stored_once(prepared_sqlite: Path, tmp_path: Path, format: str) -> None:
    for number, row in enumerate(row for row in READ if row["format"] == format):
        folder = tmp_path / str(number)
        folder.mkdir()
        require_stored_once(sqlite_copy(prepared_sqlite, folder), SAMPLES / row["file"])


def require_stored_once(url: str, path: Path) -> None:
    """In a company of its own; a file that names no account is given one, of each currency in its turn."""
    try:
        reading = read_file(path)
    except Unreadable:
        return
    lines = sum(statement.lines.num_rows for statement in reading.statements)
    nameless = {statement.currency for statement in reading.statements if statement.account is None}
    engine = make_engine(url)
    with session_factory(engine)() as session:
        company = add_company(session)
        actor = add_actor(session, company, "admin", "preparer")
        accounts: list[Account | None] = [
            add_account(session, company, "bank", f"of the file {code}", "NOK" if code == "XXX" else code)
            for code in sorted(nameless)
        ]
        for new in (lines, 0):
            if not reading.statements:
                with pytest.raises(Refusal, match="no statement"):
                    import_file(session, actor, path, company_id=company.id)
                continue
            done = [
                import_file(session, actor, path, company_id=company.id, account=account, missing="create").new
                for account in accounts or [None]
            ]
            assert sum(done) == new, path.name
        assert list(line_findings(session)) == []
    engine.dispose()
