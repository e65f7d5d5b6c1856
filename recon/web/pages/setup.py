"""The plain set-up: company, accounts and account groups, each a form over the services of the set-up file."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import flash, redirect, request, session, url_for
from sqlalchemy import or_, select
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from recon.access import Permission
from recon.database.models import Account, AccountGroup, AccountImport, Company, CompanyRole, RuleSet, User
from recon.errors import Refusal
from recon.services.find_group import group_for
from recon.services.group_plans import plan_of_group
from recon.services.offered_sources import offered_sources
from recon.services.set_up_company import OWN_FIELDS, set_up_account, set_up_company
from recon.services.set_up_group import set_up_group
from recon.services.setup_plan import AccountPlan, CompanyPlan
from recon.services.users import grant_roles
from recon.web.admin.accounts import KINDS
from recon.web.pages.group_form import IMPORTED, ROWS, date_of, editable, plan_of, typed_of
from recon.web.pages.page import Page, posted, shown
from recon.web.person import actor, here, place
from recon.web.row_version import check_row_version
from recon.web.storage import command, database
from recon.web.wording import _


def group_kinds() -> list[tuple[str, str]]:
    return [
        ("bank", _("bank: ledger against the bank's statement")),
        ("intercompany", _("intercompany: account against an account of another company")),
        ("interim", _("interim: one account against itself")),
        ("statement", _("statement: ledger account ticked off against a balance")),
        ("control", _("control: ledger account against its customers or suppliers")),
    ]


class Setup(Page):
    """Open to whoever may set something up here: author or admin; making companies is the operator's."""

    permission = Permission.EDIT_GROUPS

    def is_visible(self) -> bool:
        return True

    @shown("/")
    def index(self) -> Any:
        if place() is None:
            return self.render("pages/setup_company.html", company=None, page_title=_("Set up a company"))
        groups = select(AccountGroup).where(AccountGroup.company_id == here().company_id).order_by(AccountGroup.name)
        return self.render(
            "pages/setup.html",
            accounts=accounts(),
            groups=list(database().scalars(groups)),
            kinds=KINDS,
            group_kinds=dict(group_kinds()),
        )

    @shown("/company")
    def company(self) -> Any:
        return self.render("pages/setup_company.html", company=here().company, page_title=here().company.name)

    @shown("/company/new")
    def new_company(self) -> Any:
        return self.render("pages/setup_company.html", company=None, page_title=_("A new company"))

    @posted("/company/save")
    def save_company(self) -> Response:
        form, known = request.form, None if "new" in request.form else here().company
        if known is not None:
            check_row_version(known)
        plan = _company_plan(form, known)
        if known is None and database().scalar(select(Company.id).where(Company.name == plan.name)):
            raise Refusal(_("There is a company %(name)s already.", name=plan.name))
        with command() as stored:
            company = set_up_company(stored, actor(), plan)
            if known is None and not actor().operator:
                grant_roles(stored, actor(), stored.get_one(User, actor().user_id), company, ["admin"])
        session["company"] = company.id
        flash(_("%(name)s is saved.", name=company.name), "success")
        return redirect(url_for("setup.index"))

    @posted("/account")
    def save_account(self) -> Response:
        form = request.form
        number = form.get("number", "").strip()
        if not number:
            raise Refusal(_("An account needs a number."))
        plan = AccountPlan(
            kind=form.get("kind", "ledger"),
            number=number,
            name=form.get("name", "").strip(),
            currency=form.get("currency", "").strip().upper() or here().company.currency,
            iban=form.get("iban", "").replace(" ", "").upper() or None,
            requires_reconciliation="requires_reconciliation" in form,
        )
        with command() as stored:
            known = stored.scalars(
                select(Account).filter_by(company_id=here().company_id, kind=plan.kind, number=plan.number)
            ).one_or_none()
            series = known.series.name if known and known.series else None  # which the form does not show
            set_up_account(stored, actor(), here().company, replace(plan, series=series))
        flash(_("Account %(number)s is set up.", number=number), "success")
        return redirect(url_for("setup.index"))

    @shown("/group/new")
    def new_group(self) -> Any:
        first = {"start_on": here().period.replace(month=1, day=1).isoformat()}
        kind = request.args.get("kind")
        return self._group_form(MultiDict(first | ({"kind": kind} if kind in dict(group_kinds()) else {})))

    @shown("/group/<int:group_id>")
    def group(self, group_id: int) -> Any:
        group = group_for(database(), actor(), group_id, Permission.EDIT_GROUPS)
        plan = plan_of_group(database(), group)
        if not editable(plan):
            raise Refusal(
                _(
                    "%(name)s has filters or more accounts than this form holds; change it with a set-up file.",
                    name=group.name,
                )
            )
        return self._group_form(typed_of(plan, group.currency), group)

    @posted("/group")
    def save_group(self) -> Any:
        group_id = request.form.get("group_id", type=int)
        known = group_for(database(), actor(), group_id, Permission.EDIT_GROUPS) if group_id else None
        try:
            if known is not None:
                check_row_version(known)
            plan = plan_of(request.form, known.currency if known else here().company.currency)
            if known is None and plan.name in {group.name for group in own_groups()}:
                raise Refusal(_("There is a group %(name)s already; give this one another name.", name=plan.name))
            plan = replace(plan, name=known.name, currency=known.currency, country=known.country) if known else plan
            with command() as stored:
                group = set_up_group(stored, actor(), here().company, plan)
        except Refusal as refusal:
            flash(str(refusal), "error")
            return self._group_form(request.form, known), 422
        flash(_("%(name)s is set up.", name=group.name), "success")
        return redirect(url_for("group.open_lines", group_id=group.id))

    def _group_form(self, typed: MultiDict[str, str], group: AccountGroup | None = None) -> Any:
        return self.render(
            "pages/setup_group.html",
            typed=typed,
            group=group,
            sources={side: sources(typed.get("kind", "bank"), side, ticks(side)) for side in ("left", "right")},
            ticked={side: ticks(side) for side in ("left", "right")},
            account_kinds=KINDS,
            rows=range(ROWS),
            kinds=group_kinds(),
            rule_sets=rule_sets(),
            people=people(),
            page_title=group.name if group else _("A new account group"),
        )


