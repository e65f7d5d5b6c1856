"""The mapping wizard: what the columns of a bank's table mean. It proposes, asks what stays open, shows the proof."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from flask import flash, redirect, request, url_for
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from recon.access import Permission
from recon.database.models import Account, ColumnMapping
from recon.errors import NotFound, Refusal
from recon.intake.mapping import (
    ROLES,
    SIGN_RULES,
    Grid,
    Profile,
    Proposal,
    answered,
    check,
    fingerprint_of,
    open_table,
    propose,
    proposed_again,
)
from recon.services.column_mappings import mapping_of_headings, profile_of, remove_mapping, save_mapping
from recon.web.pages.import_preview import account_named, own_accounts
from recon.web.pages.page import Page, posted, shown
from recon.web.pages.uploads import Upload, choose, find
from recon.web.person import actor, here
from recon.web.storage import command, database
from recon.web.wording import _
from rules.wording import _ as said

SHOWN = 6
SETTINGS = ("decimal", "date_order", "sign")
ANSWER = "answer_"


@dataclass(frozen=True)
class Draft:
    """A mapping on the page: the proposal read with it, and the saved one that it began with."""

    grid: Grid
    proposal: Proposal
    account: Account | None
    saved: ColumnMapping | None
    name: str

    @property
    def profile(self) -> Profile:
        return self.proposal.profile

    @property
    def sample(self) -> list[dict[str, Any]]:
        """The first lines as they would be stored."""
        reading = self.proposal.reading
        tables = [statement.lines for statement in reading.statements] if reading else []
        return [row for table in tables for row in table.slice(0, SHOWN).to_pylist()][:SHOWN]


class Mappings(Page):
    """Saved mappings, and the wizard for a file that is being imported."""

    permission = Permission.EDIT_MAPPINGS

    @shown("/")
    def index(self) -> Any:
        query = select(ColumnMapping).where(ColumnMapping.company_id == here().company_id).order_by(ColumnMapping.name)
        names = {account.id: f"{account.number} {account.name}" for account in own_accounts()}
        return self.render("pages/mappings.html", mappings=list(database().scalars(query)), account_names=names)

    @shown("/<token>/<int:number>/")
    def edit(self, token: str, number: int) -> Any:
        upload = uploaded(token, number)
        return self._page(token, upload, drafted(upload, request.args))

    def _page(self, token: str, upload: Upload, draft: Draft) -> Any:
        return self.render(
            "pages/mapping.html",
            token=token,
            upload=upload,
            draft=draft,
            accounts=own_accounts(),
            roles={key: said(label) for key, label in ROLES.items()},
            settings=settings(),
            rows=draft.grid.head(SHOWN + 2),
            answer=ANSWER,
        )

    @posted("/<token>/<int:number>/save")
    def save(self, token: str, number: int) -> Response:
        upload = uploaded(token, number)
        draft = drafted(upload, request.form)
        if draft.proposal.reading is None:
            raise Refusal(draft.proposal.refusal)
        with command() as session:
            saved = save_mapping(session, actor(), here().company_id, draft.name, draft.profile, draft.account)
        flash(_("Mapping %(name)s is saved; files with these headings are read by it.", name=saved.name), "success")
        if draft.account is not None:
            parcel = find(token)
            parcel.choices[f"account_{upload.number}"] = str(draft.account.id)
            choose(parcel, parcel.choices)
        return redirect(url_for("imports.preview", token=token))

    @posted("/remove/<int:mapping_id>")
    def remove(self, mapping_id: int) -> Response:
        with command() as session:
            remove_mapping(session, actor(), mapping_id)
        flash(_("The mapping is removed; what was read by it stays."), "success")
        return redirect(url_for("mappings.index"))


def uploaded(token: str, number: int) -> Upload:
    upload = next((each for each in find(token).files if each.number == number), None)
    if upload is None:
        raise NotFound(_("These files are no longer here; choose them again."))
    return upload


def drafted(upload: Upload, form: MultiDict[str, str]) -> Draft:
    """The mapping as the form has it; without a form the saved one for these headings, else the proposed one."""
    grid = open_table(upload.path, upload.name)
    account = account_named(form.get("account", type=int))
    saved = mapping_of_headings(database(), here().company_id, fingerprint_of(grid), account)
    if account is None and saved is not None and "role_0" not in form:
        account = account_named(saved.account_id)
    if "role_0" in form:
        profile, columns_said = typed_profile(grid, form)
        proposal = proposed_again(grid, profile) if columns_said else check(grid, profile)
    elif saved is not None:
        proposal = check(grid, profile_of(saved))
    else:
        proposal = propose(grid, account.currency if account else None)
    proposal = company_currency_first(proposal)
    name = form.get("name", "").strip() or _usual_name(proposal, account, saved, upload)
    return Draft(grid, proposal, account, saved, name)


def company_currency_first(proposal: Proposal) -> Proposal:
    """Where the file does not say its currency, the company's is the likeliest."""
    own = here().company.currency
    asked = tuple(
        replace(each, options=((own, own), *(option for option in each.options if option[0] != own)))
        if each.code == "currency"
        else each
        for each in proposal.open_questions
    )
    return replace(proposal, open_questions=asked)


def _usual_name(proposal: Proposal, account: Account | None, saved: ColumnMapping | None, upload: Upload) -> str:
    if saved is not None:
        return saved.name
    return f"{proposal.profile.bank or upload.name.rsplit('.', 1)[0]} {account.number if account else ''}".strip()


def typed_profile(grid: Grid, form: MultiDict[str, str]) -> tuple[Profile, bool]:
    """The profile that the form says, its answers to open questions last, and whether one said what a column is."""
    base = propose(grid).profile
    roles = tuple(form.get(f"role_{place}", "") for place in range(len(base.roles)))
    document = base.to_document() | {
        "roles": list(roles),
        "currency": form.get("currency", "").strip().upper() or None,
        "minus": [mark.strip() for mark in form.get("minus", "").split(",") if mark.strip()],
        **{name: form.get(name) for name in SETTINGS if form.get(name)},
    }
    profile = Profile.from_document(document)
    answers = {name.removeprefix(ANSWER): value for name, value in form.items() if name.startswith(ANSWER) and value}
    for code, value in answers.items():
        profile = answered(profile, code, value)
    return replace(profile, bank=base.bank), any(code in ROLES for code in answers)


def settings() -> dict[str, list[tuple[str, str]]]:
    """The choices of how cells are written."""
    return {
        "decimal": [(",", _("a comma parts decimals")), (".", _("a point parts decimals"))],
        "date_order": [
            ("ymd", _("year, month, day")),
            ("dmy", _("day, month, year")),
            ("mdy", _("month, day, year")),
        ],
        "sign": [(rule, said(words)) for rule, words in SIGN_RULES.items()],
    }
