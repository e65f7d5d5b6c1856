"""Lines by hand, out of play, notes and attachments, on their pages; amounts as people write them."""

from __future__ import annotations

from io import BytesIO

import pytest
from sqlalchemy import select

from recon.database.models import Attachment, GroupLine, Line
from rules.values import format_amount, parse_amount, to_minor
from tests.web.conftest import Client, Site, post, token


def amounts(site: Site) -> list[int]:
    with site.session() as session:
        return sorted(session.scalars(select(Line.amount_minor).where(Line.withdrawn_event_id.is_(None))))


@pytest.mark.parametrize(
    ("written", "minor"),
    [
        ("7 134 154,55", 713415455),
        ("7\u00a0134\u00a0154,55", 713415455),
        ("7\u202f134\u202f154,55", 713415455),
        ("\u2212361 969,76", -36196976),
        ("kr\u00a0\u221250,00", -5000),
        ("-50", -5000),
    ],
)
def test_t31_amounts_are_understood_as_people_write_them(
    site: Site, signed_in: Client, written: str, minor: int
) -> None:
    client = signed_in("preparer")
    group = site.books.group.id
    post(client, f"/by-hand/{group}/add", on="2025-01-10", amount=written, place="right:0", text="typed")
    assert amounts(site) == [minor]
    for locale in ("nb", "sv"):
        shown = format_amount(minor, "NOK", locale)
        assert to_minor(parse_amount(shown, locale), "NOK") == minor
        assert shown in client.get(f"/by-hand/{group}/").text or locale == "sv"


def test_a_manual_line_is_entered_listed_and_removed(site: Site, signed_in: Client) -> None:
    client, group = signed_in("preparer"), site.books.group.id
    post(
        client, f"/by-hand/{group}/add", on="2025-01-10", amount="12,50", place="left:0", text="coffee", reference="X1"
    )
    page = client.get(f"/by-hand/{group}/").text
    assert "coffee" in page
    assert "X1" in page
    post(client, f"/by-hand/{group}/line/1/note", body="whose?")
    pane = client.get(f"/group/{group}/lines/left").json
    assert pane is not None
    assert [row["marks"] for row in pane["data"]] == [["by_hand", "noted"]]
    post(client, f"/by-hand/{group}/remove/1")
    assert amounts(site) == []
    post(client, f"/by-hand/{group}/add", on="2025-13-10", amount="1", place="left:0")
    assert "is not a date" in client.get("/").text
    assert amounts(site) == []


def test_out_of_play_and_back(site: Site, signed_in: Client) -> None:
    client, group = signed_in("preparer"), site.books.group.id
    for text in ("a", "b"):
        post(client, f"/by-hand/{group}/add", on="2025-01-10", amount="1,00", place="left:0", text=text)
    post(client, f"/by-hand/{group}/deactivate", left="1", right="")
    page = client.get(f"/by-hand/{group}/").text
    assert 'value="1"' in page
    post(client, f"/by-hand/{group}/deactivate-before", before="2025-02-01")
    with site.session() as session:
        assert session.scalars(select(GroupLine.state)).all() == ["deactivated", "deactivated"]
    post(client, f"/by-hand/{group}/activate", line="2")
    with site.session() as session:
        assert sorted(session.scalars(select(GroupLine.state))) == ["active", "deactivated"]


def test_notes_and_attachments_are_shown_and_served_safely(site: Site, signed_in: Client) -> None:
    client, group = signed_in("preparer"), site.books.group.id
    post(client, f"/by-hand/{group}/add", on="2025-01-10", amount="1,00", place="left:0", text="a")
    post(client, f"/by-hand/{group}/line/1/note", body="<b>asked</b>")
    form = {
        "csrf_token": token(client.get("/").text),
        "file": (BytesIO(b"<script>alert(1)</script>"), "evil.html"),
    }
    client.post(f"/by-hand/{group}/line/1/attach", data=form, content_type="multipart/form-data")
    page = client.get(f"/by-hand/{group}/line/1").text
    assert "&lt;b&gt;asked&lt;/b&gt;" in page
    assert "evil.html" in page
    served = client.get("/by-hand/attachment/1")
    assert served.headers["Content-Type"].startswith("text/plain")
    assert served.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in served.headers["Content-Security-Policy"]
    post(client, "/by-hand/attachment/1/remove")
    assert client.get("/by-hand/attachment/1").status_code == 404
    with site.session() as session:
        assert session.scalars(select(Attachment.removed_event_id)).one() is not None


def test_another_company_s_group_is_not_found(site: Site, signed_in: Client) -> None:
    client = signed_in("preparer")
    assert client.get(f"/by-hand/{site.foreign_group_id}/").status_code == 404
    assert client.get(f"/by-hand/{site.foreign_group_id}/line/1").status_code == 404
