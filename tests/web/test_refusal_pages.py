"""The page of what a group remembers of refusals, and the mark on a suggestion that was taken apart before."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from recon.database.models import Match
from recon.services.reconcile_group import reconcile_group
from recon.services.unmatch_lines import unmatch_lines
from tests.web.conftest import Client, Site, post
from tests.web.worked import work


@pytest.fixture
def group(site: Site) -> int:
    """The worked group, whose match by reference was taken apart and is suggested by amount since."""
    group_id = work(site)
    with site.session() as session:
        (match,) = session.scalars(select(Match).where(Match.state == "confirmed"))
        unmatch_lines(session, site.books.preparer, group_id, [match.id])
        reconcile_group(session, site.books.preparer, group_id)
        session.commit()
    return group_id


def test_refusals_are_read_and_forgotten(signed_in: Client, group: int) -> None:
    preparer = signed_in("preparer")
    assert "1 match that was taken apart or rejected" in preparer.get(f"/group/{group}/matches/suggested").text
    page = preparer.get(f"/refusals/{group}/").text
    assert "Same reference, same amount" in page
    assert page.count('class="line-row"') == 2
    reader = signed_in("auditor")
    assert "Forget" not in reader.get(f"/refusals/{group}/").text
    post(reader, f"/refusals/{group}/clear-all")
    assert "may not match and unmatch" in reader.get("/").text
    post(preparer, f"/refusals/{group}/clear-all")
    assert "1 refusal forgotten" in preparer.get("/").text
    assert "Nothing is remembered" in preparer.get(f"/refusals/{group}/").text


def test_a_suggestion_that_was_taken_apart_before_is_marked(site: Site, signed_in: Client, group: int) -> None:
    auditor = signed_in("auditor")
    section = auditor.get(f"/group/{group}/matches/suggested/rule?rule=amount").text
    assert section.count("taken apart before") == 1
    with site.session() as session:
        query = select(Match.id).where(Match.undone_event_id.is_(None), Match.rule_key == "amount").order_by(Match.id)
        ids = session.scalars(query).all()
    assert any("took these lines apart under another rule" in auditor.get(f"/group/{group}/why/{i}").text for i in ids)
