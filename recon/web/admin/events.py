"""The event log: who did what when, each event holding the hash of the one before."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from flask import g
from flask_babel import lazy_gettext
from markupsafe import Markup
from sqlalchemy import select

from recon.access import Permission
from recon.database.models import Account, AccountGroup, Company, Event, User
from recon.web.admin.event_words import object_words, verb_words
from recon.web.admin.secure_view import SecureModelView
from recon.web.storage import database

LABELS: dict[str, tuple[Any, Any]] = {
    "group": (AccountGroup, AccountGroup.name),
    "account": (Account, Account.number),
    "user": (User, User.name),
    "company": (Company, Company.name),
}


class Events(SecureModelView):
    """Read only for everyone: the database itself refuses changes."""

    permission = Permission.VERIFY
    empty_sentence = lazy_gettext("Nothing has been done in this company yet.")
    can_view_details = True
    column_list = ("id", "at", "actor", "verb", "object")
    column_details_list = ("id", "at", "actor", "verb", "object", "before", "after", "digest", "prev_hash", "hash")
    column_labels: ClassVar[dict[str, Any]] = {
        "id": lazy_gettext("No."),
        "at": lazy_gettext("Time"),
        "actor": lazy_gettext("Who"),
        "verb": lazy_gettext("What"),
        "object": lazy_gettext("On"),
        "before": lazy_gettext("Before"),
        "after": lazy_gettext("After"),
        "digest": lazy_gettext("Digest of the rows written"),
        "prev_hash": lazy_gettext("Hash of the event before"),
        "hash": lazy_gettext("Hash"),
    }
    numeric_columns = ("id",)
    column_sortable_list = ("id",)
    column_default_sort = ("id", True)
    column_formatters: ClassVar[dict[str, Any]] = {
        "actor": lambda view, context, row, name: person(row.actor_id),
        "object": lambda view, context, row, name: object_words(named(row)),
        "verb": lambda view, context, row, name: verb_words(row.verb),
    }
    column_formatters_detail: ClassVar[dict[str, Any]] = {
        **column_formatters,
        "before": lambda view, context, row, name: written(row.before),
        "after": lambda view, context, row, name: written(row.after),
    }

    def details_label(self, row: Event) -> str:
        return f"{verb_words(row.verb)} {object_words(named(row))}"


def person(user_id: int) -> str:
    found = database().scalar(select(User.name).where(User.id == user_id))
    return found or str(user_id)


def named(event: Event) -> str:
    """What the event was about, by the name it has now; the log itself holds keys only."""
    kind, _space, key = event.object.partition(" ")
    if kind == "file" and event.after:
        return str(event.after.get("file", event.object))
    label = LABELS.get(kind)
    if label is None or not key.isdigit():
        return event.object
    known: dict[str, str] = g.setdefault("event_names", {})
    if event.object not in known:
        model, column = label
        found = database().scalar(select(column).where(model.id == int(key)))
        known[event.object] = f"{kind} {found}" if found else event.object
    return known[event.object]


def written(document: Any) -> Markup | str:
    if document is None:
        return ""
    return Markup('<pre class="mb-0 small">{}</pre>').format(json.dumps(document, indent=2, ensure_ascii=False))
