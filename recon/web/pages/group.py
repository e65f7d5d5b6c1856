"""The page of one account group: open lines in two panes, suggestions, matches with their reason, and the commands."""

from __future__ import annotations

from typing import Any

from flask import flash, jsonify, redirect, render_template, request, url_for
from flask import session as cookie
from sqlalchemy import select
from werkzeug.exceptions import NotFound as Missing
from werkzeug.wrappers import Response

from recon.access import Permission
from recon.database.models import AccountGroup, EntryType, Match
from recon.errors import Refusal
from recon.services.answer_suggestions import accept_suggestions, reject_suggestions
from recon.services.clear_refusals import count_refusals
from recon.services.explain_line import explain_line
from recon.services.explain_match import explain_match
from recon.services.find_group import group_for
from recon.services.match_lines import match_lines
from recon.services.propose_adjustments import propose_adjustments
from recon.services.take_choice import take_choice
from recon.services.unmatch_lines import unmatch_lines
from recon.services.vouchers import Voucher
from recon.web import work
from recon.web.pages import pairings as matched
from recon.web.pages.choices import open_choices
from recon.web.pages.overview import GroupRow, row_of
from recon.web.pages.page import Page, posted, shown
from recon.web.pages.pane import Wanted, page_of
from recon.web.pages.rule_names import rule_name
from recon.web.person import actor, forget_place, place
from recon.web.storage import command, database
from recon.web.wording import _, ngettext
from rules.model import Difference
from rules.values import exponent

SIDES = ("left", "right")
KEEP_OPEN = "keep_open"
CHANGED = {"HX-Trigger": "lines-changed"}


class Group(Page):
    """Addresses below `/group/<id>/`. Every one looks the group up as the reader, so a foreign one is not found."""

    in_menu = False

    @shown("/")
    def index(self) -> Response:
        return redirect(url_for("dashboard.index"))

    @shown("/<int:group_id>/")
    def open_lines(self, group_id: int) -> Any:
        group = entered(group_id)
        return self.render(
            "pages/group_open.html",
            **head(group, "open"),
            places=exponent(group.currency),
            texts=pane_texts(),
            entry_types=entry_types(group),
        )

    @shown("/<int:group_id>/lines/<side>")
    def lines(self, group_id: int, side: str) -> Any:
        if side not in SIDES:
            raise Missing
        asked = request.args
        wanted = Wanted(
            "left" if side == "left" else "right",
            asked.get("search", "")[:200],
            asked.get("sort", "on"),
            asked.get("order") == "desc",
            asked.get("after", ""),
            max(asked.get("page", 1, type=int), 1),
        )
        return jsonify(page_of(database(), seen(group_id), wanted))

    @shown("/<int:group_id>/matches/<state>")
    def matches(self, group_id: int, state: str) -> Any:
        group = entered(group_id)
        if state not in matched.STATES:
            raise Missing
        choices = open_choices(database(), group) if state == "suggested" else []
        sections = self._sections(group, state)
        refused = count_refusals(database(), group.id)
        return self.render(
            "pages/group_matches.html",
            **head(group, state),
            state=state,
            sections=sections,
            choices=choices,
            refused=refused,
        )

    def _sections(self, group: AccountGroup, state: str) -> list[dict[str, Any]]:
        return [
            {
                "key": counted.key,
                "name": rule_name(database(), group, counted.key),
                "matches": counted.matches,
                "left_minor": counted.left_minor,
            }
            for counted in matched.rule_counts(database(), group.id, state)
        ]

    @shown("/<int:group_id>/matches/<state>/rule")
    def section(self, group_id: int, state: str) -> Any:
        group = seen(group_id)
        if state not in matched.STATES:
            raise Missing
        rule = request.args.get("rule", matched.BY_HAND)
        found = matched.pairings(database(), group.id, state, rule, request.args.get("after", 0, type=int))
        listed = found[: matched.PAGE]
        more = ""
        if len(found) > matched.PAGE:
            last = listed[-1].match.id
            more = url_for("group.section", group_id=group.id, state=state, rule=rule, after=last)
        return render_template("parts/pairings.html", group=group, state=state, pairings=listed, more=more)

    @shown("/<int:group_id>/figures")
    def figures(self, group_id: int) -> Any:
        return render_template("parts/group_tabs.html", **head(seen(group_id), request.args.get("tab", "open")))

    @shown("/<int:group_id>/why/<int:match_id>")
    def why(self, group_id: int, match_id: int) -> Any:
        group = seen(group_id)
        why = explain_match(database(), actor(), match_id)
        if why.group_id != group.id:
            raise Missing
        return render_template("parts/why_match.html", group=group, why=why)

    @shown("/<int:group_id>/line/<int:line_id>")
    def why_line(self, group_id: int, line_id: int) -> Any:
        group = seen(group_id)
        why = explain_line(database(), actor(), group.id, line_id)
        return render_template("parts/why_line.html", group=group, why=why)

    # commands

    @posted("/<int:group_id>/reconcile")
    def reconcile(self, group_id: int) -> Any:
        group = group_for(database(), actor(), group_id, Permission.RUN)
        job = work.reconcile(group)
        if "HX-Request" not in request.headers:
            return redirect(url_for("jobs.show", job_id=job.id))
        if request.form.get("as") == "row":
            return redirect(url_for("dashboard.row", group_id=group.id), code=303)
        return render_template("parts/job.html", job=job, job_titles=work.titles())

    @posted("/<int:group_id>/match")
    def match(self, group_id: int) -> Any:
        lines = [*_ids(request.form.get("left", "")), *_ids(request.form.get("right", ""))]
        reason, treatment = request.form.get("reason") or None, _treatment(request.form.get("treatment", ""))
        with command() as session:
            match_lines(session, actor(), group_id, lines, reason=reason, treatment=treatment)
        return _said(ngettext("%(num)s line matched.", "%(num)s lines matched.", len(lines)))

    @posted("/<int:group_id>/post")
    def post(self, group_id: int) -> Any:
        """Propose a voucher for each selected line."""
        lines = [*_ids(request.form.get("left", "")), *_ids(request.form.get("right", ""))]
        with command() as session:
            voucher = Voucher(request.form.get("entry_type") or None)
            made = propose_adjustments(session, actor(), group_id, lines, voucher)
        return _said(ngettext("%(num)s adjustment to be released.", "%(num)s adjustments to be released.", len(made)))

    @posted("/<int:group_id>/accept/<int:match_id>")
    def accept(self, group_id: int, match_id: int) -> Any:
        with command() as session:
            accept_suggestions(session, actor(), group_id, [match_id])
        return "", 200, CHANGED

    @posted("/<int:group_id>/reject/<int:match_id>")
    def reject(self, group_id: int, match_id: int) -> Any:
        with command() as session:
            reject_suggestions(session, actor(), group_id, [match_id])
        return "", 200, CHANGED

    @posted("/<int:group_id>/accept-all")
    def accept_all(self, group_id: int) -> Response:
        with command() as session:
            group_for(session, actor(), group_id, Permission.MATCH)
            waiting = suggested_ids(group_id)
            if not waiting:
                raise Refusal(_("There is no suggestion to accept any more."))
            accepted = accept_suggestions(session, actor(), group_id, waiting)
        flash(ngettext("%(num)s suggestion accepted.", "%(num)s suggestions accepted.", accepted), "success")
        return redirect(url_for("group.matches", group_id=group_id, state="suggested"))

    @posted("/<int:group_id>/unmatch/<int:match_id>")
    def unmatch(self, group_id: int, match_id: int) -> Any:
        with command() as session:
            unmatch_lines(session, actor(), group_id, [match_id])
        return "", 200, CHANGED

    @posted("/<int:group_id>/choice/<int:choice_id>/<int:option>")
    def take_choice(self, group_id: int, choice_id: int, option: int) -> Response:
        with command() as session:
            take_choice(session, actor(), choice_id, option)
        flash(_("Matched; the other candidates were dropped."), "success")
        return redirect(url_for("group.matches", group_id=group_id, state="suggested"))


