"""Users and what each may do in which company.

Columns of `User` and `Role` are those of Flask-Security-Too, but nothing here imports it: a worker needs no Flask. The
web room adds its behaviour in a subclass of the same table (`recon.web.login`).
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Boolean, Column, DateTime, Dialect, ForeignKey, LargeBinary, String, Table, Text, func
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.types import TypeDecorator

from recon.database.models.base import Base, BigKey, Key, Name, one_of, refers

ROLES = ("admin", "author", "preparer", "approver", "auditor")

roles_users = Table(
    "roles_users",
    Base.metadata,
    Column("user_id", BigKey, ForeignKey("user.id"), primary_key=True),
    Column("role_id", BigKey, ForeignKey("role.id"), primary_key=True),
)


class Words(TypeDecorator[list[str]]):
    """Words without commas, stored with commas between them, as Flask-Security stores its lists."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: list[str] | None, dialect: Dialect) -> str | None:
        return None if value is None else ",".join(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> list[str]:
        return value.split(",") if value else []


StringList = MutableList.as_mutable(Words())


class Role(Base):
    """A role of Flask-Security, the same in every company; what counts here is `CompanyRole`."""

    __tablename__ = "role"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(80), unique=True)
    description: Mapped[str | None] = mapped_column(String(255))
    permissions: Mapped[list[str] | None] = mapped_column(StringList)
    update_datetime: Mapped[dt.datetime] = mapped_column(DateTime(), server_default=func.now(), onupdate=func.now())
    users: Mapped[list[User]] = relationship(secondary=roles_users, back_populates="roles")


class User(Base):
    """A person who logs in. The operator of the installation holds every role in every company.

    `locale` is the language they chose (`recon.languages`); None is the one their browser asks for.
    """

    __tablename__ = "user"

    id: Mapped[Key]
    email: Mapped[str] = mapped_column(String(255), unique=True)
    username: Mapped[str | None] = mapped_column(String(255), unique=True)
    name: Mapped[Name] = mapped_column(default="")
    locale: Mapped[str | None] = mapped_column(String(10))
    operator: Mapped[bool] = mapped_column(Boolean, default=False)
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    confirmed_at: Mapped[dt.datetime | None] = mapped_column(DateTime())
    last_login_at: Mapped[dt.datetime | None] = mapped_column(DateTime())
    current_login_at: Mapped[dt.datetime | None] = mapped_column(DateTime())
    last_login_ip: Mapped[str | None] = mapped_column(String(64))
    current_login_ip: Mapped[str | None] = mapped_column(String(64))
    login_count: Mapped[int | None]
    tf_primary_method: Mapped[str | None] = mapped_column(String(64))
    tf_totp_secret: Mapped[str | None] = mapped_column(String(255))
    tf_phone_number: Mapped[str | None] = mapped_column(String(128))
    us_totp_secrets: Mapped[str | None]
    us_phone_number: Mapped[str | None] = mapped_column(String(128), unique=True)
    fs_webauthn_user_handle: Mapped[str | None] = mapped_column(String(64), unique=True)
    mf_recovery_codes: Mapped[list[str] | None] = mapped_column(StringList)
    create_datetime: Mapped[dt.datetime] = mapped_column(DateTime(), server_default=func.now())
    update_datetime: Mapped[dt.datetime] = mapped_column(DateTime(), server_default=func.now(), onupdate=func.now())
    roles: Mapped[list[Role]] = relationship(secondary=roles_users, back_populates="users")
    webauthn: Mapped[list[WebAuthn]] = relationship(back_populates="user", cascade="all, delete")
    company_roles: Mapped[list[CompanyRole]] = relationship(back_populates="user", cascade="all, delete-orphan")


class WebAuthn(Base):
    """A security key or passkey of a user."""

    __tablename__ = "webauthn"

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(BigKey, ForeignKey("user.id", ondelete="CASCADE"))
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(1024), unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int | None] = mapped_column(default=0)
    transports: Mapped[list[str] | None] = mapped_column(StringList)
    backup_state: Mapped[bool]
    device_type: Mapped[str] = mapped_column(String(64))
    extensions: Mapped[str | None] = mapped_column(String(255))
    create_datetime: Mapped[dt.datetime] = mapped_column(DateTime(), server_default=func.now())
    lastuse_datetime: Mapped[dt.datetime] = mapped_column(DateTime())
    name: Mapped[str] = mapped_column(String(64))
    usage: Mapped[str] = mapped_column(String(64))
    user: Mapped[User] = relationship(back_populates="webauthn")


class CompanyRole(Base):
    """One of the five roles, held by a user in one company."""

    __tablename__ = "company_role"
    __table_args__ = (one_of("role", ROLES),)

    user_id: Mapped[int] = refers("user", primary_key=True)
    company_id: Mapped[int] = refers("company", primary_key=True)
    role: Mapped[str] = mapped_column(String(20), primary_key=True)
    user: Mapped[User] = relationship(back_populates="company_roles")
