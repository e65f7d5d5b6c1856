"""Who may do what in which company: the five roles, what each permits, and the actor every service is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from recon.errors import NotAllowed, NotFound
from rules.wording import NP_, _, pgettext


class Permission(StrEnum):
    VIEW = NP_("may", "view")
    VERIFY = NP_("may", "verify")
    IMPORT = NP_("may", "import")
    UNDO_IMPORT = NP_("may", "undo imports of others")
    RUN = NP_("may", "reconcile")
    MATCH = NP_("may", "match and unmatch")
    DEACTIVATE = NP_("may", "deactivate lines")
    ADJUST = NP_("may", "propose adjustments")
    SET_BALANCED = NP_("may", "set a document balanced")
    APPROVE = NP_("may", "approve")
    WITHDRAW = NP_("may", "withdraw an approval")
    VOID = NP_("may", "void a document")
    RELEASE = NP_("may", "release adjustments")
    ACTIVATE_RULES = NP_("may", "activate another's rules")
    EDIT_RULES = NP_("may", "edit rules")
    EDIT_MAPPINGS = NP_("may", "edit column mappings")
    EDIT_ACCOUNT_IMPORTS = NP_("may", "edit account imports")
    EDIT_ENTRY_TYPES = NP_("may", "edit entry types")
    EDIT_GROUPS = NP_("may", "set up account groups")
    MANAGE_USERS = NP_("may", "manage users")
    MANAGE_COMPANIES = NP_("may", "manage companies and accounts")
    MANAGE_SOURCES = NP_("may", "manage sources and connections")


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
        raise NotFound(_("there is no such company among those you were given"))
    if not actor.may(company_id, permission):
        told = _("{name} may not {permission} in this company")
        raise NotAllowed(told.format(name=actor.name or _("you"), permission=pgettext("may", permission)))


def require_operator(actor: Actor, task: str) -> None:
    """What concerns the installation as a whole belongs to its operator. `task` is marked with `NP_("may", ...)`."""
    if not actor.operator:
        raise NotAllowed(_("only the operator of the installation may {task}").format(task=pgettext("may", task)))
