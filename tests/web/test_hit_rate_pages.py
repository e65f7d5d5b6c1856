"""The page of hit rates, and its files."""

from __future__ import annotations

import pytest

from tests.web.conftest import Client, Site
from tests.web.worked import work


@pytest.fixture
def group(site: Site) -> int:
    return work(site)


def test_the_page_draws_the_trend_and_names_silent_rules(signed_in: Client, group: int) -> None:
    client = signed_in("auditor")
    page = client.get(f"/hit-rates/{group}/").text
    assert "<svg" in page
    assert "01: stand 1" in page
    assert "Same reference, same amount" in page
    assert "Every rule in force matched something" in page
    quiet = client.get(f"/hit-rates/{group}/?from=2024-01&to=2024-03").text
    assert "Nothing was matched in these months" in quiet
    assert "Rules that matched nothing" in quiet
    assert f"/hit-rates/{group}/" in client.get(f"/group/{group}/matches/matched").text


@pytest.mark.parametrize("asked", ["from=2025-05&to=2025-01", "from=May", "to=2025-13"])
def test_bad_months_are_told_and_the_usual_ones_shown(signed_in: Client, group: int, asked: str) -> None:
    answer = signed_in("auditor").get(f"/hit-rates/{group}/?{asked}")
    assert answer.status_code == 200
    assert 'role="alert"' in answer.text


@pytest.mark.parametrize(
    ("kind", "start"), [("pdf", b"%PDF"), ("csv", b"month,rule"), ("xlsx", b"PK")], ids=["pdf", "csv", "xlsx"]
)
def test_the_files(signed_in: Client, group: int, kind: str, start: bytes) -> None:
    client = signed_in("auditor")
    answer = client.get(f"/hit-rates/{group}/hit-rates.{kind}")
    assert answer.data.startswith(start)
    assert f".{kind}" in answer.headers["Content-Disposition"]
    assert client.get(f"/hit-rates/{group}/hit-rates.odt").status_code == 404
