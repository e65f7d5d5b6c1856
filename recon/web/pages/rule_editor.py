"""The editors of one rule and of one decision: form or text, sentence and findings while typing, and saving.

Only `save` stores anything, always as a new version of the whole set.
"""

from __future__ import annotations

from typing import Any, ClassVar

from flask import flash, jsonify, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from recon.access import Permission, require
from recon.database.models import RuleSet
from recon.errors import NotFound, Refusal
from recon.services.sketch_rule import sketch_rule
from recon.web.pages.group import entered
from recon.web.pages.one_set import editable, newest_rules, save_rules, taken_keys, visible_set
from recon.web.pages.page import Page, posted, shown
from recon.web.pages.rule_change import Change, decision_change, rule_change
from recon.web.pages.rule_choices import choices, groups_to_try
from recon.web.pages.rule_form import (
    VIEWS,
    Document,
    Form,
    as_text,
    decision_document_of,
    decision_fields_of,
    document_of,
    fields_of,
    new_decision,
    new_rule,
    typed_fields,
    view_of,
)
from recon.web.person import actor
from recon.web.storage import database
from recon.web.wording import _
from rules.changes import moved_decision, without_decision
from rules.codec import (
    decision_document,
    decision_from_document,
    rule_document,
    rule_from_document,
    to_document,
)
from rules.errors import Finding, RuleErrors
from rules.names import rule_title

Answer = Any


class Editor(Page):
    """What both editors share. A subclass says how its form is read and shown."""

    in_menu = False
    parts: ClassVar[str]
    """The template of the form's fields."""

    @shown("/")
    def index(self) -> Response:
        return redirect(url_for("rule_sets.index"))

    @posted("/<int:set_id>/reading")
    def reading(self, set_id: int) -> Answer:
        """What the form says now, in words, with what is wrong and what is doubtful. Stores nothing."""
        form, notes = self.readable(request.form)
        try:
            change = self.change(visible_set(set_id), form)
        except RuleErrors as faults:
            return render_template("parts/rule_reading.html", sentence="", findings=as_findings(faults))
        findings = [*change.findings(), *notes]
        return render_template("parts/rule_reading.html", sentence=change.sentence, findings=findings)

    @posted("/<int:set_id>/body")
    def body(self, set_id: int) -> Answer:
        """The whole set as it would be, as a JSON document: what preview and backtest are asked about."""
        try:
            return jsonify(to_document(self.change(visible_set(set_id), request.form).rules))
        except RuleErrors:
            return _("Mend what is marked first."), 422, {"Content-Type": "text/plain; charset=utf-8"}

    @posted("/<int:set_id>/view")
    def view(self, set_id: int) -> Answer:
        """The same rule shown another way: as fields, YAML or JSON. What cannot be read stays as it was typed."""
        rule_set, wanted = visible_set(set_id), request.form.get("to", "form")
        try:
            fields = self.turned(request.form, wanted if wanted in VIEWS else "form")
        except RuleErrors:
            fields = self.typed(request.form)
        return render_template("parts/rule_body.html", **self.shows(rule_set, fields))

    @posted("/<int:set_id>/save")
    def save(self, set_id: int) -> Answer:
        rule_set = visible_set(set_id)
        try:
            save_rules(rule_set, self.change(rule_set, request.form).rules)
        except RuleErrors as faults:
            return self.page(rule_set, self.typed(request.form), as_findings(faults)), 422
        return redirect(url_for("rule_sets.show", set_id=set_id))

    def page(self, rule_set: RuleSet, fields: Document, findings: list[Finding] | None = None) -> Answer:
        return self.render("pages/rule_editor.html", findings=findings or [], **self.shows(rule_set, fields))

    def shows(self, rule_set: RuleSet, fields: Document) -> Document:
        return {
            "rule_set": rule_set,
            "fields": fields,
            "editor": self.endpoint,
            "parts": self.parts,
            "version": rule_set.versions[-1],
            "editable": editable(rule_set),
            "groups": groups_to_try(rule_set),
            **choices(),
        }

    def typed(self, form: Form) -> Document:
        """The form as it was sent, to be shown again."""
        if view_of(form) != "form":
            return {**form.to_dict(), "view": view_of(form)}
        return typed_fields(form)

    def turned(self, form: Form, view: str) -> Document:
        """The form's content shown another way. Raises `RuleErrors` where it must be mended first."""
        kept = {name: form.get(name, "") for name in ("old_key", "place", "at") if form.get(name)}
        document = self.document(form)
        if view == "form":
            return {**self.fields(document), **kept}
        return {"view": view, "source": as_text(document, view), "name": str(document.get("name", "")), **kept}

    def readable(self, form: Form) -> tuple[Form, list[Finding]]:
        """The form as it is read aloud while it is being filled in, and what is still to do."""
        return form, []

    def change(self, rule_set: RuleSet, form: Form) -> Change:
        raise NotImplementedError

    def document(self, form: Form) -> Document:
        raise NotImplementedError

    def fields(self, document: Document) -> Document:
        raise NotImplementedError


