"""Rule sets: the list, and one set with its rules in sentences, their order, the groups that use it.

Every change saves a new immutable version; nothing here changes one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from recon.database.models import RuleSet, RuleSetVersion, User
from recon.errors import NotFound, Refusal
from recon.services.activate_version import activate_version
from recon.services.deactivate_rule import deactivate_rule, delete_rule
from recon.services.rule_uses import used_rules
from recon.services.rule_versions import in_force, inactive_rules
from recon.services.save_rule_set import link_rule_set, save_rule_set
from recon.services.set_date_deviation import set_date_deviation, warn_of_date_deviation
from recon.web.pages.one_set import (
    editable,
    linked_groups,
    newest_rules,
    other_groups,
    save_rules,
    saved_sentence,
    visible_set,
    visible_sets,
)
from recon.web.pages.page import Page, posted, shown
from recon.web.pages.rule_choices import groups_to_try
from recon.web.pages.rule_reading import readings_of
from recon.web.person import actor, here
from recon.web.storage import command, database
from recon.web.wording import _
from rules.changes import in_order
from rules.codec import from_document
from rules.lint import lint
from rules.model import RuleSet as Rules


class RuleSets(Page):
    """Rule sets of the active company and of the installation."""

    @shown("/")
    def index(self) -> Any:
        return self.render("pages/rule_sets.html", sets=listed_sets())

    @shown("/<int:set_id>/")
    def show(self, set_id: int) -> Any:
        rule_set = visible_set(set_id)
        version = version_shown(rule_set)
        rules = from_document(version.body)
        newest = version is rule_set.versions[-1]
        return self.render(
            "pages/rule_set.html",
            rule_set=rule_set,
            version=version,
            newest=rule_set.versions[-1],
            current=in_force(database(), rule_set.id),
            rules=rules,
            readings=readings_of(rules),
            aside=inactive_rules(version),
            used=used_rules(database(), rule_set.id, [rule.key for rule in rules.rules]),
            groups=linked_groups(rule_set),
            try_groups=groups_to_try(rule_set),
            other_groups=other_groups(rule_set),
            people=people(rule_set),
            editable=editable(rule_set) and newest,
            page_title=rule_set.name,
        )

    # order

    @posted("/<int:set_id>/order")
    def order(self, set_id: int) -> Response:
        rule_set = visible_set(set_id)
        save_rules(rule_set, ordered(newest_rules(rule_set)))
        return redirect(url_for("rule_sets.show", set_id=set_id))

    @posted("/<int:set_id>/order/reading")
    def order_reading(self, set_id: int) -> Any:
        """What is doubtful about the rules in the order on the page. Stores nothing."""
        findings = lint(ordered(newest_rules(visible_set(set_id))))
        return render_template("parts/set_findings.html", findings=findings)

    # a rule out of use, days for all rules

    @posted("/<int:set_id>/remove/<key>")
    def remove(self, set_id: int, key: str) -> Response:
        """Deactivate the rule if it has made matches, delete it otherwise."""
        rule_set = visible_set(set_id)
        with command() as session:
            used = used_rules(session, rule_set.id, [key])
            version = (deactivate_rule if used else delete_rule)(session, actor(), rule_set.id, key)
        done = _("The rule is deactivated; it can be activated again.") if used else _("The rule is gone.")
        flash(f"{done} {saved_sentence(version)}", "success")
        return redirect(url_for("rule_sets.show", set_id=set_id))

    @posted("/<int:set_id>/deviation")
    def deviation(self, set_id: int) -> Any:
        """Max date deviation: first the warning with what it overwrites, then, once confirmed, the new version."""
        rule_set, days = visible_set(set_id), whole_days(request.form.get("days", ""))
        if "confirmed" not in request.form:
            with command() as session:
                warning = warn_of_date_deviation(session, actor(), rule_set.id, days)
            return self.render("pages/deviation.html", rule_set=rule_set, warning=warning, page_title=rule_set.name)
        with command() as session:
            seen = request.form.get("version", 0, type=int)
            version = set_date_deviation(session, actor(), rule_set.id, days, seen=seen)
        flash(saved_sentence(version), "success")
        return redirect(url_for("rule_sets.show", set_id=set_id))

    # use

    @posted("/<int:set_id>/activate/<int:version_id>")
    def activate(self, set_id: int, version_id: int) -> Response:
        rule_set = visible_set(set_id)
        if version_id not in {version.id for version in rule_set.versions}:
            raise NotFound(_("There is no such version of a rule set."))
        with command() as session:
            version = activate_version(session, actor(), version_id)
        flash(_("Version %(no)s is in force now.", no=version.no), "success")
        return redirect(url_for("rule_sets.show", set_id=set_id))

    @posted("/<int:set_id>/copy")
    def copy(self, set_id: int) -> Response:
        """The set as one of the active company, to be changed there."""
        rules = newest_rules(visible_set(set_id))
        usual = _("%(name)s of %(company)s", name=rules.name, company=here().company.name)
        version = self._new(replace(rules, name=request.form.get("name", "").strip() or usual))
        return redirect(url_for("rule_sets.show", set_id=version.rule_set_id))

    @posted("/new")
    def new(self) -> Response:
        """A set of the active company without rules."""
        name = request.form.get("name", "").strip()
        if not name:
            raise Refusal(_("A rule set needs a name."))
        version = self._new(Rules(name, ()))
        return redirect(url_for("rule_sets.show", set_id=version.rule_set_id))

    def _new(self, rules: Rules) -> RuleSetVersion:
        if any(each.company_id == here().company_id and each.name == rules.name for each in visible_sets()):
            raise Refusal(_("There is a rule set %(name)s already.", name=rules.name))
        with command() as session:
            return save_rule_set(session, actor(), here().company_id, rules)

    @posted("/<int:set_id>/link")
    def link(self, set_id: int) -> Response:
        with command() as session:
            link_rule_set(session, actor(), request.form.get("group", 0, type=int), visible_set(set_id).id)
        flash(_("Linked. The next Reconcile of the group uses these rules."), "success")
        return redirect(url_for("rule_sets.show", set_id=set_id))


def version_shown(rule_set: RuleSet) -> RuleSetVersion:
    """The version that the address asks for, else the newest."""
    wanted = request.args.get("version", type=int)
    return next((each for each in rule_set.versions if each.no == wanted), rule_set.versions[-1])


def people(rule_set: RuleSet) -> dict[int, str]:
    named = {version.author_id for version in rule_set.versions} | {v.activated_by for v in rule_set.versions}
    found = database().execute(select(User.id, User.name).where(User.id.in_(named - {None})))
    return dict(found.all())


def ordered(rules: Rules) -> Rules:
    """The rules in the order that the form sends. Refused where it lacks one or names one that is not there."""
    try:
        return in_order(rules, request.form.getlist("order"))
    except ValueError:
        raise Refusal(_("The rules of this set are others meanwhile; reload the page.")) from None


def whole_days(text: str) -> int:
    if not (text.strip().isascii() and text.strip().isdigit() and len(text.strip()) < 9):
        raise Refusal(_("“%(text)s” is not a whole number of days.", text=text))
    return int(text)


def listed_sets() -> list[dict[str, Any]]:
    """What the list shows of each set."""
    return [_listed(each) for each in visible_sets() if each.versions]


def _listed(rule_set: RuleSet) -> dict[str, Any]:
    current = in_force(database(), rule_set.id)
    newest = rule_set.versions[-1]
    return {
        "set": rule_set,
        "current": current,
        "waits": newest if current is None or newest.no > current.no else None,
        "rules": len(current.body["rules"]) if current else 0,
        "groups": linked_groups(rule_set),
    }
