"""Who works in the active company, with which roles; and everyone's own page with their language and password."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import refresh
from flask_login import current_user
from flask_security import login_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from recon.access import Permission
from recon.database.models import CompanyRole, User
from recon.errors import NotFound, Refusal
from recon.languages import LANGUAGES
from recon.services.choose_language import choose_language
from recon.services.users import add_user, find_user, grant_roles, set_password
from recon.web.languages import chosen_language, language_of_browser, page_language
from recon.web.pages.page import Page, posted, shown
from recon.web.person import actor, here, role_words
from recon.web.storage import command, database
from recon.web.wording import _


def role_notes() -> dict[str, str]:
    return {
        "admin": _("users, companies, sources, and everything an author may"),
        "author": _("rules, groups, mappings, account imports, entry types"),
        "preparer": _("import, reconcile, match, deactivate, adjust"),
        "approver": _("approve, withdraw, void, release, activate another's rules"),
        "auditor": _("read and verify"),
    }


class Users(Page):
    """People of the active company."""

    permission = Permission.MANAGE_USERS

    @shown("/")
    def index(self) -> Any:
        people = database().scalars(
            select(User)
            .join(CompanyRole)
            .where(CompanyRole.company_id == here().company_id)
            .distinct()
            .order_by(User.name)
        )
        held = [
            (user, {grant.role for grant in user.company_roles if grant.company_id == here().company_id})
            for user in people
        ]
        return self.render("pages/users.html", people=held, roles=role_words(), notes=role_notes())

    @posted("/new")
    def add(self) -> Response:
        form = request.form
        if not any(form.getlist("role")):
            raise Refusal(_("Choose at least one role: without one the person would see nothing."))
        with command() as session:
            user = add_user(
                session,
                actor(),
                form.get("username", ""),
                email=form.get("email") or None,
                name=form.get("name", "").strip(),
                password=form.get("password", ""),
            )
            grant_roles(session, actor(), user, here().company, form.getlist("role"))
        flash(_("%(name)s can sign in now.", name=user.name), "success")
        return redirect(url_for("users.index"))

    @posted("/invite")
    def invite(self) -> Response:
        """Give a role here to someone who works in another company of the installation already."""
        with command() as session:
            user = find_user(session, request.form.get("username", ""))
            held = {grant.role for grant in user.company_roles if grant.company_id == here().company_id}
            grant_roles(session, actor(), user, here().company, held | set(request.form.getlist("role")))
        return redirect(url_for("users.index"))

    @posted("/<int:user_id>/roles")
    def roles(self, user_id: int) -> Response:
        with command() as session:
            user = _of_company(user_id)
            changed = grant_roles(session, actor(), user, here().company, request.form.getlist("role"))
        flash(_("Roles of %(name)s saved.", name=user.name) if changed else _("Nothing changed."), "success")
        return redirect(url_for("users.index"))


class Me(Page):
    """One's own page."""

    in_menu = False

    def is_accessible(self) -> bool:
        return bool(current_user.is_authenticated)

    @shown("/")
    def index(self) -> Any:
        return self.render(
            "pages/me.html",
            page_title=_("Your account"),
            languages=LANGUAGES,
            chosen=chosen_language(),
            browsers=LANGUAGES[language_of_browser()],
        )

    @posted("/language")
    def language(self) -> Response:
        with command() as session:
            user = current_user._get_current_object()
            choose_language(session, actor(), user, request.form.get("language") or None)
        refresh()
        flash(_("Pages are in %(language)s now.", language=LANGUAGES[page_language()]), "success")
        return redirect(url_for("me.index"))

    @posted("/password")
    def password(self) -> Response:
        form = request.form
        if not current_user.verify_and_update_password(form.get("old", "")):
            raise Refusal(_("The present password is not right; nothing was changed."))
        if form.get("new") != form.get("again"):
            raise Refusal(_("The two new passwords differ; nothing was changed."))
        with command() as session:
            user = current_user._get_current_object()
            set_password(session, actor(), user, form.get("new", ""))
        login_user(user)  # the change ended this session too
        flash(_("Your password is changed; everywhere else you are signed out."), "success")
        return redirect(url_for("me.index"))


def _of_company(user_id: int) -> User:
    """A user who holds a role in the active company; others do not exist for its administrator."""
    user = database().get(User, user_id)
    if user is None or not any(grant.company_id == here().company_id for grant in user.company_roles):
        raise NotFound(_("There is no such person in this company."))
    return user
