"""Holding back what the server answers, to see what the page makes of it when it comes late."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import Page, Route

ROUND_TRIP = "() => fetch(location.href).then((answer) => answer.text())"
"""A question that is answered after all that arrived before it."""


@dataclass
class Late:
    """The first answer to an address, held back until it is let go."""

    page: Page
    held: list[Route] = field(default_factory=list)

    def hold(self, route: Route) -> None:
        if self.held:
            route.continue_()
        else:
            self.held.append(route)

    def arrive(self) -> None:
        """The answer comes; back when the page has done with it whatever it does."""
        assert self.held, "nothing was asked"
        self.held[0].fulfill(response=self.held[0].fetch())
        self.page.evaluate(ROUND_TRIP)


@contextmanager
def late(page: Page, asked: str) -> Iterator[Late]:
    """The next question to an address that contains `asked` is answered only when told to."""
    answer, address = Late(page), re.compile(re.escape(asked))
    page.route(address, answer.hold)
    yield answer
    page.unroute(address)
