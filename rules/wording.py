"""The words of every sentence: marked here for gettext, put into the reader's language where they are said.

`_` translates when called; `N_` only marks a text that a table holds. Who serves a reader (a page, a command) sets the
catalogue for the time of its answer: `with speaking(translations): ...`. Without one, sentences are English.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from gettext import NullTranslations

_catalogue: ContextVar[NullTranslations | None] = ContextVar("rule_catalogue", default=None)
_ENGLISH = NullTranslations()


@contextmanager
def speaking(translations: NullTranslations) -> Iterator[None]:
    """Sentences made inside the block come from this gettext catalogue."""
    token = _catalogue.set(translations)
    try:
        yield
    finally:
        _catalogue.reset(token)


def spoken() -> str:
    """The language of sentences that are made here and now: the one its catalogue names, `en` without a catalogue."""
    return (_catalogue.get() or _ENGLISH).info().get("language", "en")


def _(message: str) -> str:
    return (_catalogue.get() or _ENGLISH).gettext(message)


def ngettext(singular: str, plural: str, number: int) -> str:
    return (_catalogue.get() or _ENGLISH).ngettext(singular, plural, number)


def pgettext(context: str, message: str) -> str:
    """A word that other languages write in several ways, by the place it stands in."""
    return (_catalogue.get() or _ENGLISH).pgettext(context, message)


def N_(message: str) -> str:
    return message


def NP_(context: str, message: str) -> str:
    """Marks a word of a table for `pgettext` with that context."""
    return message


def noun(message: str) -> str:
    """Marks a noun of a table that stands alone (`_`) and in sentences after "the" (`pgettext("the", ...)`)."""
    return message


def listed(words: Sequence[str], joined_by: str) -> str:
    """`a, b or c`: words as prose; `joined_by` is the translated and/or."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {joined_by} {words[-1]}"
