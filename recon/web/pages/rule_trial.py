"""Trying rules out: a preview on open lines, a backtest on approved periods. Addresses below `/rule-sets/<set>/`.

Rules nobody saved come in a form's `body` (a JSON document), stored ones by their `version`. Nothing is written but the
job that a trial over many lines is left to.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from flask import current_app, redirect, render_template, request, send_file, url_for
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from recon.closing.documents import period_end
from recon.database.models import AccountGroup, Document, GroupLine, RuleSet, RuleSetVersion
from recon.database.session import read_only, session_factory
from recon.errors import NotFound, Refusal
from recon.services.backtest_report import FORMATS, draw_backtest
from recon.services.trial_matches import with_dates
from recon.services.try_rules import What, try_rules
from recon.web import work
from recon.web.pages.jobs import visible_job
from recon.web.pages.one_set import visible_set
from recon.web.pages.page import Page, posted, shown
from recon.web.pages.rule_choices import groups_to_try
from recon.web.person import actor
from recon.web.storage import database
from recon.web.wording import _
from rules.codec import from_document
from rules.errors import RuleError, RuleErrors

LINES_IN_A_REQUEST = 20_000
"""Above so many lines a trial is a job; below it answers within a second or two."""


class RuleTrial(Page):
    """Every address looks the set and the group up as the reader sees them, so foreign ones are not found."""

    in_menu = False

    @shown("/")
    def index(self) -> Response:
        return redirect(url_for("rule_sets.index"))

    @shown("/<int:set_id>/preview")
    def preview_version(self, set_id: int) -> Any:
        return self._page(asked("preview", set_id, request.args))

    @shown("/<int:set_id>/backtest")
    def backtest_version(self, set_id: int) -> Any:
        return self._page(asked("backtest", set_id, request.args))

    @posted("/<int:set_id>/preview")
    def preview(self, set_id: int) -> Any:
        return self._answer(asked("preview", set_id, request.form))

    @posted("/<int:set_id>/backtest")
    def backtest(self, set_id: int) -> Any:
        return self._answer(asked("backtest", set_id, request.form))

    @posted("/<int:set_id>/backtest.<kind>")
    def report(self, set_id: int, kind: str) -> Response:
        """The backtest that the form asks for, as a file."""
        wanted = asked("backtest", set_id, request.form)
        return report_file(wanted.found(), kind)

    @shown("/job/<int:job_id>")
    def result(self, job_id: int) -> Any:
        """What a job of trying rules found."""
        job = visible_job(job_id)
        if job.kind not in ("preview", "backtest"):
            raise NotFound(_("There is no such trial of rules."))
        form = {name: value for name, value in job.arguments.items() if isinstance(value, str)}
        body = json.dumps(job.arguments["body"], ensure_ascii=False)
        what: What = "preview" if job.kind == "preview" else "backtest"
        wanted = asked(what, job.arguments["set_id"], {**form, "body": body, "group": str(job.group_id)})
        return self._shown(wanted, (job.result or {}).get("trial"), job)

    @shown("/job/<int:job_id>/backtest.<kind>")
    def result_file(self, job_id: int, kind: str) -> Response:
        job = visible_job(job_id)
        if job.kind != "backtest" or not job.result:
            raise NotFound(_("There is no such trial of rules."))
        return report_file(job.result["trial"], kind)

    def _page(self, wanted: Asked) -> Any:
        """A stored version: the choice of group and version, and under it the trial once a group is chosen."""
        if "group" not in request.args:
            return self._shown(wanted, None)
        return self._tried(wanted)

    def _answer(self, wanted: Asked) -> Any:
        return self._tried(wanted)

    def _tried(self, wanted: Asked) -> Any:
        if wanted.faults:
            return self._shown(wanted, None), 422
        if wanted.lines() > int(current_app.config.get("TRIAL_LINES_IN_A_REQUEST", LINES_IN_A_REQUEST)):
            job = work.try_rules(wanted.what, {**wanted.arguments(), "set_id": wanted.rule_set.id}, wanted.group_id)
            if request.method == "POST" and "HX-Request" not in request.headers:
                return redirect(url_for("rule_trial.result", job_id=job.id))
            return self._shown(wanted, None, job)
        try:
            return self._shown(wanted, wanted.found())
        except Refusal as refusal:
            return self._shown(wanted, None, refusal=str(refusal)), 422

    def _shown(self, wanted: Asked, found: dict[str, Any] | None, job: Any = None, refusal: str = "") -> Any:
        shown_as = {
            "wanted": wanted,
            "trial": with_dates(found) if found else None,
            "job": job,
            "refusal": refusal,
            "rule_set": wanted.rule_set,
            "groups": groups_to_try(wanted.rule_set),
            "job_titles": work.titles(),
        }
        if "HX-Request" in request.headers:
            return render_template(f"parts/rule_{wanted.what}.html", **shown_as)
        return self.render(f"pages/rule_{wanted.what}.html", page_title=wanted.title, **shown_as)


@dataclass(frozen=True)
class Asked:
    """What is to be tried: rules (a stored version's, or `body` as it was sent), the group, and a backtest's days."""

    what: What
    rule_set: RuleSet
    version: RuleSetVersion | None
    body: Any
    group_id: int
    from_on: str | None
    to_on: str | None
    faults: tuple[RuleError, ...]

    @property
    def title(self) -> str:
        return _("Preview of rules") if self.what == "preview" else _("Backtest of rules")

    @property
    def text(self) -> str:
        """The rules as a form sends them again."""
        return json.dumps(self.body, ensure_ascii=False)

    def arguments(self) -> dict[str, Any]:
        return {"group_id": self.group_id, "body": self.body, "from_on": self.from_on, "to_on": self.to_on}

    def found(self) -> dict[str, Any]:
        with reading() as session:
            return try_rules(session, actor(), self.what, self.arguments())

    def lines(self) -> int:
        """How many lines it is over; for a backtest all that the group has, of which few are in no approved period."""
        query = select(func.count()).select_from(GroupLine).where(GroupLine.group_id == self.group_id)
        if self.what == "preview":
            query = query.where(GroupLine.is_open, GroupLine.state == "active")
        return database().scalar(query) or 0

    def periods(self) -> list[Document]:
        """The approved periods of the group, newest first."""
        query = select(Document).where(Document.group_id == self.group_id, Document.state == "approved")
        return list(database().scalars(query.order_by(Document.to_on.desc())))


def asked(what: What, set_id: int, form: Mapping[str, str]) -> Asked:
    """What a form or an address asks for. Raises NotFound for a set, version or group that the reader does not see."""
    rule_set = visible_set(set_id)
    version = None if form.get("body") else _version(rule_set, form.get("version", ""))
    body, faults = (version.body, ()) if version else _document(form["body"])
    first, last = (_day(form.get(name, "")) for name in ("from_on", "to_on"))
    return Asked(what, rule_set, version, body, _group(rule_set, form.get("group", "")).id, first, last, faults)


def _version(rule_set: RuleSet, number: str) -> RuleSetVersion:
    """The version of that number, the newest for none."""
    found = [each for each in rule_set.versions if number in ("", str(each.no))]
    if not found:
        raise NotFound(_("There is no such version of a rule set."))
    return found[-1]


def _document(text: str) -> tuple[Any, tuple[RuleError, ...]]:
    """The document of rules that a form holds, with what is wrong with it."""
    try:
        body = json.loads(text)
        from_document(body)
    except json.JSONDecodeError as error:
        sentence = _("The rules could not be read as JSON, line %(line)s.", line=error.lineno)
        return {}, (RuleError("", sentence),)
    except RecursionError:
        return {}, (RuleError("", _("The rules are nested too deeply.")),)
    except RuleErrors as faults:
        return body, tuple(faults.errors)
    return body, ()


def _group(rule_set: RuleSet, key: str) -> AccountGroup:
    """The group of that key, the first to try on for none."""
    found = [group for group in groups_to_try(rule_set) if key in ("", str(group.id))]
    if not found:
        raise NotFound(_("There is no such account group."))
    return found[0]


def _day(text: str) -> str | None:
    return period_end(text).isoformat() if text else None


@contextmanager
def reading() -> Iterator[Session]:
    """A session that waits for no writer and holds none up, also while a form is answered."""
    database().commit()
    with session_factory(current_app.extensions["recon_engine"])() as session:
        yield read_only(session)


def report_file(kept: dict[str, Any], kind: str) -> Response:
    if kind not in FORMATS:
        raise NotFound(_("There is no such trial of rules."))
    name = f"backtest {kept['group']} {kept['to_on']}.{kind}"
    return send_file(BytesIO(draw_backtest(kept, kind)), as_attachment=True, download_name=name)
