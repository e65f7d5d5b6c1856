"""The example of docs/setup-files.md is a set-up that can be applied."""

from __future__ import annotations

import re
from pathlib import Path

from sqlalchemy import select

from recon.database.models import AccountGroup
from recon.database.session import make_engine, session_factory
from recon.services.apply_setup import apply_setup
from recon.services.setup_document import read_setup
from recon.services.users import actor_of, add_user

PAGE = Path(__file__).parents[2] / "docs" / "setup-files.md"


def example() -> str:
    found = re.search(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


def test_the_example_of_the_page_applies(sqlite_url: str) -> None:
    engine = make_engine(sqlite_url)
    with session_factory(engine)() as session:
        operator = actor_of(add_user(session, None, "root", operator=True))
        assert apply_setup(session, operator, read_setup(example())) > 10
        assert set(session.scalars(select(AccountGroup.name))) == {"1920-86011117947", "Dal AB"}
        assert apply_setup(session, operator, read_setup(example())) == 0
    engine.dispose()
