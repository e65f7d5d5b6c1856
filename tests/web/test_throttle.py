"""Guessing passwords becomes slow, and only for the guesser."""

from __future__ import annotations

from recon.web.throttle import FIRST_WAIT, FREE_TRIES, LONGEST_WAIT, Throttle, wait_after
from tests.web.conftest import PASSWORD, Site, token


def test_waits_double_up_to_the_longest() -> None:
    assert wait_after(FREE_TRIES - 1) == 0
    assert wait_after(FREE_TRIES) == FIRST_WAIT
    assert wait_after(FREE_TRIES + 1) == 2 * FIRST_WAIT
    assert wait_after(1000) == LONGEST_WAIT


def test_a_guesser_waits_and_others_do_not() -> None:
    now = [100.0]
    throttle = Throttle(lambda: now[0])
    guesser, other = ("anna", "10.0.0.1"), ("anna", "10.0.0.2")
    for _wrong in range(FREE_TRIES):
        assert not throttle.must_wait(guesser)
        throttle.note(guesser)
    assert throttle.must_wait(guesser)
    assert not throttle.must_wait(other)
    now[0] += FIRST_WAIT
    assert not throttle.must_wait(guesser)


def test_the_right_password_clears_the_count() -> None:
    throttle = Throttle()
    who = ("anna", "10.0.0.1")
    for _wrong in range(FREE_TRIES):
        throttle.note(who)
    throttle.forget(who)
    assert not throttle.must_wait(who)


def test_the_login_page_says_so(site: Site) -> None:
    client = site.app.test_client()
    form = {"username": "preparer", "csrf_token": token(client.get("/login").text)}
    for _wrong in range(FREE_TRIES):
        client.post("/login", data={**form, "password": "wrong"})
    answer = client.post("/login", data={**form, "password": PASSWORD})
    assert answer.status_code == 200
    assert "Too many wrong passwords" in answer.text
