"""Bank connections: the statement service of each account, the sources that are read, and the log of what they gave."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from flask import flash, redirect, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from recon.access import Permission
from recon.database.models import Account, BankService, Batch
from recon.errors import Refusal
from recon.intake.connection import iban_fault
from recon.services.bank_services import deactivate_service, order_service
from recon.services.run_group import last_heard, silences
from recon.services.sources import FIELDS, add_source, collected_of, pause_source, remove_source, sources_of
from recon.services.undo_import import undo_import
from recon.web import work
from recon.web.formats import number_locale
from recon.web.pages.page import Page, posted, shown
from recon.web.person import actor, here, may
from recon.web.storage import command, database
from recon.web.wording import _, ngettext
from rules.values import parse_day


class Connections(Page):
    """Open to whoever sees the company; orders, sources and taking back are the administrator's."""

    @shown("/")
    def index(self) -> Any:
        company, session = here().company, database()
        rows = [(account, service, last_heard(session, service) if service else None) for account, service in banks()]
        return self.render(
            "pages/connections.html",
            accounts=rows,
            faults={account.id: iban_fault(account.iban) for account, _service, _heard in rows},
            silences=silences(session, company.id, today()),
            sources=sources_of(session, company.id),
            log=collected_of(session, company.id),
            batches=batches(),
            fields=FIELDS,
            states=states(),
            kinds=source_kinds(),
            outcomes=outcomes(),
            field_words=field_words(),
            all_accounts=own_accounts(),
            may_manage=may(Permission.MANAGE_SOURCES),
            may_read=may(Permission.IMPORT),
            may_undo=may(Permission.UNDO_IMPORT),
            today=today().isoformat(),
        )

    @posted("/order")
    def order(self) -> Response:
        form = request.form
        chosen = form.getlist("account", type=int)
        with command() as session:
            ordered = order_service(
                session,
                actor(),
                here().company_id,
                chosen,
                bank=form.get("bank", ""),
                from_on=day_of(form.get("from_on", "")),
                agreement=form.get("agreement", "").strip() or None,
            )
        said = ngettext("%(num)s account is", "%(num)s accounts are", len(ordered))
        flash(_("%(said)s pending: order the agreement at the bank now.", said=said), "success")
        return redirect(url_for("connections.index"))

    @posted("/deactivate")
    def deactivate(self) -> Response:
        with command() as session:
            count = deactivate_service(
                session, actor(), here().company_id, request.form.getlist("account", type=int), today()
            )
        said = ngettext("%(num)s account is", "%(num)s accounts are", count)
        flash(
            _("%(said)s deactivated. End the agreement with the bank too: it charges until then.", said=said), "warning"
        )
        return redirect(url_for("connections.index"))

    @posted("/sources/add")
    def add(self) -> Response:
        form = request.form
        kind = form.get("kind", "")
        with command() as session:
            source = add_source(
                session,
                actor(),
                here().company_id,
                name=form.get("name", ""),
                kind=kind,
                place=place_typed(kind),
                pattern=form.get("pattern", "*"),
                account_id=form.get("account", type=int),
            )
        flash(_("The source %(name)s is read from now on.", name=source.name), "success")
        return redirect(url_for("connections.index"))

    @posted("/sources/<int:source_id>/read")
    def read(self, source_id: int) -> Response:
        job = work.collect(source_id)
        return redirect(url_for("jobs.show", job_id=job.id))

    @posted("/sources/<int:source_id>/pause")
    def pause(self, source_id: int) -> Response:
        with command() as session:
            pause_source(session, actor(), source_id, "paused" in request.form)
        return redirect(url_for("connections.index"))

    @posted("/sources/<int:source_id>/remove")
    def remove(self, source_id: int) -> Response:
        with command() as session:
            remove_source(session, actor(), source_id)
        flash(_("The source is removed; what it gave stays."), "success")
        return redirect(url_for("connections.index"))

    @posted("/files/<int:batch_id>/take-back")
    def take_back(self, batch_id: int) -> Response:
        with command() as session:
            undone = undo_import(session, actor(), batch_id, reason=request.form.get("reason", ""))
        flash(_("Taken back: %(lines)s lines. The file goes into quarantine.", lines=undone.withdrawn), "success")
        return redirect(url_for("connections.index"))


def banks() -> list[tuple[Account, BankService | None]]:
    """The bank accounts of the company with their service, which is the latest that was ordered."""
    query = select(Account).where(Account.company_id == here().company_id, Account.kind == "bank")
    accounts = database().scalars(query.order_by(Account.number)).all()
    ordered = select(BankService).where(BankService.account_id.in_([account.id for account in accounts]))
    latest = {service.account_id: service for service in database().scalars(ordered.order_by(BankService.id))}
    return [(account, latest.get(account.id)) for account in accounts]


def batches() -> dict[int, int]:
    """The standing import of each collected file."""
    query = select(Batch.collected_id, Batch.id).where(
        Batch.company_id == here().company_id, Batch.collected_id.is_not(None), Batch.undone_event_id.is_(None)
    )
    return {collected: batch for collected, batch in database().execute(query) if collected is not None}


def own_accounts() -> list[Account]:
    query = select(Account).where(Account.company_id == here().company_id).order_by(Account.number)
    return list(database().scalars(query))


def place_typed(kind: str) -> dict[str, Any]:
    """The place as the form says it; columns are written as `field = their column`, one a line."""
    needed, possible = FIELDS.get(kind, ((), ()))
    typed: dict[str, Any] = {key: request.form.get(f"{kind}_{key}", "").strip() for key in (*needed, *possible)}
    if "columns" in typed:
        typed["columns"] = columns_typed(typed["columns"])
    return typed


def columns_typed(text: str) -> dict[str, str]:
    if text.startswith("{"):
        try:
            return {str(key): str(value) for key, value in json.loads(text).items()}
        except ValueError as error:
            raise Refusal(_("The columns are no JSON: %(reason)s.", reason=str(error))) from None
    pairs = [line.partition("=") for line in text.splitlines() if line.strip()]
    if any(not mark for _field, mark, _column in pairs):
        raise Refusal(_("Write the columns as “our field = their column”, one a line."))
    return {field.strip(): column.strip() for field, _mark, column in pairs}


def day_of(typed: str) -> dt.date:
    try:
        return parse_day(typed, number_locale())
    except ValueError:
        raise Refusal(_("%(day)s is no date; write it as 2026-01-31.", day=typed)) from None


def today() -> dt.date:
    return dt.datetime.now(dt.UTC).date()


def states() -> dict[str, str]:
    return {"pending": _("pending"), "active": _("active"), "deactivated": _("deactivated")}


def source_kinds() -> dict[str, str]:
    return {"folder": _("Watched folder"), "sftp": _("SFTP server"), "sql": _("Database of another program")}


def outcomes() -> dict[str, str]:
    return {
        "stored": _("stored"),
        "known": _("nothing new"),
        "refused": _("refused"),
        "withdrawn": _("taken back"),
    }


def field_words() -> dict[str, str]:
    """What is asked of the place of a source."""
    return {
        "path": _("Folder on this machine"),
        "host": _("Server"),
        "port": _("Port"),
        "user": _("User"),
        "folder": _("Folder on the server"),
        "host_key": _("Host key of the server (SHA256:…)"),
        "key_file": _("Environment variable with the path of the key file"),
        "password": _("Environment variable with the password"),
        "url": _("Environment variable with the database address"),
        "lines": _("Query for lines (may use :first and :last)"),
        "balances": _("Query for balances (account_number, on_date, amount)"),
        "columns": _("Columns: our field = their column, one a line"),
        "days": _("Days to look back"),
    }
