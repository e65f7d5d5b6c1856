"""What each uploaded file would do, as its owner's choices on the preview have it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from recon.access import Permission
from recon.database.models import Account
from recon.errors import Refusal
from recon.intake.revisions import Covered
from recon.intake.statement import Statement
from recon.services.import_file import preview_import
from recon.services.judge_lines import NO_DECISIONS, AccountLines, Decisions, Refused
from recon.services.place_statements import account_name
from recon.services.plan_import import Plan
from recon.services.read_delivery import is_table
from recon.web.pages.uploads import Parcel, Upload
from recon.web.person import actor, here, may
from recon.web.storage import database
from recon.web.wording import _
from recon.web.work import Wanted

Choices = MultiDict[str, str]


@dataclass(frozen=True)
class Row:
    """A row of the preview: one account of a file, set up (`lines`) or not, and its statements in order of the file."""

    name: str
    title: str
    currency: str
    statements: Sequence[Statement]
    lines: AccountLines | None = None

    @property
    def first(self) -> Statement:
        return self.statements[0]

    @property
    def last(self) -> Statement:
        return self.statements[-1]

    @property
    def sum_minor(self) -> int:
        return sum(statement.sum_minor for statement in self.statements)

    @property
    def holds(self) -> bool | None:
        """Opening + sum = closing; None where the file has not both balances."""
        opening, closing = self.first.opening, self.last.closing
        return None if not opening or not closing else opening.amount_minor + self.sum_minor == closing.amount_minor

    @property
    def new(self) -> int:
        return self.lines.new.num_rows if self.lines else sum(s.lines.num_rows for s in self.statements)

    def sample(self, most: int) -> list[dict[str, Any]]:
        """The first lines that would be stored, with the columns that they are stored in."""
        tables = [self.lines.new] if self.lines else [_renamed(statement.lines) for statement in self.statements]
        return [row for table in tables for row in table.slice(0, most).to_pylist()][:most]


def _renamed(lines: pa.Table) -> pa.Table:
    names = {"booking_date": "booked_on", "amount": "amount_minor"}
    return lines.rename_columns([names.get(name, name) for name in lines.column_names])


@dataclass(frozen=True)
class Preview:
    """What one file would do, or the one sentence why it cannot be imported.

    `account` is the one chosen for it; `table` says that a mapping of its columns may help; `choices` are those of the
    page's form as it was last sent.
    """

    upload: Upload
    plan: Plan | None = None
    refusal: str = ""
    account: Account | None = None
    table: bool = False
    decisions: Decisions = NO_DECISIONS
    choices: Choices = field(default_factory=MultiDict)

    @property
    def format(self) -> str | None:
        return format_of(self.choices, self.upload)

    @property
    def rows(self) -> list[Row]:
        """Accounts that are set up, then the others, each once."""
        accounts = self.plan.accounts if self.plan else ()
        found = [Row(a.account.number, a.account.name, a.account.currency, a.statements, a) for a in accounts]
        return [*found, *self._absent()]

    def _absent(self) -> Iterator[Row]:
        by_name: dict[str, list[Statement]] = {}
        for statement in self.plan.unknown if self.plan else ():
            assert self.plan is not None
            by_name.setdefault(account_name(self.plan.reading, statement), []).append(statement)
        for name, statements in by_name.items():
            yield Row(name, statements[0].account_name or "", statements[0].currency, statements)

    @property
    def refused(self) -> list[tuple[Account, Refused]]:
        """Lines that are left out and may be stored all the same; changes are decided apart."""
        accounts = self.plan.accounts if self.plan else ()
        return [(each.account, r) for each in accounts for r in each.refused if r.rung != "changed"]

    @property
    def changes(self) -> int:
        return sum(len(each.changes) for each in self.plan.accounts) if self.plan else 0

    @property
    def coverable(self) -> bool:
        """A plain table of a ledger account does not say whether it is whole; a person may."""
        accounts = self.plan.accounts if self.plan else ()
        return any(a.account.kind != "bank" and not (a.covered and not self.decisions.covers) for a in accounts)

    @property
    def importable(self) -> bool:
        return self.plan is not None and not self.errors and bool(self.plan.accounts or self.plan.unknown)

    def ticked(self, accounts: Sequence[Account]) -> bool:
        """As its owner has it; else whether the file is one for this company: it holds an account that is set up, or
        none is set up yet. What only names strange accounts may be another company's file."""
        number = str(self.upload.number)
        if number in self.choices.getlist("offered"):
            return number in self.choices.getlist("file")
        return self.importable and self.plan is not None and bool(self.plan.accounts or not accounts)

    def creates(self, name: str, accounts: Sequence[Account]) -> bool:
        """Whether an account that is not set up is to be created: as its owner has it, else where none is set up."""
        if str(self.upload.number) in self.choices.getlist("offered"):
            return name in self.choices.getlist(f"create_{self.upload.number}")
        return not accounts

    @property
    def errors(self) -> list[str]:
        if self.plan is None:
            return [self.refusal]
        return [finding.sentence for finding in self.plan.findings if finding.severity == "error"]


def previewed(parcel: Parcel, upload: Upload) -> Preview:
    """Read the file with the account, the covered days and the decisions that were chosen for it."""
    account = account_named(parcel.choices.get(f"account_{upload.number}", type=int))
    try:
        decisions = decided(parcel.choices, upload)
        plan = preview_import(
            database(),
            actor(),
            upload.path,
            name=upload.name,
            format=format_of(parcel.choices, upload),
            company_id=here().company_id,
            account=account,
            decisions=decisions,
        )
    except Refusal as refusal:
        table = may(Permission.EDIT_MAPPINGS) and _is_table(upload)
        return Preview(upload, None, str(refusal), account, table, choices=parcel.choices)
    return Preview(upload, plan, "", account, _is_table(upload), decisions, parcel.choices)


def format_of(form: Choices, upload: Upload) -> str | None:
    """The reader that its owner names, for a file that several claim or none does."""
    return form.get(f"format_{upload.number}") or None


def _is_table(upload: Upload) -> bool:
    try:
        return is_table(upload.path, upload.name)
    except Refusal:
        return False


def decided(form: Choices, upload: Upload) -> Decisions:
    """What the form says of one file: rungs overruled, changes accepted, days covered."""
    number = upload.number
    days = [form.get(f"covers_{end}_{number}", "").strip() for end in ("from", "to")]
    try:
        covers = Covered(*(dt.date.fromisoformat(day) for day in days)) if all(days) else None
    except ValueError:
        raise Refusal(_("%(day)s is no date; write it as 2026-01-31.", day=" – ".join(days))) from None
    return Decisions(frozenset(form.getlist(f"anyway_{number}")), f"accept_{number}" in form, covers)


def wanted(form: Choices, upload: Upload) -> Wanted:
    """What the preview's form says for one file: its account, which accounts that are not set up are created, and what
    was decided about doubles and changes."""
    account = account_named(form.get(f"account_{upload.number}", type=int))
    created = form.getlist(f"create_{upload.number}")
    return Wanted(upload, created, account.id if account else None, format_of(form, upload), decided(form, upload))


def own_accounts() -> list[Account]:
    query = select(Account).where(Account.company_id == here().company_id).order_by(Account.kind, Account.number)
    return list(database().scalars(query))


def account_named(account_id: int | None) -> Account | None:
    return next((account for account in own_accounts() if account.id == account_id), None)
