"""A whole rule set as YAML or JSON: read and edited by experts, exported to a file, imported from one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from recon.database.models import RuleSet
from recon.errors import Refusal
from recon.services.save_rule_set import save_rule_set
from recon.web.pages.one_set import editable, save_rules, saved_sentence, visible_set
from recon.web.pages.page import Page, posted, shown
from recon.web.pages.rule_editor import as_findings
from recon.web.pages.rule_sets import listed_sets, version_shown
from recon.web.person import actor, here
from recon.web.storage import command
from recon.web.wording import _
from rules import codec
from rules.errors import RuleError, RuleErrors
from rules.kinds import slug
from rules.lint import lint
from rules.model import RuleSet as Rules
from rules.sentence import rule_set_sentence

LARGEST = 2_000_000
"""Bytes of a rule file: some thousand rules."""
FORMS = ("yaml", "json")
TYPES = {"yaml": "application/yaml", "json": "application/json"}


class RuleText(Page):
    """Addresses below `/rule-text/<set>/`."""

    in_menu = False

    @shown("/")
    def index(self) -> Response:
        return redirect(url_for("rule_sets.index"))

    @shown("/<int:set_id>/")
    def show(self, set_id: int) -> Any:
        rule_set = visible_set(set_id)
        form = wanted_form(request.args.get("form", ""))
        rules = codec.from_document(version_shown(rule_set).body)
        return self._page(rule_set, form, text_of(rules, form), rules)

    def _page(
        self, rule_set: RuleSet, form: str, source: str, rules: Rules | None, faults: RuleErrors | None = None
    ) -> Any:
        version = version_shown(rule_set)
        newest = rule_set.versions[-1]
        return self.render(
            "pages/rule_text.html",
            rule_set=rule_set,
            form=form,
            source=source,
            version=version,
            newest=newest,
            editable=editable(rule_set) and version is newest,
            page_title=rule_set.name,
            **reading_of(rules, faults),
        )

    @posted("/<int:set_id>/reading")
    def reading(self, set_id: int) -> Any:
        """What the text says, rule by rule, with what is wrong and what is doubtful. Stores nothing."""
        try:
            return render_template("parts/set_reading.html", **reading_of(typed(visible_set(set_id)), None))
        except RuleErrors as faults:
            return render_template("parts/set_reading.html", **reading_of(None, faults))

    @posted("/<int:set_id>/save")
    def save(self, set_id: int) -> Any:
        rule_set = visible_set(set_id)
        try:
            save_rules(rule_set, typed(rule_set))
        except RuleErrors as faults:
            form = wanted_form(request.form.get("form", ""))
            return self._page(rule_set, form, request.form.get("source", ""), None, faults), 422
        return redirect(url_for("rule_sets.show", set_id=set_id))

    @shown("/<int:set_id>/export/<form>")
    def export(self, set_id: int, form: str) -> Response:
        """The version that the address asks for, else the newest, as a file."""
        rule_set, form = visible_set(set_id), wanted_form(form)
        version = version_shown(rule_set)
        name = f"{slug(rule_set.name) or 'rules'}-{version.no}.{form}"
        text = text_of(codec.from_document(version.body), form)
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(text, content_type=f"{TYPES[form]}; charset=utf-8", headers=headers)

    @posted("/import")
    def take(self) -> Any:
        """A file as a set of the active company, or as the next version of the one of its name."""
        file = request.files.get("file")
        if file is None or not file.filename:
            raise Refusal(_("Choose a rule file (YAML or JSON) first."))
        try:
            rules = named(codec.load(read_bytes(file)))
        except RuleErrors as faults:
            shown_faults = as_findings(faults)
            return self.render(
                "pages/rule_sets.html", sets=listed_sets(), file=file.filename, findings=shown_faults
            ), 422
        with command() as session:
            at_once = "activate" in request.form
            version = save_rule_set(session, actor(), here().company_id, rules, activate=at_once)
        flash(saved_sentence(version), "success")
        return redirect(url_for("rule_sets.show", set_id=version.rule_set_id))


def typed(rule_set: RuleSet) -> Rules:
    """The set that the text says. Raises `RuleErrors`; the name of a set never changes."""
    rules = codec.load(request.form.get("source", ""))
    if rules.name not in ("", rule_set.name):
        sentence = _("The set keeps its name, “%(name)s”.", name=rule_set.name)
        raise RuleErrors([RuleError("name", sentence)])
    return replace(rules, name=rule_set.name)


def named(rules: Rules) -> Rules:
    if not rules.name:
        raise RuleErrors([RuleError("name", _("The file does not name its rule set; write “name: …” into it."))])
    return rules


def read_bytes(file: Any) -> bytes:
    content: bytes = file.stream.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise Refusal(_("%(file)s is larger than a rule file can be (2 MB).", file=file.filename))
    return content


def wanted_form(form: str) -> str:
    return form if form in FORMS else "yaml"


def text_of(rules: Rules, form: str) -> str:
    return codec.dump_json(rules) if form == "json" else codec.dump_yaml(rules)


def reading_of(rules: Rules | None, faults: RuleErrors | None) -> dict[str, Any]:
    """Sentences and findings of a set, or what is wrong with the text."""
    if rules is None:
        return {"sentences": [], "findings": as_findings(faults) if faults else []}
    return {"sentences": rule_set_sentence(rules).splitlines(), "findings": lint(rules)}
