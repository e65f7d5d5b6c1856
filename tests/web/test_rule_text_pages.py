"""A whole rule set as text: shown, edited, exported to a file, imported from one; bad files store nothing."""

from __future__ import annotations

import io

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from recon.database.models import RuleSet
from recon.web.pages.rule_text import LARGEST
from rules import codec
from tests.web.conftest import Client, Site, token
from tests.web.rule_forms import form_of, send
from tests.web.test_rule_editor_pages import DECISIONS, FULL
from tests.web.test_rule_pages import DATED, keys, stored

WHOLE = {"version": 1, "name": "Full", "rules": FULL, "decide": DECISIONS}


@pytest.fixture
def full(site: Site) -> int:
    return stored(site, WHOLE)


def imported(client: FlaskClient, content: bytes, name: str = "rules.yaml", **form: str) -> TestResponse:
    fields = {"csrf_token": token(client.get("/").text), "file": (io.BytesIO(content), name), **form}
    return client.post("/rule-text/import", data=fields, content_type="multipart/form-data")


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_a_set_goes_out_and_comes_back_the_same(site: Site, signed_in: Client, full: int, form: str) -> None:
    client = signed_in("author")
    answer = client.get(f"/rule-text/{full}/export/{form}")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="full-1.{form}"'
    assert codec.load(answer.data) == codec.from_document(WHOLE)
    assert imported(client, answer.data, f"full.{form}").status_code == 302
    assert len(keys(site, full)) == 1


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_the_text_of_a_set_saves_as_it_stands(site: Site, signed_in: Client, full: int, form: str) -> None:
    client = signed_in("author")
    page = client.get(f"/rule-text/{full}/?form={form}").text
    assert send(client, f"/rule-text/{full}/save", form_of(page, "set-form")).status_code == 302
    assert len(keys(site, full)) == 1


def test_an_earlier_version_is_exported_and_not_edited(site: Site, signed_in: Client) -> None:
    own = stored(site, DATED)
    client = signed_in("author")
    send(client, f"/rules/{own}/remove/late", {"version": "1"})
    assert len(codec.load(client.get(f"/rule-text/{own}/export/yaml?version=1").data).rules) == 3
    assert "readonly" in client.get(f"/rule-text/{own}/?version=1").text
    assert "readonly" not in client.get(f"/rule-text/{own}/").text


def test_the_text_is_read_while_it_is_typed(signed_in: Client, full: int) -> None:
    client = signed_in("auditor")
    text = codec.dump_yaml(codec.from_document(WHOLE))
    read = send(client, f"/rule-text/{full}/reading", {"source": text}).text
    assert "9. Aside: Leave left lines where the text is empty aside." in read
    assert "A match is left open where" in read
    wrong = send(client, f"/rule-text/{full}/reading", {"source": text.replace("op: is_empty", "op: is_emty")}).text
    assert "did you mean “is_empty”" in wrong
    assert "rules[8].where.op" in wrong


@pytest.mark.parametrize(
    ("source", "part"),
    [
        ("", "Expected keys and values"),
        ("rules: [", "Line 1"),
        ("name: Other\nrules: []", "The set keeps its name, “Full”."),
        ("rules: [{kind: match}]", "cardinality"),
        ("version: 2\nrules: []", "Version 1 of the rule language"),
        ("rules: []\nrulez: []", "did you mean “rules”"),
    ],
)
def test_bad_text_is_shown_again_with_its_faults(
    site: Site, signed_in: Client, full: int, source: str, part: str
) -> None:
    answer = send(signed_in("author"), f"/rule-text/{full}/save", {"source": source, "version": "1"})
    assert answer.status_code == 422
    assert part in answer.text
    assert form_of(answer.text, "set-form")["source"].strip() == source
    assert len(keys(site, full)) == 1


def test_a_file_of_a_set_s_name_becomes_its_next_version(site: Site, signed_in: Client) -> None:
    own = stored(site, DATED)
    shorter = codec.dump_yaml(codec.from_document({**DATED, "rules": DATED["rules"][:1]}))  # type: ignore[index]
    assert imported(signed_in("author"), shorter.encode()).status_code == 302
    assert keys(site, own) == [["tuned", "late", "aside"], ["tuned"]]
    with site.session() as session:
        assert session.get_one(RuleSet, own).versions[-1].activated_at is None


def test_a_new_file_is_put_in_force_where_that_is_asked_for(site: Site, signed_in: Client) -> None:
    text = codec.dump_json(codec.from_document({**DATED, "name": "Brought"}))
    assert imported(signed_in("author"), text.encode(), "b.json", activate="yes").status_code == 302
    with site.session() as session:
        (version,) = session.query(RuleSet).filter_by(name="Brought").one().versions
        assert version.activated_at is not None


@pytest.mark.parametrize(
    ("content", "part"),
    [
        (b"", "Expected keys and values"),
        (b"\xff\xfe\x00", "is not UTF-8 text"),
        (b"rules: []", "does not name its rule set"),
        (b"name: x\nrules: [{kind: exclude, side: up}]", "rules[0].side"),
        (b"[" * 50_000, "nested too deeply"),
    ],
)
def test_a_bad_file_says_why_and_stores_nothing(site: Site, signed_in: Client, content: bytes, part: str) -> None:
    answer = imported(signed_in("author"), content)
    assert answer.status_code == 422
    assert "rules.yaml was not imported" in answer.text
    assert part in answer.text
    with site.session() as session:
        assert session.query(RuleSet).count() == 0


def test_no_file_and_a_huge_one_are_refused(site: Site, signed_in: Client) -> None:
    client = signed_in("author")
    imported(client, b"", "")
    assert "Choose a rule file" in client.get("/").text
    imported(client, b"#" * (LARGEST + 1))
    assert "is larger than a rule file can be" in client.get("/").text


def test_who_may_not_edit_imports_nothing(site: Site, signed_in: Client, full: int) -> None:
    client = signed_in("preparer")
    text = codec.dump_yaml(codec.from_document({**DATED, "name": "Brought"}))
    imported(client, text.encode())
    send(client, f"/rule-text/{full}/save", {"source": "rules: []", "version": "1"})
    with site.session() as session:
        assert session.query(RuleSet).count() == 1
    assert len(keys(site, full)) == 1
