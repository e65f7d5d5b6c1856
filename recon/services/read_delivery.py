"""A file on its way in: read by the format that claims it, or a bank's table by the mapping saved for its headings."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from recon.database.models import Account, ColumnMapping
from recon.errors import Unreadable
from recon.intake.canonical import REQUIRED
from recon.intake.detect import HEAD, read_file
from recon.intake.mapping import Grid, Profile, fingerprint_of, open_table, propose, read_with
from recon.intake.readers import csv, excel
from recon.intake.readers.csv import first_columns
from recon.intake.statement import Reading
from recon.services.column_mappings import mapping_of_headings, profile_of
from rules.wording import _


@dataclass(frozen=True)
class Delivery:
    """A file as read, with the account that its mapping is for, if it was read by one."""

    reading: Reading
    account: Account | None = None
    mapping: ColumnMapping | None = None


def read_delivery(
    session: Session,
    source: Path | bytes,
    name: str,
    *,
    format: str | None = None,
    company_id: int | None = None,
    account: Account | None = None,
    mapping: ColumnMapping | None = None,
) -> Delivery:
    """Read a file. A table with a bank's columns goes by `mapping`, else by the one saved for its headings in the
    company. Raises Unreadable."""
    if mapping is None and not (format is None and is_table(source, name)):
        return Delivery(read_file(source, name, format=format), account)
    company = account.company_id if account else company_id
    content = source if isinstance(source, bytes) else _content(source, name)
    if mapping is None and company is None:
        return Delivery(read_file(content, name), account)
    grid = open_table(content, name)
    found = mapping or mapping_of_headings(session, company or 0, fingerprint_of(grid), account)
    if found is None and account is not None:
        proposal = propose(grid, account.currency)
        if proposal.settled:
            sha256 = hashlib.sha256(content).hexdigest()
            return Delivery(proposal.reading_with_findings().with_sha256(sha256), account)
    if found is None:
        return Delivery(read_file(content, name), account)
    reading = read_mapped(grid, profile_of(found), content)
    own = session.get(Account, found.account_id) if found.account_id and account is None else account
    return Delivery(reading, own, found)


def read_mapped(grid: Grid, profile: Profile, content: bytes) -> Reading:
    """The table by a profile, with the digest of its file."""
    return read_with(grid, profile).with_sha256(hashlib.sha256(content).hexdigest())


def is_table(source: Path | bytes, name: str) -> bool:
    """Whether the file is CSV or a workbook with columns of somebody else's naming."""
    head = source[:HEAD] if isinstance(source, bytes) else _head(source, name)
    if excel.sniff(head, name):
        return True
    return csv.sniff(head, name) and len(set(first_columns(head)).intersection(REQUIRED)) < 2


def _head(path: Path, name: str) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(HEAD)
    except OSError as error:
        raise _closed(name, error) from None


def _content(path: Path, name: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise _closed(name, error) from None


def _closed(name: str, error: OSError) -> Unreadable:
    return Unreadable(_("{file} cannot be opened: {reason}.").format(file=name, reason=error.strerror))
