"""Who is signed in, and which company and period they work on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from flask import Flask, abort, g
from flask import session as cookie
from flask_login import current_user
from sqlalchemy import func, select

from recon.access import Actor, Permission
from recon.database.models import AccountGroup, Company, GroupLine
from recon.errors import NotFound
from recon.services.users import actor_of
from recon.web.languages import page_language
from recon.web.storage import database
from recon.web.wording import _

LOCALES = {"NO": "nb", "SE": "sv", "DK": "da", "FI": "fi", "IS": "is"}


@dataclass(frozen=True)
class Place:
    """The company and the period (by its last day) that every page works on."""

    company: Company
    period: dt.date
    companies: Sequence[Company] = ()
    periods: Sequence[dt.date] = field(default=())

    @property
    def company_id(self) -> int:
        return self.company.id


def actor() -> Actor:
    """The signed-in user as services know them; every page asks for the login before."""
    if "actor" not in g:
        if not current_user.is_authenticated:
            abort(401)
        g.actor = actor_of(current_user._get_current_object())
    held: Actor = g.actor
    return held


def visible_companies() -> list[Company]:
    if "companies" not in g:
        every = database().scalars(select(Company).order_by(Company.name))
        g.companies = [company for company in every if actor().sees(company.id)]
    held: list[Company] = g.companies
    return held


def place() -> Place | None:
    """Where the person works; None while they were given no company."""
    if "place" not in g:
        companies = visible_companies()
        g.place = _place_among(companies) if companies else None
    held: Place | None = g.place
    return held


def forget_place() -> None:
    """Look the active company up again: it was changed within this request."""
    g.pop("place", None)


def here() -> Place:
    found = place()
    if found is None:
        raise NotFound(_("No company has been given to you yet; an administrator can do that."))
    return found


def _place_among(companies: Sequence[Company]) -> Place:
    chosen = cookie.get("company")
    company = next((each for each in companies if each.id == chosen), companies[0])
    periods = _periods(company)
    wanted = cookie.get("period", "")
    period = next((each for each in periods if each.isoformat() == wanted), periods[0])
    return Place(company, period, companies, periods)


def _periods(company: Company) -> list[dt.date]:
    """Month ends from the newest line (or today, without lines) back to the first group's start, newest first."""
    session = database()
    of_company = AccountGroup.company_id == company.id
    newest = session.scalar(
        select(func.max(GroupLine.booked_on))
        .join(AccountGroup, AccountGroup.id == GroupLine.group_id)
        .where(of_company)
    )
    oldest = session.scalar(select(func.min(AccountGroup.start_on)).where(of_company))
    last = month_end(newest or dt.date.today())
    first = min(oldest or last, last)
    periods = [last]
    while (earlier := periods[-1].replace(day=1) - dt.timedelta(days=1)) >= first and len(periods) < 60:
        periods.append(earlier)
    return periods


def month_end(day: dt.date) -> dt.date:
    following = (day.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
    return following - dt.timedelta(days=1)


def may(permission: Permission) -> bool:
    """Whether the signed-in person may do that in the active company."""
    if not current_user.is_authenticated:
        return False
    found = place()
    if found is None:
        return actor().operator
    return actor().may(found.company_id, permission)


def roles_here() -> str:
    found = place()
    if actor().operator:
        return _("operator")
    held = actor().roles.get(found.company_id, frozenset()) if found else frozenset()
    words = role_words()
    return ", ".join(words[role] for role in sorted(held))


def role_words() -> dict[str, str]:
    """What each role is called."""
    return {
        "admin": _("admin"),
        "author": _("author"),
        "preparer": _("preparer"),
        "approver": _("approver"),
        "auditor": _("auditor"),
    }


def register(app: Flask) -> None:
    @app.before_request
    def locale() -> None:
        if current_user.is_authenticated:
            found = place()
            language = page_language()
            country = found.company.country if found else ""
            g.number_locale = LOCALES.get(country, "en") if language == "en" else language

    @app.context_processor
    def about() -> dict[str, object]:
        if not current_user.is_authenticated:
            return {}
        found = place()
        return {
            "signed_in": {"name": actor().name, "roles_here": roles_here(), "operator": actor().operator},
            "active_company": found.company if found else None,
            "active_period": found.period if found else None,
            "companies": found.companies if found else (),
            "periods": found.periods if found else (),
            "may": may,
            "Permission": Permission,
        }
