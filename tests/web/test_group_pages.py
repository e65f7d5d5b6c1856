"""The pages of a group: open lines, suggestions, matches, and what a person does with them."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from recon.database.models import GroupLine, Match
from tests.web.conftest import Client, Site, token
from tests.web.worked import work

FETCH = {"HX-Request": "true"}


@pytest.fixture
def group(site: Site) -> int:
    return work(site)


def command(client: FlaskClient, where: str, **form: str) -> object:
    return client.post(where, data={"csrf_token": token(client.get("/").text), **form}, headers=FETCH)


def live(site: Site, state: str) -> list[int]:
    with site.session() as session:
        return list(session.scalars(select(Match.id).where(Match.state == state, Match.undone_event_id.is_(None))))


def test_the_overview_counts_what_is_open(site: Site, signed_in: Client, group: int) -> None:
    page = signed_in("preparer").get("/").text
    assert f'id="group-{group}"' in page
    row = page.split(f'id="group-{group}"')[1].split("</tr>")[0]
    assert ">2<" in row.replace("\n", "")
    assert "210,00" in row
    assert "agrees" in row


def test_panes_page_by_position_and_search(site: Site, signed_in: Client, group: int) -> None:
    client = signed_in("auditor")
    left = client.get(f"/group/{group}/lines/left").json
    assert left is not None
    assert [(row["on"], row["open"], row["marks"]) for row in left["data"]] == [
        ("11.01.2025", "25000", ["suggested"]),
        ("12.01.2025", "-4000", []),
    ]
    assert left["last_page"] == 1

    def found(search: str) -> int:
        answer = client.get(f"/group/{group}/lines/left", query_string={"search": search}).json
        assert answer is not None
        return len(answer["data"])

    assert [found("40,00"), found("−40,00"), found("X"), found("no such thing"), found("%")] == [1, 1, 1, 0, 0]


def test_sorting_by_amount_and_reading_on(
    site: Site, signed_in: Client, group: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("recon.web.pages.pane.PAGE", 1)
    client = signed_in("auditor")
    for order, expected in (("asc", ["-4000", "25000"]), ("desc", ["25000", "-4000"])):
        seen, after = [], ""
        for page in (1, 2):
            asked = {"sort": "open", "order": order, "after": after, "page": page}
            answer = client.get(f"/group/{group}/lines/left", query_string=asked).json
            assert answer is not None
            seen += [row["open"] for row in answer["data"]]
            after = answer["next"]
        assert seen == expected
        assert after == ""


@pytest.mark.parametrize("after", ["x", "1|2|3", "2025-13-01|1", "|", "9" * 30 + "|1"])
def test_a_wrong_position_starts_from_the_top(site: Site, signed_in: Client, group: int, after: str) -> None:
    answer = signed_in("auditor").get(f"/group/{group}/lines/left", query_string={"after": after})
    assert answer.status_code == 200


def test_suggestions_are_listed_under_their_rule(site: Site, signed_in: Client, group: int) -> None:
    client = signed_in("preparer")
    page = client.get(f"/group/{group}/matches/suggested").text
    assert "Same amount" in page
    assert "Accept all" in page
    section = client.get(f"/group/{group}/matches/suggested/rule?rule=amount").text
    assert "250,00" in section
    assert "Accept" in section
    assert "Accept" not in signed_in("auditor").get(f"/group/{group}/matches/suggested/rule?rule=amount").text


def test_accepting_confirms_and_tells_the_page(site: Site, signed_in: Client, group: int) -> None:
    (suggested,) = live(site, "suggested")
    answer = command(signed_in("preparer"), f"/group/{group}/accept/{suggested}")
    assert answer.status_code == 200  # type: ignore[attr-defined]
    assert answer.headers["HX-Trigger"] == "lines-changed"  # type: ignore[attr-defined]
    assert suggested in live(site, "confirmed")


def test_rejecting_opens_the_lines(site: Site, signed_in: Client, group: int) -> None:
    (suggested,) = live(site, "suggested")
    command(signed_in("preparer"), f"/group/{group}/reject/{suggested}")
    assert live(site, "suggested") == []


def test_accept_all_and_unmatch(site: Site, signed_in: Client, group: int) -> None:
    client = signed_in("preparer")
    command(client, f"/group/{group}/accept-all")
    assert live(site, "suggested") == []
    assert len(live(site, "confirmed")) == 2
    for match in live(site, "confirmed"):
        command(client, f"/group/{group}/unmatch/{match}")
    assert live(site, "confirmed") == []


def test_lines_that_do_not_sum_to_zero_are_refused_in_one_sentence(site: Site, signed_in: Client, group: int) -> None:
    client = signed_in("preparer")
    with site.session() as session:
        lines = {row.open_minor: row.line_id for row in session.scalars(select(GroupLine).where(GroupLine.is_open))}
    answer = command(client, f"/group/{group}/match", left=str(lines[-4000]), right=str(lines[-3500]))
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert "do not sum to 0" in answer.text  # type: ignore[attr-defined]


def test_selected_lines_match_by_hand_and_the_suggestion_gives_way(site: Site, signed_in: Client, group: int) -> None:
    client = signed_in("preparer")
    with site.session() as session:
        rows = session.scalars(select(GroupLine).where(GroupLine.is_open, GroupLine.open_minor == 25000))
        lines = {row.side: str(row.line_id) for row in rows}
    answer = command(client, f"/group/{group}/match", **lines)
    assert answer.status_code == 200  # type: ignore[attr-defined]
    assert "2 lines matched" in answer.text  # type: ignore[attr-defined]
    assert live(site, "suggested") == []
    assert "Matched by hand" in client.get(f"/group/{group}/matches/matched").text


def test_a_link_into_another_of_ones_companies_makes_it_the_active_one(site: Site, signed_in: Client) -> None:
    from recon.database.models import CompanyRole

    with site.session() as session:
        actor = site.books.actors["auditor"]
        from recon.database.models import AccountGroup

        company = session.get_one(AccountGroup, site.foreign_group_id).company_id
        session.add(CompanyRole(user_id=actor.user_id, company_id=company, role="auditor"))
        session.commit()
    client = signed_in("auditor")
    page = client.get(f"/group/{site.foreign_group_id}/").text
    assert f'<option value="{company}" selected>' in page


def test_every_match_answers_why_with_the_values_compared(site: Site, signed_in: Client, group: int) -> None:
    client = signed_in("auditor")
    (confirmed,) = live(site, "confirmed")
    why = client.get(f"/group/{group}/why/{confirmed}").text
    for told in ("Same reference, same amount", "A1 / A1", "✓", "preparer"):
        assert told in why
    assert client.get(f"/group/{group}/why/999").status_code == 404
    assert client.get(f"/group/{site.foreign_group_id}/why/{confirmed}").status_code == 404


def test_every_open_line_answers_why_not(site: Site, signed_in: Client, group: int) -> None:
    with site.session() as session:
        line = session.scalars(select(GroupLine.line_id).where(GroupLine.open_minor == -4000)).one()
    client = signed_in("auditor")
    why = client.get(f"/group/{group}/line/{line}").text
    for told in ("What came nearest under each rule", "Same reference, same amount", "(X / Y)"):
        assert told in why
    assert client.get(f"/group/{group}/line/999").status_code == 404


def test_reconcile_is_a_job_and_pressing_again_writes_nothing(site: Site, signed_in: Client, group: int) -> None:
    client = signed_in("preparer")
    command(client, f"/group/{group}/accept-all")
    answer = command(client, f"/group/{group}/reconcile")
    assert 'hx-trigger="every 1s"' in answer.text  # type: ignore[attr-defined]
    done = client.get("/jobs/1/progress")
    assert "Nothing new to match" in done.text
    assert done.headers["HX-Trigger"] == "lines-changed"
    assert "every 1s" not in done.text
    assert "Reconcile" in client.get("/jobs/").text


def test_reconcile_all_runs_every_group(site: Site, signed_in: Client, group: int) -> None:
    client = signed_in("preparer")
    answer = client.post("/overview/reconcile-all", data={"csrf_token": token(client.get("/").text)})
    assert answer.status_code == 302
    assert "done" in client.get("/jobs/1/progress").text


def test_a_job_of_another_company_is_not_found(site: Site, signed_in: Client, group: int) -> None:
    command(signed_in("preparer"), f"/group/{group}/reconcile")
    with site.session() as session:
        from recon.database.models import AccountGroup, Job

        session.get_one(Job, 1).company_id = session.get_one(AccountGroup, site.foreign_group_id).company_id
        session.commit()
    for where in ("/jobs/1/", "/jobs/1/progress", "/jobs/several?ids=1"):
        assert signed_in("admin").get(where).status_code == 404


def test_the_event_log_names_people_groups_and_times(signed_in: Client, group: int) -> None:
    page = signed_in("auditor").get("/events/").text
    assert "group 1920-12345678903" in page
    assert "1920.csv" in page
    assert ">preparer<" in page
    assert re.search(r"\d\d\.\d\d\.\d{4} \d\d:\d\d", page)
    assert "hash" in signed_in("auditor").get("/events/details/?id=1").text.lower()
