"""Who may do what in which company: the five roles, what each permits, and the actor every service is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from recon.errors import NotAllowed, NotFound


class Permission(StrEnum):
    VIEW = "view"
    VERIFY = "verify"
    IMPORT = "import"
    UNDO_IMPORT = "undo imports of others"
    RUN = "reconcile"
    MATCH = "match and unmatch"
    DEACTIVATE = "deactivate lines"
    ADJUST = "propose adjustments"
    SET_BALANCED = "set a document balanced"
    APPROVE = "approve"
    WITHDRAW = "withdraw an approval"
    VOID = "void a document"
    RELEASE = "release adjustments"
    ACTIVATE_RULES = "activate another's rules"
    EDIT_RULES = "edit rules"
    EDIT_MAPPINGS = "edit column mappings"
    EDIT_ACCOUNT_IMPORTS = "edit account imports"
    EDIT_ENTRY_TYPES = "edit entry types"
    EDIT_GROUPS = "set up account groups"
    MANAGE_USERS = "manage users"
    MANAGE_COMPANIES = "manage companies and accounts"
    MANAGE_SOURCES = "manage sources and connections"


_AUDITOR = frozenset({Permission.VIEW, Permission.VERIFY})
_AUTHOR = frozenset(
    {
        Permission.VIEW,
        Permission.EDIT_RULES,
        Permission.EDIT_MAPPINGS,
        Permission.EDIT_ACCOUNT_IMPORTS,
        Permission.EDIT_ENTRY_TYPES,
        Permission.EDIT_GROUPS,
    }
)
PERMISSIONS: Mapping[str, frozenset[Permission]] = {
    "admin": _AUTHOR
    | {
        Permission.VERIFY,
        Permission.UNDO_IMPORT,
        Permission.MANAGE_USERS,
        Permission.MANAGE_COMPANIES,
        Permission.MANAGE_SOURCES,
    },
    "author": _AUTHOR,
    "preparer": frozenset(
        {
            Permission.VIEW,
            Permission.IMPORT,
            Permission.RUN,
            Permission.MATCH,
            Permission.DEACTIVATE,
            Permission.ADJUST,
            Permission.SET_BALANCED,
        }
    ),
    "approver": frozenset(
        {
            Permission.VIEW,
            Permission.APPROVE,
            Permission.WITHDRAW,
            Permission.VOID,
            Permission.RELEASE,
            Permission.ACTIVATE_RULES,
        }
    ),
    "auditor": _AUDITOR,
}


@dataclass(frozen=True)
class Actor:
    """The user a command is done for. The operator of the installation holds every role in every company."""

    user_id: int
    roles: Mapping[int, frozenset[str]] = field(default_factory=dict)
    operator: bool = False
    name: str = ""

    def may(self, company_id: int, permission: Permission) -> bool:
        """Whether one of the actor's roles in the company permits it."""
        return self.operator or any(permission in PERMISSIONS[role] for role in self.roles.get(company_id, ()))

    def sees(self, company_id: int) -> bool:
        return self.may(company_id, Permission.VIEW)

    def may_anywhere(self, permission: Permission) -> bool:
        return self.operator or any(self.may(company_id, permission) for company_id in self.roles)


def require(actor: Actor, company_id: int, permission: Permission) -> None:
    """Refuse (`NotAllowed`) what the actor may not do; a company the actor cannot see does not exist (`NotFound`)."""
    if not actor.sees(company_id):
        raise NotFound("there is no such company among those you were given")
    if not actor.may(company_id, permission):
        raise NotAllowed(f"{actor.name or 'you'} may not {permission} in this company")


def require_operator(actor: Actor, task: str) -> None:
    """What concerns the installation as a whole belongs to its operator."""
    if not actor.operator:
        raise NotAllowed(f"only the operator of the installation may {task}")
