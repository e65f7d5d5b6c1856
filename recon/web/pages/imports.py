"""Importing files: choose, see what would be stored, then store. A file is all or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from recon.access import Permission
from recon.database.models import Account, Batch
from recon.errors import Refusal
from recon.services.import_file import preview_import
from recon.services.plan_import import Plan
from recon.services.undo_import import undo_import
from recon.web import work
from recon.web.pages.page import Page, posted, shown
from recon.web.pages.uploads import Parcel, Upload, find, keep
from recon.web.person import actor, here
from recon.web.storage import command, database
from recon.web.wording import _

RECENT = 15


@dataclass(frozen=True)
class Preview:
    """What one file would do, or the one sentence why it cannot be imported. `account` is the one chosen for it."""

    upload: Upload
    plan: Plan | None = None
    refusal: str = ""
    account: Account | None = None

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
        )

    @posted("/<token>/store")
    def store(self, token: str) -> Response:
        parcel = find(token)
        jobs = [work.import_file(upload, **choices(upload)) for upload in chosen(parcel)]
        return redirect(url_for("jobs.several", ids=",".join(str(job.id) for job in jobs)))

    @posted("/undo/<int:batch_id>")
    def undo(self, batch_id: int) -> Response:
        with command() as session:
            undone = undo_import(session, actor(), batch_id)
        flash(
            _(
                "Undone: %(withdrawn)s lines withdrawn, %(kept)s kept because another file has them too, "
                "%(dissolved)s matches taken apart.",
                withdrawn=undone.withdrawn,
                kept=undone.kept,
                dissolved=undone.dissolved,
            ),
            "success",
        )
        return redirect(url_for("imports.index"))


def previewed(upload: Upload) -> Preview:
    """Reading the file for the page: the account is the one named in the address for this file, if any."""
    account = account_named(request.args.get(f"account_{upload.number}", type=int))
    try:
        plan = preview_import(
            database(), actor(), upload.path, name=upload.name, company_id=here().company_id, account=account
        )
    except Refusal as refusal:
        return Preview(upload, refusal=str(refusal), account=account)
    return Preview(upload, plan, account=account)


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
    """What the preview's form says for one file: its account, and what becomes of accounts that are not set up."""
    create = request.form.get(f"missing_{upload.number}") == "create"
    account = account_named(request.form.get(f"account_{upload.number}", type=int))
    return {"missing": "create" if create else "skip", "account_id": account.id if account else None}
