"""What every table shares: names of constraints, and the column types of money, keys, times and documents."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Annotated, Any, ClassVar

from sqlalchemy import JSON, BigInteger, CheckConstraint, DateTime, Dialect, ForeignKey, Integer, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import TypeDecorator, TypeEngine

BigKey = BigInteger().with_variant(Integer(), "sqlite")
"""SQLite numbers rows by itself only where the key's type is INTEGER; it is 64 bits there too."""


class UtcTime(TypeDecorator[dt.datetime]):
    """A moment: aware UTC in Python, `timestamp with time zone` in PostgreSQL, naive UTC text in SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment needs a time zone: {value!r}")
        utc = value.astimezone(dt.UTC)
        return utc if dialect.name == "postgresql" else utc.replace(tzinfo=None)

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        return value.astimezone(dt.UTC) if value.tzinfo else value.replace(tzinfo=dt.UTC)


Key = Annotated[int, mapped_column(BigKey, primary_key=True)]
Minor = Annotated[int, mapped_column(BigInteger)]
"""An amount in the minor unit of its currency."""
Name = Annotated[str, mapped_column(String(200))]
Code = Annotated[str, mapped_column(String(40))]
Currency = Annotated[str, mapped_column(String(3))]
Sha256 = Annotated[str, mapped_column(String(64))]
Moment = Annotated[dt.datetime, mapped_column(UtcTime())]
Document = dict[str, Any]


class Base(DeclarativeBase):
    """The root of all tables."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, TypeEngine[Any]]] = {
        Document: JSON(none_as_null=True),
        list[Document]: JSON(none_as_null=True),
        list[str]: JSON(none_as_null=True),
        str: Text(),
        dt.datetime: UtcTime(),
    }


def one_of(column: str, values: Iterable[str]) -> CheckConstraint:
    """The column holds one of a few words."""
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def refers(target: str, *, index: bool = False, primary_key: bool = False) -> Any:
    """A column that names a row of another table by its key."""
    return mapped_column(BigKey, ForeignKey(f"{target}.id"), index=index, primary_key=primary_key)


SIDES = ("left", "right")
