"""Work on single lines of a group by hand: manual lines, lines out of play and back, notes and attachments."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, send_file, url_for
from sqlalchemy import Select, func, select
from werkzeug.wrappers import Response

from recon.database.models import AccountGroup, Allocation, Attachment, GroupLine, Line, Note, User
from recon.errors import NotFound, Refusal
from recon.services.deactivate_lines import activate_lines, deactivate_before, deactivate_lines
from recon.services.manual_lines import FIELDS, ManualLine, add_manual_line, remove_manual_line
from recon.services.read_balances import display_name
from recon.services.write_notes import (
    LARGEST_FILE,
    Target,
    attach_file,
    attachment_for,
    remarks_on,
    remove_attachment,
    write_note,
)
from recon.web.pages.closing import amount_typed, day_typed
from recon.web.pages.group import CHANGED, entered, head, seen
from recon.web.pages.line_facts import facts_of
from recon.web.pages.page import Page, back, posted, shown
from recon.web.person import actor
from recon.web.storage import command, database
from recon.web.wording import _, ngettext

MOST = 500
INLINE = ("application/pdf", "image/png", "image/jpeg", "text/plain")


@dataclass(frozen=True)
class Held:
    """A line as its group holds it."""

    standing: GroupLine
    line: Line
    matched: bool = False


class ByHand(Page):
    """Addresses below `/by-hand/`; every one looks its group up as the reader."""

    in_menu = False

    @shown("/")
    def index(self) -> Response:
        return redirect(url_for("dashboard.index"))

    @shown("/<int:group_id>/")
    def lines(self, group_id: int) -> Any:
        group = entered(group_id)
        return self.render(
            "pages/by_hand.html",
            **head(group, "by_hand"),
            manual=held(_lines(group, Line.origin == "manual")),
            idle=held(_lines(group, GroupLine.state == "deactivated")),
            idle_count=counted(group, "deactivated"),
            places=places(group),
            fields=field_words(),
        )

    @posted("/<int:group_id>/add")
    def add(self, group_id: int) -> Response:
        group = seen(group_id)
        side, _colon, member = request.form.get("place", "left:0").partition(":")
        texts = {name: request.form.get(name, "") for name in FIELDS if request.form.get(name, "").strip()}
        place = int(member) if member.isdecimal() else 0
        wanted = ManualLine(side, day_typed("on"), amount_typed("amount", group.currency), place, texts)
        with command() as session:
            add_manual_line(session, actor(), group.id, wanted)
        flash(_("The line is entered; it is open and counts in the balance."), "success")
        return redirect(url_for("by_hand.lines", group_id=group.id))

    @posted("/<int:group_id>/remove/<int:line_id>")
    def remove(self, group_id: int, line_id: int) -> Response:
        with command() as session:
            remove_manual_line(session, actor(), group_id, line_id)
        flash(_("The line is taken away."), "success")
        return redirect(url_for("by_hand.lines", group_id=group_id))

    @posted("/<int:group_id>/deactivate")
    def deactivate(self, group_id: int) -> Any:
        """The lines selected in the panes."""
        typed = f"{request.form.get('left', '')},{request.form.get('right', '')}"
        ids = [int(part) for part in typed.split(",") if part.isdecimal()]
        if not ids:
            raise Refusal(_("Select the lines first."))
        with command() as session:
            count = deactivate_lines(session, actor(), group_id, ids, request.form.get("reason", ""))
        return told(ngettext("%(num)s line is out of play.", "%(num)s lines are out of play.", count))

    @posted("/<int:group_id>/deactivate-before")
    def deactivate_before(self, group_id: int) -> Response:
        side = request.form.get("side") or None
        with command() as session:
            day = day_typed("before")
            count = deactivate_before(session, actor(), group_id, day, side, request.form.get("reason", ""))
        flash(ngettext("%(num)s line is out of play.", "%(num)s lines are out of play.", count), "success")
        return redirect(url_for("by_hand.lines", group_id=group_id))

    @posted("/<int:group_id>/activate")
    def activate(self, group_id: int) -> Response:
        ids = [int(key) for key in request.form.getlist("line") if key.isdecimal()]
        if not ids:
            raise Refusal(_("Select the lines first."))
        with command() as session:
            count = activate_lines(session, actor(), group_id, ids)
        flash(ngettext("%(num)s line is back in play.", "%(num)s lines are back in play.", count), "success")
        return redirect(url_for("by_hand.lines", group_id=group_id))

    # notes and attachments of a line

    @shown("/<int:group_id>/line/<int:line_id>")
    def line(self, group_id: int, line_id: int) -> Any:
        group = entered(group_id)
        standing = database().get(GroupLine, (group.id, line_id))
        if standing is None:
            raise NotFound(_("There is no such line in this group."))
        notes, files = remarks_on(database(), group.id, Target(line_id=line_id))
        line = database().get_one(Line, line_id)
        return self.render(
            "pages/line.html",
            **head(group, "by_hand"),
            held=Held(standing, line),
            facts=facts_of(line, standing, group.currency),
            notes=notes,
            files=files,
            people=people(notes, files),
            largest=LARGEST_FILE // 1_000_000,
        )

    @posted("/<int:group_id>/line/<int:line_id>/note")
    def note(self, group_id: int, line_id: int) -> Response:
        with command() as session:
            write_note(session, actor(), group_id, Target(line_id=line_id), request.form.get("body", ""))
        return redirect(url_for("by_hand.line", group_id=group_id, line_id=line_id))

    @posted("/<int:group_id>/line/<int:line_id>/attach")
    def attach(self, group_id: int, line_id: int) -> Response:
        file = request.files.get("file")
        if file is None or not file.filename:
            raise Refusal(_("Choose a file."))
        content = file.stream.read(LARGEST_FILE + 1)
        with command() as session:
            attach_file(session, actor(), group_id, Target(line_id=line_id), file.filename, content)
        return redirect(url_for("by_hand.line", group_id=group_id, line_id=line_id))

    @shown("/attachment/<int:attachment_id>")
    def attachment(self, attachment_id: int) -> Response:
        """The bytes, named and typed by what they are, and opened by nothing on our pages."""
        found = attachment_for(database(), actor(), attachment_id)
        answer: Response = send_file(
            io.BytesIO(found.content),
            mimetype=found.media_type,
            as_attachment=found.media_type not in INLINE,
            download_name=found.name,
            max_age=0,
        )
        answer.headers["X-Content-Type-Options"] = "nosniff"
        answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
        return answer

    @posted("/attachment/<int:attachment_id>/remove")
    def remove_attachment(self, attachment_id: int) -> Response:
        with command() as session:
            remove_attachment(session, actor(), attachment_id)
        return redirect(back())


def told(sentence: str) -> tuple[str, int, dict[str, str]]:
    """The message box with one sentence; the panes read their lines anew."""
    flash(sentence, "success")
    return render_template("parts/messages.html"), 200, CHANGED


def _lines(group: AccountGroup, which: Any) -> Select[GroupLine, Line, bool]:
    taken = select(Allocation.id).where(Allocation.line_id == Line.id, Allocation.undone_event_id.is_(None)).exists()
    query = select(GroupLine, Line, taken).join(Line, Line.id == GroupLine.line_id)
    return query.where(GroupLine.group_id == group.id, which).order_by(GroupLine.booked_on, Line.id).limit(MOST)


def counted(group: AccountGroup, state: str) -> int:
    query = select(func.count()).select_from(GroupLine).where(GroupLine.group_id == group.id, GroupLine.state == state)
    return database().scalar(query) or 0


def held(query: Select[GroupLine, Line, bool]) -> list[Held]:
    return [Held(standing, line, bool(taken)) for standing, line, taken in database().execute(query)]


def places(group: AccountGroup) -> list[tuple[str, str]]:
    """(side and place, name) of every account of the group, to put a manual line on."""
    listed = []
    for side in ("left", "right"):
        members = [member for member in group.members if member.side == side]
        listed += [(f"{side}:{place}", display_name(member)) for place, member in enumerate(members)]
    return listed


def field_words() -> dict[str, str]:
    return {
        "text": _("Text"),
        "reference": _("Reference"),
        "archive_reference": _("Archive reference"),
        "invoice_number": _("Invoice number"),
        "kid": _("KID"),
        "counterparty": _("Counterparty"),
        "voucher_number": _("Voucher number"),
    }


def people(notes: list[Note], files: list[Attachment]) -> dict[int, str]:
    ids = {note.author_id for note in notes} | {file.author_id for file in files}
    return dict(database().execute(select(User.id, User.name).where(User.id.in_(ids))).all())
