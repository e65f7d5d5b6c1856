"""Words, numbers and cells: nothing unnamed, nothing through a float, nothing a spreadsheet would run."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from pathlib import Path

import flask_admin
import pytest
from flask import g

from recon import places
from recon.web.admin.secure_view import unformula
from recon.web.formats import amount, day
from recon.web.pages.rule_words import builder_config, line_operator_labels, pair_operator_labels
from rules.operators import LINE, PAIR
from tests.web.conftest import Site


def test_every_comparison_and_field_has_a_name(site: Site) -> None:
    with site.app.test_request_context():
        assert set(line_operator_labels()) == set(LINE)
        assert set(pair_operator_labels()) == set(PAIR)
        config = json.loads(builder_config("line"))
        assert all("_" not in field["label"] for field in config["fields"])
        assert all(config["line"][field["type"]] for field in config["fields"])


@pytest.mark.parametrize(
    ("locale", "minor", "currency", "written"),
    [
        ("nb", 713415455, "NOK", "7\N{NO-BREAK SPACE}134\N{NO-BREAK SPACE}154,55"),
        ("sv", -36196976, "SEK", "\N{MINUS SIGN}361\N{NO-BREAK SPACE}969,76"),
        ("en", 9_007_199_254_740_993, "EUR", "90,071,992,547,409.93"),
        ("nb", 1000, "JPY", "1\N{NO-BREAK SPACE}000"),
    ],
)
def test_amounts_are_exact_and_local(site: Site, locale: str, minor: int, currency: str, written: str) -> None:
    with site.app.test_request_context():
        g.number_locale = locale
        assert amount(minor, currency) == written
        assert amount(None, currency) == ""


def test_days_are_local(site: Site) -> None:
    written = {}
    for locale in ("nb", "sv", "da", "en"):
        with site.app.test_request_context():
            g.number_locale = locale
            written[locale] = day(dt.date(2026, 1, 31))
    assert written == {"nb": "31.01.2026", "sv": "2026-01-31", "da": "31.01.2026", "en": "2026-01-31"}


@pytest.mark.parametrize("cell", ["=cmd|calc", "+1+2", "@SUM(A1)", "-2+3", "\tx", "\r=1"])
def test_formulas_are_quoted(cell: str) -> None:
    assert unformula(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["-12.50", "-1 234,50", "text", "", "1=1"])
def test_other_cells_stay(cell: str) -> None:
    assert unformula(cell) == cell


SHIPPED = "e17560b9d7befec72160357bc2b36c2f64838446fcfca2886f2a6e930338a2db"
"""SHA-256 over Flask-Admin's own model templates that ours replace."""


def test_flask_admins_templates_are_those_ours_were_made_from() -> None:
    """When this fails after an upgrade: compare its templates with ours, carry over what is new, then set SHIPPED."""
    stock = Path(flask_admin.__file__).parent / "templates" / "bootstrap4" / "admin"
    ours = places.shipped("templates") / "admin"
    replaced = sorted(
        path.relative_to(ours) for path in ours.rglob("*.html") if (stock / path.relative_to(ours)).exists()
    )
    assert len(replaced) >= 11
    content = b"".join((stock / path).read_bytes() for path in replaced)
    assert hashlib.sha256(content).hexdigest() == SHIPPED