def accounts() -> list[Account]:
    query = select(Account).where(Account.company_id == here().company_id).order_by(Account.kind, Account.number)
    return list(database().scalars(query))


def own_groups() -> list[AccountGroup]:
    return list(database().scalars(select(AccountGroup).where(AccountGroup.company_id == here().company_id)))


def ticks(side: str) -> list[str]:
    """The account kinds ticked for a side: those of the address, else all."""
    asked = [kind for kind in request.args.getlist(f"{side}_kinds") if kind in KINDS]
    return asked if "ticked" in request.args else list(KINDS)


def sources(group_kind: str, side: str, ticked: list[str]) -> list[tuple[str, str]]:
    """What may stand on a side: the company's accounts of the ticked kinds, and those it imports from others."""
    found = offered_sources(database(), actor(), here().company_id, group_kind, side, ticked)
    return [_source(each) for each in found]


def _source(each: Account | AccountImport) -> tuple[str, str]:
    if isinstance(each, AccountImport):
        return f"{IMPORTED}{each.name}", _("%(name)s (imported)", name=each.name)
    return f"{each.kind}:{each.number}", f"{each.number} {each.name} ({KINDS[each.kind]}, {each.currency})"


def rule_sets() -> list[str]:
    reachable = or_(RuleSet.company_id.is_(None), RuleSet.company_id == here().company_id)
    return sorted(set(database().scalars(select(RuleSet.name).where(reachable))))


def people() -> list[tuple[str, str]]:
    """(user name, name) of everyone with a role here."""
    held = select(CompanyRole.user_id).where(CompanyRole.company_id == here().company_id)
    found = database().scalars(select(User).where(User.id.in_(held), User.active).order_by(User.name))
    return [(user.username or user.email, user.name) for user in found]


def _company_plan(form: MultiDict[str, str], known: Company | None) -> CompanyPlan:
    name = known.name if known else form.get("name", "").strip()
    if not name:
        raise Refusal(_("A company needs a name."))
    locked = form.get("locked_on", "")
    typed = {
        "currency": form.get("currency", "NOK").strip().upper(),
        "country": form.get("country", "NO").strip().upper(),
        "organisation_number": form.get("organisation_number", "").strip() or None,
        "four_eyes": "four_eyes" in form,
        "locked_on": date_of(locked, _("Locked up to")) if locked else None,
    }
    kept = {field: getattr(known, field) for field in OWN_FIELDS} if known else {}
    return CompanyPlan(name=name, **{**kept, **typed})
