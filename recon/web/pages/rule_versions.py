"""The versions of a rule set: what each changed, which is in force, putting one in force, going back to an old one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, request, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from recon.access import Permission
from recon.database.models import RuleSet, RuleSetVersion, User
from recon.errors import NotFound
from recon.services.activate_version import activate_version, needs_second_person, why_not_activate
from recon.services.compare_versions import changes_between
from recon.services.deactivate_rule import delete_rule, reactivate_rule
from recon.services.roll_back_rules import roll_back_to_version
from recon.services.rule_uses import used_rules
from recon.services.rule_versions import in_force, inactive_rules, rule_set_for
from recon.web.pages.page import Page, posted, shown
from recon.web.person import actor
from recon.web.storage import command, database
from recon.web.wording import _
from rules.difference import RuleChange
from rules.sentence import rule_sentence

PAGE = 20


@dataclass(frozen=True)
class VersionRow:
    """A version with what it changed against the one before, and what the reader may do with it."""

    version: RuleSetVersion
    changes: Sequence[RuleChange]
    state: str
    refusal: str
    goes_back: bool


class RuleVersions(Page):
    """Addresses below `/rule-versions/<set>/`."""

    in_menu = False

    @shown("/")
    def index(self) -> Response:
        return redirect(url_for("rule_sets.index"))

    @shown("/<int:set_id>/")
    def show(self, set_id: int) -> Any:
        rule_set = seen(set_id)
        listed = _page(rule_set, request.args.get("before", type=int))
        last = listed[-1].version.no if listed else 1
        return self.render(
            "pages/rule_versions.html",
            rule_set=rule_set,
            rows=listed,
            older=last if last > 1 else None,
            people=_people(rule_set),
            editable=editable(rule_set),
            four_eyes=needs_second_person(database(), rule_set),
            comparison=_comparison(rule_set),
            aside=_aside(rule_set),
            page_title=_("Versions of %(name)s", name=rule_set.name),
        )

    @posted("/<int:set_id>/activate/<int:no>")
    def activate(self, set_id: int, no: int) -> Response:
        with command() as session:
            activate_version(session, actor(), _version(seen(set_id), no).id)
        flash(_("Version %(no)s is in force now.", no=no), "success")
        return redirect(url_for("rule_versions.show", set_id=set_id))

    @posted("/<int:set_id>/roll-back/<int:no>")
    def roll_back(self, set_id: int, no: int) -> Response:
        with command() as session:
            version = roll_back_to_version(session, actor(), _version(seen(set_id), no).id)
        return _saved(version, _("Version %(no)s is the same as version %(old)s.", no=version.no, old=no))

    @posted("/<int:set_id>/reactivate/<key>")
    def reactivate(self, set_id: int, key: str) -> Response:
        with command() as session:
            version = reactivate_rule(session, actor(), set_id, key)
        return _saved(version, _("The rule is back, in version %(no)s.", no=version.no))

    @posted("/<int:set_id>/delete/<key>")
    def delete(self, set_id: int, key: str) -> Response:
        with command() as session:
            version = delete_rule(session, actor(), set_id, key)
        return _saved(version, _("The rule is gone from version %(no)s on.", no=version.no))


def seen(set_id: int) -> RuleSet:
    """The set for its reader; raises NotFound where there is none."""
    return rule_set_for(database(), actor(), set_id)


def editable(rule_set: RuleSet) -> bool:
    if rule_set.company_id is None:
        return actor().operator
    return actor().may(rule_set.company_id, Permission.EDIT_RULES)


def _version(rule_set: RuleSet, no: int | None) -> RuleSetVersion:
    for version in rule_set.versions:
        if version.no == no:
            return version
    raise NotFound(_("There is no such version of a rule set."))


def _page(rule_set: RuleSet, before: int | None) -> list[VersionRow]:
    """The newest versions first, from below a number."""
    current = in_force(database(), rule_set.id)
    asked = [version for version in rule_set.versions if before is None or version.no < before]
    return [_row(rule_set, version, current) for version in reversed(asked[-PAGE:])]


def _row(rule_set: RuleSet, version: RuleSetVersion, current: RuleSetVersion | None) -> VersionRow:
    previous = next((each for each in rule_set.versions if each.no == version.no - 1), None)
    state = _state(version, current)
    refusal = why_not_activate(database(), actor(), version) if state == "waits" else None
    return VersionRow(
        version,
        changes_between(previous, version) if previous else (),
        state,
        str(refusal or ""),
        version.sha256 != rule_set.versions[-1].sha256,
    )


def _state(version: RuleSetVersion, current: RuleSetVersion | None) -> str:
    """ "in_force", "waits" (newer than what is in force), "was" in force once, or "draft" that never was."""
    if current is not None and version.id == current.id:
        return "in_force"
    if current is None or version.no > current.no:
        return "waits"
    return "was" if version.activated_at else "draft"


def _comparison(rule_set: RuleSet) -> dict[str, Any] | None:
    """The two versions that the address asks to compare, with what changed from one to the other."""
    one, other = request.args.get("from", type=int), request.args.get("to", type=int)
    if one is None or other is None:
        return None
    old, new = _version(rule_set, one), _version(rule_set, other)
    return {"old": old, "new": new, "changes": changes_between(old, new)}


def _aside(rule_set: RuleSet) -> list[dict[str, Any]]:
    """The rules deactivated beside the newest version, and which of them may still be deleted."""
    rules = [each.rule for each in inactive_rules(rule_set.versions[-1])]
    used = used_rules(database(), rule_set.id, [rule.key for rule in rules])
    return [{"rule": rule, "sentence": rule_sentence(rule), "used": rule.key in used} for rule in rules]


def _people(rule_set: RuleSet) -> dict[int, str]:
    named = {version.author_id for version in rule_set.versions} | {v.activated_by for v in rule_set.versions}
    found = database().execute(select(User.id, User.name).where(User.id.in_(named - {None})))
    return dict(found.all())


def _saved(version: RuleSetVersion, sentence: str) -> Response:
    if version.activated_at is None:
        sentence = f"{sentence} {_('It waits for somebody else to put it in force.')}"
    flash(sentence, "success")
    return redirect(url_for("rule_versions.show", set_id=version.rule_set_id))