def seen(group_id: int) -> AccountGroup:
    """The group for its reader; raises NotFound where there is none."""
    return group_for(database(), actor(), group_id, Permission.VIEW)


def entered(group_id: int) -> AccountGroup:
    """The same, and its company becomes the active one: a link may lead into another of the reader's companies."""
    group = seen(group_id)
    found = place()
    if found is None or found.company_id != group.company_id:
        cookie["company"] = group.company_id
        forget_place()
    return group


def head(group: AccountGroup, tab: str) -> dict[str, Any]:
    row: GroupRow = row_of(database(), group)
    return {
        "group": group,
        "row": row,
        "tab": tab,
        "right_title": right_title(group),
        "job_titles": work.titles(),
        "page_title": group.name,
    }


def right_title(group: AccountGroup) -> str:
    """What heads the right side: an imported account by its display name, else what the kind of group has there."""
    right = [member for member in group.members if member.side == "right"]
    if len(right) == 1 and right[0].account_import is not None:
        return right[0].account_import.name
    titles = {"bank": _("Bank"), "statement": _("Statement"), "control": _("Sub-ledger")}
    return titles.get(group.kind, _("Counter account"))


def suggested_ids(group_id: int) -> list[int]:
    live = (Match.state == "suggested") & Match.undone_event_id.is_(None) & (Match.group_id == group_id)
    return [match.id for match in database().query(Match).filter(live).order_by(Match.id)]


def pane_texts() -> dict[str, str]:
    return {
        "date": _("Date"),
        "text": _("Text"),
        "counterparty": _("Counterparty"),
        "reference": _("Reference"),
        "amount": _("Open"),
        "suggested": _("suggested"),
        "remainder": _("remainder"),
        "by_hand": _("by hand"),
        "opening": _("opening item"),
        "noted": _("note"),
        "proposed": _("voucher proposed"),
        "posted": _("posted"),
        "provisional": _("not yet in ledger"),
        "nothing_open": _("Nothing is open on this side."),
        "hint_none": _("Select lines on both sides that belong together."),
        "hint_one": _("Select the lines it belongs with."),
        "hint_difference": _("The difference must be 0 before the lines can be matched."),
        "hint_ready": _("They agree: match them."),
    }


def entry_types(group: AccountGroup) -> list[EntryType]:
    query = select(EntryType).where(EntryType.company_id == group.company_id)
    return list(database().scalars(query.order_by(EntryType.key)))


def _treatment(told: str) -> Difference | None:
    """As the page's choice says it: the rest stays open, or the key of an entry type."""
    if not told:
        return None
    return Difference(keep_open=True) if told == KEEP_OPEN else Difference(told.removeprefix("type:"))


def _ids(text: str) -> list[int]:
    return [int(part) for part in text.split(",") if part.isascii() and part.isdigit() and len(part) <= 18]


def _said(sentence: str) -> tuple[str, int, dict[str, str]]:
    flash(sentence, "success")
    return render_template("parts/messages.html"), 200, CHANGED
