"""The demo company: three companies with six months of books, made by code from a seed."""

from __future__ import annotations

from pathlib import Path

import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from recon.access import Actor
from recon.database.models import Account, Company, User
from recon.demo.company import Balance, Demo, make_demo
from recon.demo.firms import FIRMS, PASSWORD, PEOPLE
from recon.demo.setup import setup_document
from recon.errors import Refusal
from recon.services.apply_setup import apply_setup
from recon.services.import_file import import_file
from recon.services.set_statement_balance import set_statement_balance
from recon.services.setup_document import read_setup
from recon.services.users import add_user, load_actor
from rules.wording import _

SEED = 2026
OPERATOR = "operator"

LOGINS = tuple({"name": person.username, "password": PASSWORD, "does": person.does} for person in PEOPLE)
"""Who can sign in to the demo, as the login page lists them."""


def load_demo(session: Session, actor: Actor | None = None, *, seed: int = SEED, by_hand: Path | None = None) -> Demo:
    """Set up the three companies, import their files and type the balances that no file gives; nothing is matched yet.

    The files of one more month are written into the folder `by_hand`, for the newcomer to import. Only on a database
    without companies; only the operator may, who is made where there is no user at all. Raises Refusal otherwise.
    """
    if session.scalars(select(Company.id).limit(1)).first() is not None:
        raise Refusal(_("There are companies already: the demo is loaded into an empty database only."))
    actor = actor or _operator(session)
    demo = make_demo(seed)
    apply_setup(session, actor, read_setup(yaml.safe_dump(setup_document(demo), allow_unicode=True), "demo"))
    companies = _companies(session)
    for file in demo.files:
        import_file(session, actor, file.content, name=file.name, company_id=companies[file.company])
    for balance in demo.balances:
        _type(session, actor, companies[balance.company], balance)
    if by_hand is not None:
        write_demo_files(demo, by_hand)
    return demo


def write_demo_files(demo: Demo, folder: Path) -> list[Path]:
    """The files of the month that is not loaded; where they are."""
    folder.mkdir(parents=True, exist_ok=True)
    written = [folder / file.name for file in demo.by_hand]
    for path, file in zip(written, demo.by_hand, strict=True):
        path.write_bytes(file.content)
    return written


def _operator(session: Session) -> Actor:
    if session.scalars(select(User.id).limit(1)).first() is None:
        add_user(session, None, OPERATOR, operator=True)
    return load_actor(session)


def _companies(session: Session) -> dict[str, int]:
    """Key of the firm -> key of its company."""
    ids = {company.name: company.id for company in session.scalars(select(Company))}
    return {firm.key: ids[firm.name] for firm in FIRMS}


def _type(session: Session, actor: Actor, company_id: int, balance: Balance) -> None:
    named = {"company_id": company_id, "kind": balance.account_kind, "number": balance.account}
    account = session.scalars(select(Account).filter_by(**named)).one()
    set_statement_balance(session, actor, account.id, balance.on, balance.minor)
