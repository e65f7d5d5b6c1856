"""What the rule editor offers to choose from: fields, calendars, treatments, groups to try on."""

from __future__ import annotations

from typing import Any

from babel import Locale
from flask_babel import get_locale
from sqlalchemy import select

from recon.database.models import AccountGroup, EntryType, RuleSet
from recon.web.pages.one_set import groups_here
from recon.web.pages.rule_words import builder_config
from recon.web.person import here
from recon.web.storage import database
from recon.web.wording import _
from rules.fields import LINE_FIELDS, FieldType
from rules.names import field_label

Choices = list[tuple[str, str]]

COUNTRIES = ("NO", "SE", "DK", "FI")
_FIRST_KEYS = "booking_date sign archive_reference reference voucher_number counterparty text entry".split()


def choices() -> dict[str, Any]:
    """For the editor's template."""
    return {
        "kinds": kinds(),
        "cardinalities": cardinalities(),
        "group_keys": group_keys(),
        "text_fields": named_fields(FieldType.TEXT),
        "money_fields": named_fields(FieldType.MONEY),
        "date_fields": [("", _("any date")), *named_fields(FieldType.DATE)],
        "calendars": calendars(),
        "policies": policies(),
        "outcomes": [("confirmed", _("confirmed at once")), ("suggested", _("a suggestion, for a person to accept"))],
        "entry_types": entry_types(),
        "treatments": treatments(),
        "line_config": builder_config("line"),
        "pair_config": builder_config("pair"),
        "candidate_config": builder_config("candidate"),
    }


def kinds() -> Choices:
    return [
        ("match", _("matches lines")),
        ("exclude", _("leaves lines aside")),
        ("derive", _("reads a field out of another")),
        ("post", _("proposes an entry")),
    ]


def cardinalities() -> Choices:
    return [
        ("one_to_one", _("one left with one right")),
        ("one_to_many", _("one left with many right")),
        ("many_to_one", _("many left with one right")),
        ("many_to_many", _("many left with many right")),
        ("internal_left", _("left lines among themselves")),
        ("internal_right", _("right lines among themselves")),
    ]


def policies() -> Choices:
    return [
        ("unique_only", _("match none: leave it to a person")),
        ("closest", _("take the closest; leave a tie open")),
        ("first", _("take the closest; of a tie the first")),
        ("newest", _("take the newest; of a tie the first")),
        ("suggest", _("take the closest; show a tie as a choice")),
    ]


def group_keys() -> Choices:
    """The fields that many lines can share, the usual ones first; an amount is never a key."""
    rest = [name for name, field in LINE_FIELDS.items() if field.type is not FieldType.MONEY]
    return [(name, field_label(name)) for name in dict.fromkeys([*_FIRST_KEYS, *rest])]


def named_fields(kind: FieldType) -> Choices:
    return [(name, field_label(name)) for name, field in LINE_FIELDS.items() if field.type is kind]


def calendars() -> Choices:
    territories = Locale.parse(str(get_locale() or "en")).territories
    of_country = [
        (f"banking:{code}", _("banking days of %(country)s", country=territories[code])) for code in COUNTRIES
    ]
    return [("calendar", _("days")), ("banking", _("banking days of the group's country")), *of_country]


def entry_types() -> Choices:
    """The company's entry types, by which a difference or a proposed entry is booked."""
    query = select(EntryType).where(EntryType.company_id == here().company_id).order_by(EntryType.key)
    return [(row.key, f"{row.name} ({row.key})") for row in database().scalars(query)]


def treatments() -> Choices:
    """What can become of an allowed difference."""
    booked = [(key, _("is booked as %(name)s", name=name)) for key, name in entry_types()]
    return [("", _("choose …")), ("keep_open", _("stays open as a remainder")), *booked]


def groups_to_try(rule_set: RuleSet) -> list[AccountGroup]:
    """The active company's groups, those that use the set first."""
    return sorted(groups_here(), key=lambda group: (group.rule_set_id != rule_set.id, group.name))
