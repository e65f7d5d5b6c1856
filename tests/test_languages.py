"""Which languages there are, and that their catalogues are read as they stand."""

from __future__ import annotations

import pytest

from recon.languages import LANGUAGES, catalogue, language_named, po_file, speaking_in
from rules.wording import _, ngettext, pgettext, spoken


@pytest.mark.parametrize(
    ("name", "language"),
    [("nb", "nb"), ("nb_NO.UTF-8", "nb"), ("no", "nb"), ("nn-NO", "nb"), ("sv-SE", "sv"), ("EN", "en")]
    + [(name, None) for name in ("da", "C", "", "*", "nbx")],
)
def test_what_a_locale_means(name: str, language: str | None) -> None:
    assert language_named(name) == language


def test_every_language_but_english_has_a_catalogue() -> None:
    assert [language for language in LANGUAGES if language != "en" and not po_file(language).is_file()] == []
    assert catalogue("nb") is catalogue("nb")


def test_a_language_is_spoken_inside_its_block_only() -> None:
    assert spoken() == "en"
    with speaking_in("sv"):
        assert (spoken(), _("reference"), pgettext("the", "reference")) == ("sv", "referens", "referensen")
        assert [ngettext("{n} day", "{n} days", n) for n in (0, 1, 2)] == ["{n} dagar", "{n} dag", "{n} dagar"]
        with speaking_in("nb"):
            assert (spoken(), _("reference")) == ("nb", "referanse")
        assert spoken() == "sv"
    assert (spoken(), _("reference"), pgettext("the", "reference")) == ("en", "reference", "reference")
