"""The five roles: what each may do, and that a company one was not given does not exist."""

from __future__ import annotations

import pytest

from recon.access import PERMISSIONS, Actor, Permission, require, require_operator
from recon.errors import NotAllowed, NotFound


def holding(*roles: str) -> Actor:
    return Actor(1, {7: frozenset(roles)}, name="kari")


@pytest.mark.parametrize(
    ("role", "may", "may_not"),
    [
        ("admin", Permission.UNDO_IMPORT, Permission.MATCH),
        ("admin", Permission.EDIT_RULES, Permission.APPROVE),
        ("author", Permission.EDIT_GROUPS, Permission.MANAGE_USERS),
        ("preparer", Permission.IMPORT, Permission.APPROVE),
        ("preparer", Permission.SET_BALANCED, Permission.EDIT_RULES),
        ("approver", Permission.RELEASE, Permission.MATCH),
        ("auditor", Permission.VERIFY, Permission.IMPORT),
    ],
)
def test_each_role_and_its_limit(role: str, may: Permission, may_not: Permission) -> None:
    require(holding(role), 7, may)
    with pytest.raises(NotAllowed, match=f"kari may not {may_not}"):
        require(holding(role), 7, may_not)


def test_roles_add_up_and_end_at_the_company() -> None:
    both = holding("preparer", "approver")
    assert both.may(7, Permission.MATCH)
    assert both.may(7, Permission.APPROVE)
    assert not both.may(8, Permission.VIEW)
    with pytest.raises(NotFound, match="no such company"):
        require(both, 8, Permission.VIEW)


def test_the_operator_may_everything_everywhere() -> None:
    operator = Actor(1, operator=True)
    for permission in Permission:
        require(operator, 99, permission)
    require_operator(operator, "upgrade")
    with pytest.raises(NotAllowed, match="only the operator"):
        require_operator(holding("admin"), "upgrade")


def test_whoever_holds_a_role_sees_the_company() -> None:
    assert all(Permission.VIEW in held for held in PERMISSIONS.values())
