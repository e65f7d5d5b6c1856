"""What the event log says: the verbs that services record, and what they are done to, as people read them."""

from __future__ import annotations

from rules.wording import NP_, pgettext

VERBS = frozenset(
    {
        NP_("event", "accept"),
        NP_("event", "accept adjustments"),
        NP_("event", "activate"),
        NP_("event", "activate rules"),
        NP_("event", "add account"),
        NP_("event", "add account import"),
        NP_("event", "add entry type"),
        NP_("event", "add line"),
        NP_("event", "add mapping"),
        NP_("event", "add number series"),
        NP_("event", "add source"),
        NP_("event", "add user"),
        NP_("event", "approve"),
        NP_("event", "attach"),
        NP_("event", "bank service active"),
        NP_("event", "change account import"),
        NP_("event", "change group"),
        NP_("event", "change mapping"),
        NP_("event", "change set-up"),
        NP_("event", "change user"),
        NP_("event", "choose language"),
        NP_("event", "clear refusals"),
        NP_("event", "create accounts"),
        NP_("event", "deactivate"),
        NP_("event", "deactivate bank service"),
        NP_("event", "edit adjustment"),
        NP_("event", "grant roles"),
        NP_("event", "import"),
        NP_("event", "link rules"),
        NP_("event", "match"),
        NP_("event", "note"),
        NP_("event", "order bank service"),
        NP_("event", "pause source"),
        NP_("event", "propose adjustments"),
        NP_("event", "reconcile"),
        NP_("event", "refuse file"),
        NP_("event", "reject"),
        NP_("event", "reject adjustments"),
        NP_("event", "release"),
        NP_("event", "remove account import"),
        NP_("event", "remove attachment"),
        NP_("event", "remove line"),
        NP_("event", "remove mapping"),
        NP_("event", "remove source"),
        NP_("event", "replace"),
        NP_("event", "resume source"),
        NP_("event", "reverse"),
        NP_("event", "roll back rules"),
        NP_("event", "save rules"),
        NP_("event", "set balance"),
        NP_("event", "set balanced"),
        NP_("event", "set password"),
        NP_("event", "set up company"),
        NP_("event", "set up group"),
        NP_("event", "take choice"),
        NP_("event", "undo import"),
        NP_("event", "undo run"),
        NP_("event", "unmatch"),
        NP_("event", "void"),
        NP_("event", "withdraw"),
    }
)

KINDS = (
    NP_("event", "account import"),
    NP_("event", "account"),
    NP_("event", "company"),
    NP_("event", "entry type"),
    NP_("event", "file"),
    NP_("event", "group"),
    NP_("event", "import"),
    NP_("event", "mapping"),
    NP_("event", "number series"),
    NP_("event", "rule set"),
    NP_("event", "run"),
    NP_("event", "source"),
    NP_("event", "user"),
)
"""The longer of two that begin alike stands first."""


def verb_words(verb: str) -> str:
    return pgettext("event", verb)


def object_words(written: str) -> str:
    """`group 1920-Bank` with its kind in the reader's language; what is of no known kind stays as it is."""
    kind = next((kind for kind in KINDS if written.startswith(kind + " ")), None)
    return written if kind is None else pgettext("event", kind) + written.removeprefix(kind)
