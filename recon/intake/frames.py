"""Lines as the rules read them: a pandas frame with Arrow-backed columns (see `rules.fields`)."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pyarrow as pa

from recon.errors import Unreadable
from recon.intake.detect import read_file
from recon.intake.fingerprint import FINGERPRINT, OCCURRENCE, identified, line_ids
from recon.intake.statement import ID, PART, Reading, Statement, TableStatements, account_key
from rules.wording import _


def lines_frame(reading: Reading, *, account: str | None = None) -> pd.DataFrame:
    """All lines of a file, or those of one account; `id` is the file's own or else fingerprint.occurrence.

    A file that carries line ids keeps them. Raises Unreadable if the account is not in the file.
    """
    lines = _whole(reading) if account is None else None
    if lines is None:
        lines = _with_ids(_of_account(reading, account))
    frame: pd.DataFrame = lines.to_pandas(types_mapper=pd.ArrowDtype)
    return frame


def read_side(path: Path, *, account: str | None = None) -> pd.DataFrame:
    """The frame of one side of `recon match`, see `side_frame`."""
    return side_frame(read_file(path), path.name, account=account)


def side_frame(reading: Reading, name: str, *, account: str | None = None) -> pd.DataFrame:
    """The lines of a file that is one side. Raises Unreadable if it holds several accounts and none is named.

    A canonical table is one side whatever account numbers stand in it: there the column is a field like any other.
    """
    if account is None and not _canonical(reading):
        accounts = sorted({s.account or "" for s in reading.statements if len(s.lines)})
        if len(accounts) > 1:
            sentence = _("{file} holds several accounts ({accounts}): name one of them.")
            raise Unreadable(sentence.format(file=name, accounts=_listed(accounts)))
    return lines_frame(reading, account=account)


def _of_account(reading: Reading, account: str | None) -> list[Statement]:
    if account is None:
        return list(reading.statements)
    named = [s for s in reading.statements if s.account_key == account_key(account)]
    if not named:
        known = sorted({s.account or "" for s in reading.statements} - {""})
        if not known:
            raise Unreadable(_("The file names no accounts, so none can be called {account}.").format(account=account))
        raise Unreadable(
            _("The account {account} is not in the file, which holds {accounts}.").format(
                account=account, accounts=_listed(known)
            )
        )
    return named


def _listed(accounts: list[str], longest: int = 20) -> str:
    more = len(accounts) - longest
    return ", ".join(accounts[:longest]) + (_(" and {n} more").format(n=more) if more > 0 else "")


def _whole(reading: Reading) -> pa.Table | None:
    """All lines of a canonical table of several accounts, as they stand in it."""
    return reading.statements.table if isinstance(reading.statements, TableStatements) else None


def _canonical(reading: Reading) -> bool:
    return _whole(reading) is not None or any(ID in s.lines.column_names for s in reading.statements)


def _with_ids(statements: list[Statement]) -> pa.Table:
    tables = [s.lines for s in statements if len(s.lines)]
    if tables and all(ID in table.column_names for table in tables):
        lines = pa.concat_tables(tables, promote_options="default")
    else:
        lines = identified(statements)
        lines = lines.append_column(ID, line_ids(lines)).drop_columns([FINGERPRINT, OCCURRENCE])
    return lines.drop_columns([PART]) if PART in lines.column_names else lines