class RuleEditor(Editor):
    """Addresses below `/rule/<set>/`."""

    parts = "parts/rule_fields.html"

    @shown("/<int:set_id>/new")
    def new(self, set_id: int) -> Answer:
        return self.page(visible_set(set_id), fields_of(new_rule()))

    @shown("/<int:set_id>/edit/<key>")
    def edit(self, set_id: int, key: str) -> Answer:
        rule_set = visible_set(set_id)
        rule = next((each for each in newest_rules(rule_set).rules if each.key == key), None)
        if rule is None:
            raise NotFound(_("There is no such rule in %(name)s any more.", name=rule_set.name))
        return self.page(rule_set, {**fields_of(rule_document(rule)), "old_key": key})

    @shown("/from-lines")
    def from_lines(self) -> Answer:
        """A new rule for the group's rule set, sketched from the lines that were selected in the group."""
        group = entered(request.args.get("group", 0, type=int))
        require(actor(), group.company_id, Permission.EDIT_RULES)
        selected = [key for side in ("left", "right") for key in keys_in(request.args.get(side, ""))]
        document = sketch_rule(database(), actor(), group.id, selected)
        if group.rule_set_id is None:
            raise Refusal(_("%(group)s has no rule set; link one first.", group=group.name))
        rule_set = visible_set(group.rule_set_id)
        if not editable(rule_set):
            flash(_("The group uses a set of the installation. Copy it, use the copy here, then try again."), "error")
            return redirect(url_for("rule_sets.show", set_id=rule_set.id))
        return self.page(rule_set, fields_of(document))

    def shows(self, rule_set: RuleSet, fields: Document) -> Document:
        title = rule_title(fields.get("name", "")) or _("New rule")
        return {**super().shows(rule_set, fields), "page_title": title, "others": newest_rules(rule_set).rules}

    def readable(self, form: Form) -> tuple[Form, list[Finding]]:
        """A rule can be read before it has a name."""
        if form.get("name", "").strip() or view_of(form) != "form":
            return form, []
        note = Finding("no-name", "info", "name", _("It needs a name before it can be saved."))
        named = MultiDict(form)
        named["name"] = _("New rule")
        return named, [note]

    def change(self, rule_set: RuleSet, form: Form) -> Change:
        return rule_change(newest_rules(rule_set), form, taken_keys(rule_set))

    def document(self, form: Form) -> Document:
        return _without_blank_key(document_of(form))

    def fields(self, document: Document) -> Document:
        shown = fields_of(rule_document(rule_from_document(_with_any_key(document))))
        return {**shown, "key": document.get("key", "")}


class DecisionEditor(Editor):
    """Addresses below `/decision/<set>/`. A decision has no key: its place is its name."""

    parts = "parts/decision_fields.html"

    @shown("/<int:set_id>/new")
    def new(self, set_id: int) -> Answer:
        return self.page(visible_set(set_id), decision_fields_of(new_decision()))

    @shown("/<int:set_id>/edit/<int:at>")
    def edit(self, set_id: int, at: int) -> Answer:
        rule_set = visible_set(set_id)
        decide = newest_rules(rule_set).decide
        if at >= len(decide):
            raise NotFound(_("There is no such decision in %(name)s any more.", name=rule_set.name))
        return self.page(rule_set, {**decision_fields_of(decision_document(decide[at])), "at": str(at)})

    @posted("/<int:set_id>/move/<int:at>/<way>")
    def move(self, set_id: int, at: int, way: str) -> Response:
        rule_set = visible_set(set_id)
        if at < len(newest_rules(rule_set).decide):
            save_rules(rule_set, moved_decision(newest_rules(rule_set), at, -1 if way == "up" else 1))
        return redirect(url_for("rule_sets.show", set_id=set_id))

    @posted("/<int:set_id>/remove/<int:at>")
    def remove(self, set_id: int, at: int) -> Response:
        rule_set = visible_set(set_id)
        save_rules(rule_set, without_decision(newest_rules(rule_set), at))
        return redirect(url_for("rule_sets.show", set_id=set_id))

    def shows(self, rule_set: RuleSet, fields: Document) -> Document:
        return {
            **super().shows(rule_set, fields),
            "page_title": rule_title(fields.get("name", "")) or _("New decision"),
            "others": (),
        }

    def change(self, rule_set: RuleSet, form: Form) -> Change:
        return decision_change(newest_rules(rule_set), form)

    def document(self, form: Form) -> Document:
        return decision_document_of(form)

    def fields(self, document: Document) -> Document:
        return decision_fields_of(decision_document(decision_from_document(document)))


def keys_in(text: str) -> list[int]:
    return [int(part) for part in text.split(",") if part.isascii() and part.isdigit() and len(part) <= 18]


def as_findings(faults: RuleErrors) -> list[Finding]:
    return [Finding("error", "error", each.path, each.sentence) for each in faults.errors]


def _without_blank_key(document: Document) -> Document:
    return {name: value for name, value in document.items() if name != "key" or value}


def _with_any_key(document: Document) -> Document:
    """A rule without a name has no key yet: it can be shown all the same."""
    return document if document.get("key") or document.get("name") else {**document, "key": "new"}
