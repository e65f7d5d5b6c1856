"""Importing files: choose, see what would be stored, then store. A file is all or nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, request, url_for
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from recon.access import Permission
from recon.database.models import Account, Batch
from recon.errors import Refusal
from recon.intake.revisions import Covered
from recon.services.import_file import preview_import
from recon.services.judge_lines import NO_DECISIONS, Decisions, Refused
from recon.services.plan_import import Plan
from recon.services.read_delivery import is_table
from recon.services.undo_import import Part, Undone, undo_import
from recon.web import work
from recon.web.pages.page import Page, back, posted, shown
from recon.web.pages.uploads import Parcel, Upload, find, keep
from recon.web.person import actor, here, may
from recon.web.storage import command, database
from recon.web.wording import _

RECENT = 15


@dataclass(frozen=True)
class Preview:
    """What one file would do, or the one sentence why it cannot be imported.

    `account` is the one chosen for it; `table` says that a mapping of its columns may help.
    """

    upload: Upload
    plan: Plan | None = None
    refusal: str = ""
    account: Account | None = None
    table: bool = False
    decisions: Decisions = NO_DECISIONS

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

    def expected(self, accounts: Sequence[Account]) -> bool:
        """Whether the file is one for this company: it holds an account that is set up, or none is set up yet.

        What only names strange accounts may be another company's file; it waits for a person to tick it.
        """
        return self.importable and self.plan is not None and bool(self.plan.accounts or not accounts)

    @property
    def errors(self) -> list[str]:
        if self.plan is None:
            return [self.refusal]
        return [finding.sentence for finding in self.plan.findings if finding.severity == "error"]


class Imports(Page):
    """Upload, preview, store, undo."""

    permission = Permission.IMPORT

    @shown("/")
    def index(self) -> Any:
        query = select(Batch).where(Batch.company_id == here().company_id).order_by(Batch.id.desc()).limit(RECENT)
        return self.render("pages/import.html", recent=database().scalars(query).all())

    @posted("/upload")
    def upload(self) -> Response:
        parcel = keep(request.files.getlist("file"))
        return redirect(url_for("imports.preview", token=parcel.token))

    @shown("/<token>/")
    def preview(self, token: str) -> Any:
        parcel = find(token)
        previews = [previewed(upload) for upload in parcel.files]
        return self.render(
            "pages/import_preview.html",
            parcel=parcel,
            previews=previews,
            accounts=own_accounts(),
            any_importable=any(each.importable for each in previews),
            rung_words=rung_words(),
        )

    @posted("/<token>/store")
    def store(self, token: str) -> Response:
        parcel = find(token)
        jobs = [work.import_file(upload, **choices(upload)) for upload in chosen(parcel)]
        return redirect(url_for("jobs.several", ids=",".join(str(job.id) for job in jobs)))

    @posted("/undo/<int:batch_id>")
    def undo(self, batch_id: int) -> Response:
        with command() as session:
            undone = undo_import(session, actor(), batch_id, part_typed(), request.form.get("reason", ""))
        flash(told(undone), "success")
        return redirect(back(url_for("imports.index")))


def part_typed() -> Part:
    """What of an import is to be taken back: whole, unless the form names an account or days."""
    days = [request.form.get(name, "").strip() for name in ("first", "last")]
    try:
        first, last = (dt.date.fromisoformat(day) if day else None for day in days)
    except ValueError:
        raise Refusal(_("%(day)s is no date; write it as 2026-01-31.", day=" – ".join(days))) from None
    return Part(request.form.get("account", type=int), first, last)


def told(undone: Undone) -> str:
    said: str = _(
        "Undone: %(withdrawn)s lines withdrawn, %(kept)s kept because another file has them too, "
        "%(dissolved)s matches taken apart.",
        withdrawn=undone.withdrawn,
        kept=undone.kept,
        dissolved=undone.dissolved,
    )
    if undone.restored:
        said += " " + _("%(restored)s lines that the import had replaced are back.", restored=undone.restored)
    return said


def previewed(upload: Upload) -> Preview:
    """Reading the file for the page: account and covered days are those named in the address for this file, if any."""
    account = account_named(request.args.get(f"account_{upload.number}", type=int))
    decisions = decided(request.args, upload)
    try:
        plan = preview_import(
            database(),
            actor(),
            upload.path,
            name=upload.name,
            company_id=here().company_id,
            account=account,
            decisions=decisions,
        )
    except Refusal as refusal:
        table = may(Permission.EDIT_MAPPINGS) and _is_table(upload)
        return Preview(upload, refusal=str(refusal), account=account, table=table, decisions=decisions)
    return Preview(upload, plan, account=account, table=_is_table(upload), decisions=decisions)


def _is_table(upload: Upload) -> bool:
    try:
        return is_table(upload.path, upload.name)
    except Refusal:
        return False


def decided(form: MultiDict[str, str], upload: Upload) -> Decisions:
    """What the form says of one file: rungs overruled, changes accepted, days covered."""
    number = upload.number
    days = [form.get(f"covers_{end}_{number}", "").strip() for end in ("from", "to")]
    try:
        covers = Covered(*(dt.date.fromisoformat(day) for day in days)) if all(days) else None
    except ValueError:
        raise Refusal(_("%(day)s is no date; write it as 2026-01-31.", day=" – ".join(days))) from None
    return Decisions(frozenset(form.getlist(f"anyway_{number}")), f"accept_{number}" in form, covers)


def own_accounts() -> list[Account]:
    query = select(Account).where(Account.company_id == here().company_id).order_by(Account.kind, Account.number)
    return list(database().scalars(query))


def account_named(account_id: int | None) -> Account | None:
    return next((account for account in own_accounts() if account.id == account_id), None)


def chosen(parcel: Parcel) -> list[Upload]:
    wanted = set(request.form.getlist("file"))
    picked = [upload for upload in parcel.files if str(upload.number) in wanted]
    if not picked:
        raise Refusal(_("Choose at least one of the files."))
    return picked


def choices(upload: Upload) -> dict[str, Any]:
    """What the preview's form says for one file: its account, what becomes of accounts that are not set up, and what
    was decided about doubles and changes."""
    create = request.form.get(f"missing_{upload.number}") == "create"
    account = account_named(request.form.get(f"account_{upload.number}", type=int))
    return {
        "missing": "create" if create else "skip",
        "account_id": account.id if account else None,
        "decisions": decided(request.form, upload),
    }


def rung_words() -> dict[str, str]:
    """Why lines are left out, and what overruling it would do, by rung of the ladder."""
    return {
        "line": _("here already, with the same content"),
        "reference": _("here already, by the bank's reference, with other words"),
        "parts": _("the same money as lines here already: a sum and its parts"),
        "statement": _("this statement is here already with other content"),
        "changed": _("vouchers that are here already and have changed"),
        "no-lump": _("details without a sum in the statement of their day"),
    }
