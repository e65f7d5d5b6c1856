"""Rule sets: the list, one set with its sentences and versions, and the editor of one rule.

Every change saves a new immutable version; nothing here changes one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from sqlalchemy import or_, select
from werkzeug.wrappers import Response

from recon.access import Permission
from recon.database.models import AccountGroup, EntryType, RuleSet, RuleSetVersion, User
from recon.errors import NotFound, Refusal
from recon.services.activate_version import activate_version
from recon.services.rule_versions import in_force
from recon.services.save_rule_set import link_rule_set, save_rule_set
from recon.web.pages.page import Page, posted, shown
from recon.web.pages.rule_form import document_of, fields_of, new_rule
from recon.web.pages.rule_reading import Reading, in_place, read_rule, readings_of
from recon.web.pages.rule_words import builder_config, field_labels
from recon.web.person import actor, here, may
from recon.web.storage import command, database
from recon.web.wording import _
from rules.codec import from_document, rule_document, rule_from_document, to_document
from rules.errors import RuleErrors
from rules.model import RuleSet as Rules

Change = Callable[[Rules], Rules]


class RuleSets(Page):
    """Rule sets of the active company and of the installation."""

    @shown("/")
    def index(self) -> Any:
        return self.render("pages/rule_sets.html", sets=[_listed(each) for each in visible_sets()])

    @shown("/<int:set_id>/")
    def show(self, set_id: int) -> Any:
        rule_set = visible_set(set_id)
        version = version_shown(rule_set)
        rules = from_document(version.body)
        return self.render(
            "pages/rule_set.html",
            rule_set=rule_set,
            version=version,
            newest=rule_set.versions[-1],
            current=in_force(database(), rule_set.id),
            rules=rules,
            readings=readings_of(rules),
            groups=linked_groups(rule_set),
            other_groups=other_groups(rule_set),
            people=people(rule_set),
            editable=editable(rule_set) and version is rule_set.versions[-1],
            page_title=rule_set.name,
        )

    @shown("/<int:set_id>/rule/new")
    def new(self, set_id: int) -> Any:
        return self._editor(visible_set(set_id), fields_of(new_rule()), key="")

    @shown("/<int:set_id>/rule/<key>")
    def edit(self, set_id: int, key: str) -> Any:
        rule_set = visible_set(set_id)
        rule = next((each for each in newest_rules(rule_set).rules if each.key == key), None)
        if rule is None:
            raise NotFound(_("There is no such rule in %(name)s any more.", name=rule_set.name))
        return self._editor(rule_set, fields_of(rule_document(rule)), key=key)

    def _editor(self, rule_set: RuleSet, fields: dict[str, Any], key: str, faults: RuleErrors | None = None) -> Any:
        return self.render(
            "pages/rule_editor.html",
            rule_set=rule_set,
            fields=fields,
            key=key,
            version=rule_set.versions[-1],
            editable=editable(rule_set),
            reading=Reading(errors=faults.errors) if faults else None,
            labels=field_labels(),
            line_config=builder_config("line"),
            pair_config=builder_config("pair"),
            entry_choices=entry_choices(),
            page_title=fields["name"] or _("New rule"),
        )

    @posted("/<int:set_id>/reading")
    def reading(self, set_id: int) -> Any:
        """What the form says now, in words, with what is wrong and what is doubtful. Stores nothing."""
        rule_set = visible_set(set_id)
        found = read_rule(newest_rules(rule_set), request.form.get("old_key", ""), lambda: document_of(request.form))
        return render_template("parts/rule_reading.html", reading=found)

    @posted("/<int:set_id>/rule")
    def save(self, set_id: int) -> Any:
        rule_set, old_key = visible_set(set_id), request.form.get("old_key", "")
        try:
            rule = rule_from_document(document_of(request.form))
            save(rule_set, lambda rules: in_place(rules, old_key, rule))
        except RuleErrors as faults:
            fields = {**fields_of(new_rule()), **_typed(request.form)}
            return self._editor(rule_set, fields, old_key, faults), 422
        return redirect(url_for("rule_sets.show", set_id=set_id))

    @posted("/<int:set_id>/move/<key>/<way>")
    def move(self, set_id: int, key: str, way: str) -> Response:
        save(visible_set(set_id), lambda rules: moved(rules, key, -1 if way == "up" else 1))
        return redirect(url_for("rule_sets.show", set_id=set_id))

    @posted("/<int:set_id>/remove/<key>")
    def remove(self, set_id: int, key: str) -> Response:
        save(visible_set(set_id), lambda rules: without(rules, key))
        return redirect(url_for("rule_sets.show", set_id=set_id))

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
        name = request.form.get("name", "").strip() or usual
        if any(each.company_id == here().company_id and each.name == name for each in visible_sets()):
            raise Refusal(_("There is a rule set %(name)s already.", name=name))
        with command() as session:
            version = save_rule_set(session, actor(), here().company_id, replace(rules, name=name))
        return redirect(url_for("rule_sets.show", set_id=version.rule_set_id))

    @posted("/<int:set_id>/link")
    def link(self, set_id: int) -> Response:
        with command() as session:
            link_rule_set(session, actor(), request.form.get("group", 0, type=int), visible_set(set_id).id)
        flash(_("Linked. The next Reconcile of the group uses these rules."), "success")
        return redirect(url_for("rule_sets.show", set_id=set_id))


# what may be seen


def visible_sets() -> list[RuleSet]:
    of_here = or_(RuleSet.company_id.is_(None), RuleSet.company_id == here().company_id)
    return list(database().scalars(select(RuleSet).where(of_here).order_by(RuleSet.company_id.desc(), RuleSet.name)))


def visible_set(set_id: int) -> RuleSet:
    found = next((each for each in visible_sets() if each.id == set_id), None)
    if found is None or not found.versions:
        raise NotFound(_("There is no such rule set."))
    return found


def version_shown(rule_set: RuleSet) -> RuleSetVersion:
    """The version that the address asks for, else the newest."""
    wanted = request.args.get("version", type=int)
    return next((each for each in rule_set.versions if each.no == wanted), rule_set.versions[-1])


def editable(rule_set: RuleSet) -> bool:
    return actor().operator if rule_set.company_id is None else may(Permission.EDIT_RULES)


def linked_groups(rule_set: RuleSet) -> list[AccountGroup]:
    of_here = AccountGroup.company_id == here().company_id
    query = select(AccountGroup).where(AccountGroup.rule_set_id == rule_set.id, of_here)
    return list(database().scalars(query.order_by(AccountGroup.name)))


def other_groups(rule_set: RuleSet) -> list[AccountGroup]:
    query = select(AccountGroup).where(AccountGroup.company_id == here().company_id, AccountGroup.archived_at.is_(None))
    return [each for each in database().scalars(query.order_by(AccountGroup.name)) if each.rule_set_id != rule_set.id]


def people(rule_set: RuleSet) -> dict[int, str]:
    named = {version.author_id for version in rule_set.versions} | {v.activated_by for v in rule_set.versions}
    found = database().execute(select(User.id, User.name).where(User.id.in_(named - {None})))
    return dict(found.all())


def entry_choices() -> tuple[tuple[str, str], ...]:
    """The company's entry types, by which a difference can be booked."""
    query = select(EntryType).where(EntryType.company_id == here().company_id).order_by(EntryType.key)
    return tuple((row.key, _("is booked as %(name)s", name=row.name)) for row in database().scalars(query))


