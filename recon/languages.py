"""The languages of the product, and their catalogues: read from translations/ when a language is first spoken.

The files of translators (`.po`) are read as they are, so that nothing has to be built and nothing can be out of date.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from contextlib import AbstractContextManager
from functools import cache
from gettext import NullTranslations
from pathlib import Path

from recon import places
from rules.wording import speaking

LANGUAGES: Mapping[str, str] = {"en": "English", "nb": "norsk bokmål", "sv": "svenska"}
"""Code -> what its own speakers call it. English is what the code is written in."""

KIN = {"no": "nb", "nn": "nb"}
"""What browsers and systems call a language whose readers we serve in another."""


@cache
def catalogue(language: str) -> NullTranslations:
    """The catalogue of one of LANGUAGES; that of any but English is one of Babel's."""
    if language == "en":
        return NullTranslations()
    from babel.messages.mofile import write_mo  # loaded only where another language is spoken
    from babel.messages.pofile import read_po
    from babel.support import Translations

    compiled = io.BytesIO()
    with po_file(language).open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return Translations(compiled)


def po_file(language: str) -> Path:
    return places.shipped("translations") / language / "LC_MESSAGES" / "messages.po"


def speaking_in(language: str) -> AbstractContextManager[None]:
    """Sentences made inside the block are in one of LANGUAGES."""
    return speaking(catalogue(language))


def language_named(name: str) -> str | None:
    """The one of LANGUAGES that a locale's name means (`nb_NO.UTF-8`, `no`, `sv-SE`); None for any other."""
    code = name.replace("-", "_").partition("_")[0].partition(".")[0].lower()
    code = KIN.get(code, code)
    return code if code in LANGUAGES else None
