"""Scenarios about work by hand, replayed through the services: a match with a difference, and undoing one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from acceptance.peers.scenario import Row, Scenario
from recon.access import Actor
from recon.database.models import Account, AccountGroup, Allocation, Base, GroupLine, Line
from recon.database.session import make_engine, session_factory
from recon.errors import Refusal
from recon.services.import_file import import_file
from recon.services.match_lines import match_lines
from recon.services.unmatch_lines import unmatch_lines
from rules.model import Difference
from rules.values import to_minor
from tests.books import add_account, add_actor, add_company, add_group

CURRENCY = "USD"


@dataclass
class Desk:
    """A person before a group of two accounts. A scenario's ids are the lines' references."""

    session: Session
    group: AccountGroup
    actor: Actor
    accounts: dict[str, Account]

    def enter(self, side: str, rows: Sequence[Row]) -> None:
        named = [f"{row['id']},{row['date']},{row['amount']},{CURRENCY},{row['id']}" for row in rows]
        text = "\n".join(["id,booking_date,amount,currency,reference", *named, ""])
        import_file(self.session, self.actor, text.encode(), name=f"{side}.csv", account=self.accounts[side])

    def match(self, names: Sequence[str], treatment: Difference | None = None) -> int:
        ids = list(self.session.scalars(select(Line.id).where(Line.reference.in_(names))))
        reason = "paid short" if treatment else None
        return match_lines(self.session, self.actor, self.group.id, ids, reason=reason, treatment=treatment)

    def open(self) -> dict[str, int]:
        """What is open of each line that is not wholly matched, in minor units."""
        query = select(Line.reference, GroupLine.open_minor).join(Line, Line.id == GroupLine.line_id)
        return {str(name): minor for name, minor in self.session.execute(query.where(GroupLine.is_open))}

    def members(self, match_id: int) -> set[str]:
        query = select(Line.reference).join(Allocation, Allocation.line_id == Line.id)
        return set(map(str, self.session.scalars(query.where(Allocation.match_id == match_id))))


@contextmanager
def desk(folder: Path) -> Iterator[Desk]:
    engine = make_engine(f"sqlite:///{folder / 'by-hand.sqlite3'}")
    Base.metadata.create_all(engine)
    with session_factory(engine)() as session:
        company = add_company(session)
        ledger = add_account(session, company, "ledger", "1920", CURRENCY)
        bank = add_account(session, company, "bank", "12345678903", CURRENCY)
        group = add_group(session, company, ledger, bank)
        group.start_on = group.start_on.replace(year=2024)
        actor = add_actor(session, company, "preparer")
        yield Desk(session, group, actor, {"left": ledger, "right": bank})
    engine.dispose()


def _short_payment(scenario: Scenario, at: Desk) -> Iterator[str]:
    """A person ties a line to entries of another total: the difference is named, and stays visible once matched."""
    names = [row["id"] for side in ("left", "right") for row in scenario.side(side)]
    at.enter("right", scenario.side("left"))
    at.enter("left", scenario.side("right"))
    short = abs(Decimal(next(iter(scenario.raw["expected_residuals"].values()))))
    try:
        at.match(names)
        yield "lines that differ are matched without a word"
    except Refusal as refused:
        if f"{short:.2f}" not in str(refused).replace(",", "."):
            yield f"the refusal does not name the difference of {short}: {refused}"
    match_id = at.match(names, Difference(keep_open=True))
    if at.members(match_id) != set(names):
        yield f"matched: {sorted(at.members(match_id))}, expected {sorted(names)}"
    if sum(map(abs, at.open().values())) != to_minor(short, CURRENCY):
        yield f"left open: {at.open()}, expected {short} in all"


def _undoing(scenario: Scenario, at: Desk) -> Iterator[str]:
    """Two matches of neighbouring lines; each line gets a counterpart, since a match of ours sums to 0."""
    rows = scenario.side("left")
    reopened = scenario.raw["expected_reopened"]
    at.enter("left", rows)
    at.enter("right", [row | {"id": f"{row['id']}-counter"} for row in rows])
    first = at.match([name for known in reopened for name in (known, f"{known}-counter")])
    at.match([name for row in rows if row["id"] not in reopened for name in (row["id"], f"{row['id']}-counter")])
    if at.open():
        yield f"open before: {at.open()}"
    unmatch_lines(at.session, at.actor, at.group.id, [first])
    found = sorted(name for name in at.open() if not name.endswith("-counter"))
    if found != sorted(reopened):
        yield f"reopened: {found}, expected {reopened}"


_WORK: dict[str, Callable[[Scenario, Desk], Iterator[str]]] = {"bc-12": _short_payment, "akau-01": _undoing}


def is_by_hand(scenario: Scenario) -> bool:
    return scenario.id in _WORK


def replay_by_hand(scenario: Scenario, folder: Path) -> list[str]:
    """What differs from the expected result, one sentence each."""
    with desk(folder) as at:
        return list(_WORK[scenario.id](scenario, at))
