"""What people see when something is wrong: a sentence, never a traceback."""

from __future__ import annotations

from tests.web.conftest import Client, Site, token


def test_unknown_page(signed_in: Client) -> None:
    answer = signed_in("preparer").get("/no/such/page")
    assert answer.status_code == 404
    assert "There is no such page" in answer.text


def test_a_bug_shows_a_number_and_writes_the_log(site: Site, signed_in: Client, caplog: object) -> None:
    @site.app.get("/broken")
    def broken() -> str:
        raise RuntimeError("secret detail")

    site.app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = signed_in("preparer").get("/broken")
    assert answer.status_code == 500
    assert "secret detail" not in answer.text
    assert "Traceback" not in answer.text


def test_a_post_without_its_token_is_refused(signed_in: Client) -> None:
    client = signed_in("preparer")
    answer = client.post("/place", data={"company": "1"})
    assert answer.status_code == 400
    assert "did not come from this page" in answer.text
    assert client.post("/place", data={"company": "1", "csrf_token": token(client.get("/").text)}).status_code == 302
