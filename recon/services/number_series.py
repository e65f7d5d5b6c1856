"""Numbers of documents and vouchers: given in order, once, and never again."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from recon.database.models import NumberSeries


def next_number(session: Session, series: NumberSeries) -> int:
    """The next number of a series, which is then used up even if its document is withdrawn."""
    number = session.execute(
        update(NumberSeries)
        .where(NumberSeries.id == series.id)
        .values(next_number=NumberSeries.next_number + 1)
        .returning(NumberSeries.next_number)
        .execution_options(synchronize_session=False)
    ).scalar_one()
    session.expire(series)
    return number - 1


def series_named(session: Session, company_id: int, name: str, kind: str) -> NumberSeries:
    """The company's series of that name, made if there is none."""
    query = select(NumberSeries).where(NumberSeries.company_id == company_id, NumberSeries.name == name)
    series = session.scalars(query).one_or_none()
    if series is None:
        series = NumberSeries(company_id=company_id, name=name, kind=kind)
        session.add(series)
        session.flush()
    return series
