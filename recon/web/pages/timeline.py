"""The statements of an account on a line of time: what is covered, where days are missing, where two overlap."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from recon.database.models import Account
from recon.errors import NotFound
from recon.services.known_statements import Link, chain, known_statements
from recon.web.pages.page import Page, shown
from recon.web.person import actor, here
from recon.web.storage import database
from recon.web.wording import _

WIDTH = 1000
"""Units of the drawing from the first day to the last."""


@dataclass(frozen=True)
class Bar:
    """A stretch of days on the drawing. `kind` is that of its link, or `missing`."""

    x: float
    width: float
    kind: str
    told: str


class Timeline(Page):
    """Every account with what is wrong in its chain, and one page an account."""

    @shown("/")
    def index(self) -> Any:
        query = select(Account).where(Account.company_id == here().company_id).order_by(Account.kind, Account.number)
        rows = [(account, chain(known_statements(database(), account))) for account in database().scalars(query)]
        return self.render("pages/timelines.html", rows=[(account, links) for account, links in rows if links])

    @shown("/<int:account_id>/")
    def account(self, account_id: int) -> Any:
        account = database().scalars(select(Account).where(Account.id == account_id)).one_or_none()
        if account is None or not actor().sees(account.company_id) or account.company_id != here().company_id:
            raise NotFound(_("There is no such account."))
        statements = known_statements(database(), account)
        links = chain(statements)
        ledgers = [each for each in statements if not each.stated]
        return self.render(
            "pages/timeline.html", account=account, links=links, bars=bars(links), ticks=ticks(links), others=ledgers
        )


def bars(links: list[Link]) -> list[Bar]:
    """Statements and the gaps between them, by their days."""
    if not links:
        return []
    scale = _Scale(links)
    drawn = []
    for link in links:
        if link.missing:
            drawn.append(scale.bar(*link.missing, "missing"))
        first, last = link.statement.from_on, link.statement.to_on
        assert first is not None
        assert last is not None, "a chain holds statements with days"
        drawn.append(scale.bar(first, last, link.kind))
    return drawn


def ticks(links: list[Link]) -> list[tuple[float, dt.date]]:
    """The first days of months, at most a dozen."""
    if not links:
        return []
    scale = _Scale(links)
    day, months = scale.first.replace(day=1), []
    while day <= scale.last:
        if day >= scale.first:
            months.append((scale.at(day), day))
        day = (day + dt.timedelta(days=32)).replace(day=1)
    return months[:: max(1, -(-len(months) // 12))]


class _Scale:
    def __init__(self, links: list[Link]) -> None:
        self.first = min(link.statement.from_on or dt.date.max for link in links)
        self.last = max(link.statement.to_on or dt.date.min for link in links)
        self._days = max(1, (self.last - self.first).days + 1)

    def at(self, day: dt.date) -> float:
        return round((day - self.first).days * WIDTH / self._days, 1)

    def bar(self, first: dt.date, last: dt.date, kind: str) -> Bar:
        width = ((last - first).days + 1) * WIDTH / self._days
        return Bar(self.at(first), max(2.0, round(width - 1, 1)), kind, f"{first} – {last}")