def _listed(rule_set: RuleSet) -> dict[str, Any]:
    current = in_force(database(), rule_set.id)
    return {
        "set": rule_set,
        "current": current,
        "rules": len(current.body["rules"]) if current else 0,
        "groups": linked_groups(rule_set),
    }


# changing a set


def newest_rules(rule_set: RuleSet) -> Rules:
    return from_document(rule_set.versions[-1].body)


def save(rule_set: RuleSet, change: Change) -> None:
    """A new version of the set with its rules changed, in force at once unless a second person has to put it there.

    Refused if another version came meanwhile.
    """
    changed = change(newest_rules(rule_set))
    with command() as session:
        checked = from_document(to_document(changed))  # whole, as a file is
        seen = request.form.get("version", type=int)
        version = save_rule_set(session, actor(), rule_set.company_id, checked, seen=seen)
    flash(saved_sentence(version), "success")


def saved_sentence(version: RuleSetVersion) -> str:
    if version.activated_at is None:
        return _("Saved as version %(no)s. It waits for somebody else to put it in force.", no=version.no)
    return _("Saved as version %(no)s.", no=version.no)


def moved(rules: Rules, key: str, step: int) -> Rules:
    order = list(rules.rules)
    at = next((place for place, rule in enumerate(order) if rule.key == key), None)
    if at is None:
        raise NotFound(_("There is no such rule in this set any more."))
    to = max(0, min(at + step, len(order) - 1))
    order.insert(to, order.pop(at))
    return replace(rules, rules=tuple(order))


def without(rules: Rules, key: str) -> Rules:
    return replace(rules, rules=tuple(rule for rule in rules.rules if rule.key != key))


def _typed(form: Any) -> dict[str, Any]:
    """The form as it was sent, for showing it again beside its faults."""
    several = {"left_group_by": form.getlist("left_group_by"), "right_group_by": form.getlist("right_group_by")}
    rows = zip(form.getlist("set_field"), form.getlist("set_from"), form.getlist("set_pattern"), strict=False)
    amounts = {name: form.get(name, "") for name in ("minus", "plus", "percent", "cap", "basis")}
    return {**form.to_dict(), **several, "settings": list(rows), "amount": amounts}
