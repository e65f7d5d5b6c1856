"""The JSON interface: what it tells, a page at a time, and what it refuses."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.web.conftest import Client, Site
from tests.web.worked import work


@pytest.fixture
def group(site: Site) -> int:
    return work(site)


def read(client: FlaskClient, where: str) -> Any:
    answer = client.get(f"/api/v1{where}")
    assert answer.status_code == 200, answer.text
    return answer.json


def test_groups_lines_and_matches_come_by_page(signed_in: Client, group: int) -> None:
    client = signed_in("auditor")
    (only,) = read(client, "/groups")["groups"]
    assert (only["group"], only["company"], only["currency"]) == (group, "Fjord AS", "NOK")
    page = read(client, f"/groups/{group}/lines?limit=4")
    rest = read(client, f"/groups/{group}/lines?limit=4&after={page['next']}")
    assert (len(page["lines"]), len(rest["lines"]), rest["next"]) == (4, 2, None)
    amounts = {line["amount"] for line in page["lines"] + rest["lines"]}
    assert amounts == {"100.00", "250.00", "-40.00", "-35.00"}
    opened = read(client, f"/groups/{group}/lines?open=1&side=left")["lines"]
    assert [line["open"] for line in opened] == ["250.00", "-40.00"]
    (suggested,) = read(client, f"/groups/{group}/matches?state=suggested")["matches"]
    assert (suggested["rule"], [member["amount"] for member in suggested["members"]]) == ("amount", ["250.00"] * 2)
    assert read(client, f"/groups/{group}/refusals") == {"refusals": [], "next": None}


def test_why_of_a_line_and_of_a_match(signed_in: Client, group: int) -> None:
    client = signed_in("auditor")
    opened = read(client, f"/groups/{group}/lines?open=1&side=left")["lines"]
    why = read(client, f"/groups/{group}/lines/{opened[-1]['line']}/why")
    nearest = {miss["rule"]: miss for miss in why["nearest"]}
    assert nearest["reference"]["first_failing"]["values"] == ["X", "Y"]
    assert nearest["amount"]["first_failing"]["figures"] == "difference 5.00 NOK, none allowed"
    (match,) = read(client, f"/groups/{group}/matches?state=matched")["matches"]
    told = read(client, f"/groups/{group}/matches/{match['match']}/why")
    assert (told["version"], told["tests"][0]["holds"]) == ("Exact 1", True)


@pytest.mark.parametrize(
    ("where", "status"),
    [
        ("/groups/999/lines", 404),
        ("/groups/{group}/lines/999999/why", 404),
        ("/groups/{group}/matches/999999/why", 404),
        ("/groups/{group}/lines?side=up", 422),
        ("/groups/{group}/lines?limit=0", 422),
        ("/groups/{group}/lines?limit=x", 422),
        ("/groups/{group}/matches?state=old", 422),
    ],
)
def test_faults_are_json_sentences(signed_in: Client, group: int, where: str, status: int) -> None:
    answer = signed_in("preparer").get("/api/v1" + where.format(group=group))
    assert answer.status_code == status
    assert answer.json is not None
    assert answer.json["error"]


def test_a_foreign_group_does_not_exist(site: Site, signed_in: Client) -> None:
    client = signed_in("admin")
    for where in ("lines", "matches", "refusals"):
        assert client.get(f"/api/v1/groups/{site.foreign_group_id}/{where}").status_code == 404
