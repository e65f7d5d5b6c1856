"""A file on its way in: read by the format that claims it, or a bank's table by the mapping saved for its headings."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from recon.database.models import Account, ColumnMapping
from recon.intake.canonical import REQUIRED
from recon.intake.detect import HEAD, read_file
from recon.intake.mapping import fingerprint_of, open_table, propose, read_with
from recon.intake.readers import csv, excel
from recon.intake.readers.csv import first_columns
from recon.intake.statement import Reading
from recon.intake.stream import opened, sha256_of
from recon.services.column_mappings import mapping_of_headings, profile_of


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
    if mapping is None and company is None:
        return Delivery(read_file(source, name), account)
    grid = open_table(source, name)
    found = mapping or mapping_of_headings(session, company or 0, fingerprint_of(grid), account)
    if found is None and account is not None:
        proposal = propose(grid, account.currency)
        if proposal.settled:
            return Delivery(proposal.reading_with_findings().with_sha256(digest_of(source, name)), account)
    if found is None:
        return Delivery(read_file(source, name), account)
    reading = read_with(grid, profile_of(found)).with_sha256(digest_of(source, name))
    own = session.get(Account, found.account_id) if found.account_id and account is None else account
    return Delivery(reading, own, found)


def digest_of(source: Path | bytes, name: str) -> str:
    """SHA-256 of the file's bytes, in hexadecimal digits."""
    with opened(source, name) as stream:
        return sha256_of(stream)


def is_table(source: Path | bytes, name: str) -> bool:
    """Whether the file is CSV or a workbook with columns of somebody else's naming."""
    with opened(source, name) as stream:
        head = stream.read(HEAD)
    if excel.sniff(head, name):
        return True
    return csv.sniff(head, name) and len(set(first_columns(head)).intersection(REQUIRED)) < 2
