"""Suggestions from people's work: rules they could have, with what they were seen in. Addresses below
`/rule-suggestions/<set>/`; a click makes a draft, never more."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from recon.database.models import AccountGroup, GroupLine, RuleSet
from recon.errors import NotFound
from recon.services.draft_suggestion import draft_suggestion
from recon.services.suggest_rules import suggest_rules
from recon.services.suggestion_figures import suggestion_figures
from recon.web.pages.one_set import editable, linked_groups, visible_set
from recon.web.pages.page import Page, posted, shown
from recon.web.pages.rule_trial import LINES_IN_A_REQUEST
from recon.web.person import actor
from recon.web.storage import command, database
from recon.web.wording import _
from rules.codec import dump_json


class RuleSuggestions(Page):
    in_menu = False

    @shown("/")
    def index(self) -> Response:
        return redirect(url_for("rule_sets.index"))

    @shown("/<int:set_id>/")
    def show(self, set_id: int) -> Any:
        rule_set = visible_set(set_id)
        return self.render("pages/rule_suggestions.html", page_title=titles()["page"], **listed(rule_set))

    @shown("/<int:set_id>/listed")
    def listed(self, set_id: int) -> Any:
        """The list alone, for the page of the set."""
        return render_template("parts/rule_suggestions.html", **listed(visible_set(set_id)))

    @shown("/<int:set_id>/<int:group_id>/<proposal>/figures")
    def figures(self, set_id: int, group_id: int, proposal: str) -> Any:
        """What the rule would do, loaded after the list because it takes as long as a run."""
        group = linked_group(visible_set(set_id), group_id)
        found = suggestion_figures(database(), actor(), group.id, proposal)
        return render_template("parts/suggestion_figures.html", figures=found)

    @posted("/<int:set_id>/<int:group_id>/<proposal>/draft")
    def draft(self, set_id: int, group_id: int, proposal: str) -> Response:
        group = linked_group(visible_set(set_id), group_id)
        with command() as session:
            version = draft_suggestion(session, actor(), group.id, proposal)
        flash(
            _("Saved as version %(no)s, a draft. Nothing changes until it is put in force.", no=version.no), "success"
        )
        return redirect(url_for("rule_sets.show", set_id=set_id))


def listed(rule_set: RuleSet) -> dict[str, Any]:
    """What the list shows: the suggestions of one linked group, the one asked for or the first."""
    groups = linked_groups(rule_set)
    wanted = request.args.get("group", type=int)
    group = next((each for each in groups if each.id == wanted), groups[0] if groups else None)
    return {
        "rule_set": rule_set,
        "groups": groups,
        "group": group,
        "suggestions": suggest_rules(database(), actor(), group.id) if group else [],
        "small": group is not None and _lines(group) <= LINES_IN_A_REQUEST,
        "editable": editable(rule_set),
        "titles": titles(),
        "as_json": dump_json,
    }


def linked_group(rule_set: RuleSet, group_id: int) -> AccountGroup:
    found = next((each for each in linked_groups(rule_set) if each.id == group_id), None)
    if found is None:
        raise NotFound(_("There is no such account group."))
    return found


def _lines(group: AccountGroup) -> int:
    return database().scalar(select(func.count()).select_from(GroupLine).where(GroupLine.group_id == group.id)) or 0


def titles() -> dict[str, str]:
    """What each kind of evidence is called."""
    return {
        "page": _("Suggestions from your work"),
        "reference": _("the same reference in another field"),
        "group": _("lines that share a field"),
        "date": _("days seen"),
        "tolerance": _("differences seen"),
        "aside": _("always put aside"),
        "distrust": _("taken apart by people"),
    }
