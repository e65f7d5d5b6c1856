"""Users: adding them, giving them roles, and the actor that a name stands for."""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from argon2 import PasswordHasher
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from recon.access import PERMISSIONS, Actor, Permission, require, require_operator
from recon.database.audit import record
from recon.database.models import Company, CompanyRole, User
from recon.errors import NotFound, Refusal
from recon.services.setup_plan import UserPlan
from rules.wording import NP_, _

SHORTEST_PASSWORD = 12


def actor_of(user: User) -> Actor:
    """The actor of a user with the roles held now."""
    roles: dict[int, set[str]] = {}
    for grant in user.company_roles:
        roles.setdefault(grant.company_id, set()).add(grant.role)
    held = {company_id: frozenset(names) for company_id, names in roles.items()}
    return Actor(user.id, held, user.operator, user.name or user.username or user.email)


def load_actor(session: Session, name: str | None = None) -> Actor:
    """The actor of that user name or e-mail address, or the operator. Raises NotFound, or Refusal if inactive."""
    user = find_user(session, name) if name else _operator(session)
    if not user.active:
        raise Refusal(_("the user {name} is not active").format(name=user.username or user.email))
    return actor_of(user)


def load_actor_by_id(session: Session, user_id: int) -> Actor:
    """The actor of a user's key, as jobs keep it. Raises NotFound."""
    user = session.get(User, user_id)
    if user is None or not user.active:
        raise NotFound(_("there is no active user {name}").format(name=user_id))
    return actor_of(user)


def find_user(session: Session, name: str) -> User:
    """The user of that user name or e-mail address, whatever its case. Raises NotFound."""
    user = _user_called(session, name)
    if user is None:
        raise NotFound(_("there is no user {name}").format(name=name))
    return user


def _user_called(session: Session, name: str) -> User | None:
    wanted = name.strip().lower()
    named = or_(func.lower(User.username) == wanted, func.lower(User.email) == wanted)
    return session.scalars(select(User).where(named).order_by(User.id)).first()


def _operator(session: Session) -> User:
    user = session.scalars(select(User).where(User.operator, User.active).order_by(User.id)).first()
    if user is None:
        raise NotFound(_("there is no operator account yet: make one with `recon user add NAME --operator`"))
    return user


def add_user(
    session: Session,
    actor: Actor | None,
    username: str,
    *,
    email: str | None = None,
    name: str = "",
    password: str | None = None,
    operator: bool = False,
) -> User:
    """Add a user. Only the operator may, or nobody (`actor` None) while there is no user at all.

    Without a password the user cannot log in; the operator account of the command line needs none. Raises Refusal if
    the name or address is taken, or the password is shorter than SHORTEST_PASSWORD characters.
    """
    if actor is None and session.scalar(select(func.count(User.id))):
        raise Refusal(_("there are users already: say who adds this one with --as"))
    if actor is not None and not actor.may_anywhere(Permission.MANAGE_USERS):
        require_operator(actor, NP_("may", "add users"))
    if operator and actor is not None:
        require_operator(actor, NP_("may", "make another operator"))
    user = _new_user(session, username.strip(), email, name, password, operator)
    adding = actor or Actor(user.id, operator=True, name=username)
    record(session, adding, None, "add user", f"user {user.id}", after={"operator": operator})
    return user


def _new_user(
    session: Session, username: str, email: str | None, name: str, password: str | None, operator: bool
) -> User:
    if not username:
        raise Refusal(_("a user needs a name"))
    address = (email or (username if "@" in username else f"{username}@localhost")).strip().lower()
    taken = or_(func.lower(User.username) == username.lower(), func.lower(User.email) == address)
    if session.scalars(select(User.id).where(taken)).first() is not None:
        told = _("there is a user {name} or one with the address {address} already")
        raise Refusal(told.format(name=username, address=address))
    user = User(
        username=username,
        email=address,
        name=name or username,
        password=hashed_password(password) if password is not None else None,
        operator=operator,
        active=True,
        fs_uniquifier=secrets.token_hex(32),
    )
    session.add(user)
    session.flush()
    return user


def hashed_password(password: str) -> str:
    """Argon2id, in the form Flask-Security reads. Raises Refusal for one that is too short."""
    if len(password) < SHORTEST_PASSWORD:
        raise Refusal(_("a password has at least {n} characters").format(n=SHORTEST_PASSWORD))
    return PasswordHasher().hash(password)


def set_up_user(session: Session, actor: Actor, plan: UserPlan) -> User:
    """The user of that name with the plan's address, name and rights; a password is set for a new user only."""
    user = _user_called(session, plan.username)
    if user is None:
        given = {"email": plan.email, "name": plan.name, "password": plan.password, "operator": plan.operator}
        user = add_user(session, actor, plan.username, **given)  # type: ignore[arg-type]
    wanted = {"email": plan.email, "name": plan.name, "operator": plan.operator, "active": plan.active}
    changed = {field for field, value in wanted.items() if getattr(user, field) != value}
    if changed:
        require_operator(actor, NP_("may", "change users"))
        for field in changed:
            setattr(user, field, wanted[field])
        rights = {field: wanted[field] for field in sorted(changed & {"operator", "active"})}
        record(session, actor, None, "change user", f"user {user.id}", after=rights)
    return user


def set_password(session: Session, actor: Actor, user: User, password: str) -> None:
    """Give a user a new password: their own, or as the operator. Open sessions of that user end."""
    if actor.user_id != user.id:
        require_operator(actor, NP_("may", "set another user's password"))
    user.password = hashed_password(password)
    user.fs_uniquifier = secrets.token_hex(32)
    record(session, actor, None, "set password", f"user {user.id}")


def grant_roles(session: Session, actor: Actor, user: User, company: Company, roles: Iterable[str]) -> bool:
    """Let a user hold exactly these roles in a company; none takes the company away. False if nothing changed."""
    wanted = set(roles)
    if unknown := wanted - set(PERMISSIONS):
        told = _("there is no role {role}: there are {known}")
        raise Refusal(told.format(role=min(unknown), known=", ".join(PERMISSIONS)))
    held = {grant.role: grant for grant in user.company_roles if grant.company_id == company.id}
    if wanted == set(held):
        return False
    require(actor, company.id, Permission.MANAGE_USERS)
    for role in set(held) - wanted:
        user.company_roles.remove(held[role])
    for role in sorted(wanted - set(held)):
        user.company_roles.append(CompanyRole(company_id=company.id, role=role))
    before, after = ({"roles": sorted(names)} for names in (held, wanted))
    record(session, actor, company.id, "grant roles", f"user {user.id}", before=before, after=after)
    return True
