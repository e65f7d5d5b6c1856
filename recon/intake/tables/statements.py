"""The lines of a table as statements: one for each account and currency, with the proof of its balances."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from recon.intake.statement import Balance, Statement, column_type, trimmed
from recon.intake.tables import written
from recon.intake.tables.lines import NO_CURRENCY, Body
from recon.intake.tables.running import Int64s, Running, running
from rules.fields import EXTRA
from rules.values import AmountError, exponent, said_money
from rules.wording import _

_PLAIN = (
    "reference", "kid", "archive_reference", "end_to_end_id", "invoice_number", "voucher_number", "voucher_type",
    "customer_number", "supplier_number", "department", "project", "transaction_code", "counterparty",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Proof:
    """What the file's own figures say about the lines of one account, minor units of `currency`.

    `kind` is "running balance", "balances" (opening + sum = closing) or "none" (the file gives nothing to prove by);
    `holds` is None for none. `checked` counts the running balances compared. `sentence` says it all.
    """

    account: str | None
    currency: str
    kind: str
    holds: bool | None
    total_minor: int
    opening_minor: int | None
    closing_minor: int | None
    checked: int
    sentence: str


def statements(body: Body) -> tuple[list[Statement], list[Proof]]:
    """Statements in the order of first appearance, their lines from the oldest to the newest."""
    lines, amounts = _table(body), body.amounts
    given = _given_balances(body)
    found: list[Statement] = []
    proofs: list[Proof] = []
    for account, currency, at in _groups(body):
        told = _running(body, amounts, at, currency)
        own = _in_time(lines, at, _newest_first(body, at, told))
        statement = _statement(account, currency, own, _bounds(body, account, currency, given, told))
        found.append(statement)
        proofs.append(_proof(statement, told))
        _remark(body, statement, proofs[-1], told, at)
    _note_silent(body, given, found)
    return found, proofs


def _in_time(lines: pa.Table, at: Int64s, newest_first: bool) -> pa.Table:
    """Some of the lines, the oldest first; all of them in their order are not copied."""
    if newest_first:
        return lines.take(pa.array(at[::-1]))
    return lines if len(at) == len(lines) else lines.take(pa.array(at))


def follows(body: Body) -> bool:
    """Does the balance beside the lines follow from every amount? False where there is none, or nothing to follow."""
    told = [_running(body, body.amounts, at, currency) for _account, currency, at in _groups(body)]
    checked = [each for each in told if each is not None and each.checked]
    return bool(checked) and all(each.holds for each in checked) and bool(body.amounts.any())


def _groups(body: Body) -> Iterator[tuple[str | None, str, Int64s]]:
    accounts, currencies = _codes(body.accounts), _codes(body.currencies)
    kinds = accounts * (int(currencies.max(initial=0)) + 1) + currencies
    for first in np.sort(np.unique(kinds, return_index=True)[1]):
        at = np.flatnonzero(kinds == kinds[first]).astype(np.int64)
        yield body.accounts[int(first)].as_py(), body.currencies[int(first)].as_py(), at


def _codes(column: pa.Array) -> Int64s:
    encoded = pc.dictionary_encode(column, null_encoding="encode").indices
    return np.asarray(encoded.to_numpy(zero_copy_only=False), dtype=np.int64)


def _table(body: Body) -> pa.Table:
    """All lines, in the order of the file, with the columns of `recon.intake.statement`."""
    columns: dict[str, pa.Array] = {"booking_date": body.take(body.days)}
    for role in ("value_date", "due_date"):
        texts = body.role(role)
        if texts is not None:
            columns[role] = written.dates(body.take(texts), body.profile.date_order)
    columns |= {"amount": pa.array(body.amounts), "currency": body.currencies, **_original(body)}
    for role in _PLAIN:
        texts = body.role(role)
        if texts is not None:
            columns[role] = pc.cast(body.take(texts), column_type(role))
    counterparty = body.counterparty_accounts()
    if counterparty is not None:
        columns["counterparty_account"] = counterparty
    return trimmed(pa.table({**columns, **_texts(body), **_extra(body)}))


def _original(body: Body) -> dict[str, pa.Array]:
    """The amount in the currency it was paid in, where that is another one and both can be read."""
    texts, codes = body.role("original_amount"), body.role("original_currency")
    if texts is None or codes is None:
        return {}
    codes = pc.utf8_upper(body.take(codes))
    known = pa.array([code for code in pc.unique(codes).to_pylist() if code and _known(code)], pa.string())
    foreign = pc.fill_null(pc.and_(pc.is_in(codes, value_set=known), pc.not_equal(codes, body.currencies)), False)
    minor = pa.nulls(len(codes), pa.int64())
    for code in known.to_pylist():
        of_code = written.amounts(body.take(texts), body.profile.decimal, exponent(code))
        minor = pc.if_else(pc.fill_null(pc.equal(codes, code), False), of_code, minor)
    whole = pc.and_(foreign, pc.is_valid(minor))
    return {"original_amount": pc.if_else(whole, minor, None), "original_currency": pc.if_else(whole, codes, None)}


def _known(code: str) -> bool:
    try:
        exponent(code)
    except AmountError:
        return False
    return True


def _texts(body: Body) -> dict[str, pa.Array]:
    parts = [pc.fill_null(body.take(body.texts(place)), "") for place in body.profile.places("text")]
    if not parts:
        return {}
    joined = pc.binary_join_element_wise(*parts, " ") if len(parts) > 1 else parts[0]
    if pc.any(pc.match_substring_regex(joined, r"^\s|\s$|\s\s|[\t\r\n]"), min_count=0).as_py():
        joined = pc.utf8_trim_whitespace(pc.replace_substring_regex(joined, r"\s+", " "))
    return {"text": pc.if_else(pc.equal(joined, ""), None, joined)}


def _extra(body: Body) -> dict[str, pa.Array]:
    """Columns kept under their own heading; a second one of that name gets its number."""
    columns: dict[str, pa.Array] = {}
    for place in body.profile.places("extra"):
        name = EXTRA + body.profile.label(place)
        columns[f"{name} {place + 1}" if name in columns else name] = body.take(body.texts(place))
    return columns


def _running(body: Body, amounts: Int64s, at: Int64s, currency: str) -> Running | None:
    minor = body.money("balance", exact=False)
    if minor is None:
        return None
    known = np.asarray(pc.is_valid(minor).to_numpy(zero_copy_only=False))
    return running(amounts[at], written.as_int64(minor)[at], known[at], _by_days(body, at))


def _by_days(body: Body, at: Int64s) -> bool | None:
    """Is the newest line first? None where the days do not tell."""
    days = body.take(body.days)
    first, last = days[int(at[0])].as_py(), days[int(at[-1])].as_py()
    return None if first == last else bool(first > last)


def _newest_first(body: Body, at: Int64s, told: Running | None) -> bool:
    if told is not None and told.holds and told.checked:
        return told.newest_first
    return bool(_by_days(body, at))


Given = dict[tuple[str | None, str | None], dict[str, int]]
"""(account, currency) -> minor units of "opening" and "closing"; None stands for any."""


def _given_balances(body: Body) -> Given:
    """Balances that stand around the lines, or in rows of their own kind."""
    given: Given = {}
    profile = body.profile
    for kind, cells in body.typed_rows():
        if kind == "turnover":
            continue
        cell = {
            role: cells[place]
            for role in ("account_number", "currency", "amount", "mark")
            if (place := profile.place(role)) is not None
        }
        currency = cell.get("currency") or None
        minor = _minor(body, cell.get("amount", ""), currency)
        if minor is not None:
            sign = -1 if cell.get("mark", "").lower() in {mark.lower() for mark in profile.minus} else 1
            given.setdefault((cell.get("account_number"), currency), {})[kind] = sign * minor
    for kind, text in (("opening", body.around.opening), ("closing", body.around.closing)):
        minor = _minor(body, text, None) if text else None
        if minor is not None:
            given.setdefault((None, None), {})[kind] = minor
    return given


def _minor(body: Body, text: str, currency: str | None) -> int | None:
    code = currency or (body.currencies[0].as_py() if len(body.currencies) else body.profile.currency) or NO_CURRENCY
    if not _known(code):
        return None
    found: int | None = written.amounts(pa.array([text]), body.profile.decimal, exponent(code))[0].as_py()
    return found


def _bounds(
    body: Body, account: str | None, currency: str, given: Given, told: Running | None
) -> tuple[int | None, int | None]:
    """Opening and closing: as given, else by the running balance."""
    stated = given.get((account, currency)) or given.get((None, None)) or {}
    opening, closing = stated.get("opening"), stated.get("closing")
    if told is not None:
        opening = told.opening_minor if opening is None else opening
        closing = told.closing_minor if closing is None else closing
    return opening, closing


def _statement(account: str | None, currency: str, lines: pa.Table, bounds: tuple[int | None, int | None]) -> Statement:
    days = pc.min_max(lines["booking_date"]).as_py()
    opening, closing = bounds
    return Statement(
        account=account,
        currency=currency,
        lines=trimmed(lines),
        entries=len(lines),
        from_on=days["min"],
        to_on=days["max"],
        opening=Balance("opening", opening, currency) if opening is not None else None,
        closing=Balance("closing", closing, currency, days["max"]) if closing is not None else None,
    )


def _proof(statement: Statement, told: Running | None) -> Proof:
    opening, closing, total = statement.opening, statement.closing, statement.sum_minor
    stated = opening is not None and closing is not None
    adds_up = opening is not None and closing is not None and opening.amount_minor + total == closing.amount_minor
    kind, holds = _verdict(told, adds_up=adds_up, stated=stated)
    return Proof(
        account=statement.account,
        currency=statement.currency,
        kind=kind,
        holds=holds,
        total_minor=total,
        opening_minor=opening.amount_minor if opening else None,
        closing_minor=closing.amount_minor if closing else None,
        checked=told.checked if told else 0,
        sentence=_sentence(statement, kind, holds, told),
    )


def _verdict(told: Running | None, *, adds_up: bool, stated: bool) -> tuple[str, bool | None]:
    if told is not None and told.checked:
        return "running balance", told.holds and adds_up
    return ("balances", adds_up) if stated and told is None else ("none", None)


def _sentence(statement: Statement, kind: str, holds: bool | None, told: Running | None) -> str:
    def shown(balance: Balance | None) -> str:
        return said_money(balance.amount_minor, statement.currency) if balance else "–"

    figures = {
        "opening": shown(statement.opening),
        "total": said_money(statement.sum_minor, statement.currency),
        "closing": shown(statement.closing),
        "n": statement.entries,
        "checked": told.checked if told else 0,
    }
    if kind == "none":
        return _("{n} lines, sum {total}; the file has no balances to prove them by.").format(**figures)
    if kind == "running balance" and holds:
        sentence = _(
            "opening {opening} + {n} lines {total} = closing {closing}, and the balance after each line agrees."
        )
        return sentence.format(**figures)
    if holds:
        return _("opening {opening} + {n} lines {total} = closing {closing}.").format(**figures)
    if told is not None and told.breaks:
        sentence = _("the balance does not follow from the amount on {breaks} of {checked} lines.")
        return sentence.format(breaks=told.breaks, **figures)
    return _("opening {opening} + {n} lines {total} is not closing {closing}.").format(**figures)


def _remark(body: Body, statement: Statement, proof: Proof, told: Running | None, at: NDArray[np.int64]) -> None:
    where = statement.account or body.grid.name
    if told is not None and told.breaks:
        row = int(body.rows[at[told.first_break]]) + body.start
        sentence = _("{place}: the balance does not follow from the amount; so on {n} of {checked} lines.")
        facts = {"place": body.grid.place(row), "n": told.breaks, "checked": told.checked}
        body.remarks.add("running-balance", "warning", body.grid.place(row), sentence.format(**facts))
    if proof.opening_minor is None or proof.closing_minor is None:
        return
    off = proof.closing_minor - proof.opening_minor - proof.total_minor
    if off:
        sentence = _("{where}: opening {opening} + lines {total} is not closing {closing}; the difference is {off}.")
        figures = {
            "opening": proof.opening_minor,
            "total": proof.total_minor,
            "closing": proof.closing_minor,
            "off": off,
        }
        shown = {name: said_money(minor, proof.currency) for name, minor in figures.items()}
        body.remarks.add("balance-proof", "warning", where, sentence.format(where=where, **shown))


def _note_silent(body: Body, given: Given, found: list[Statement]) -> None:
    """Accounts of which the file gives balances and no lines."""
    known = {(statement.account, statement.currency) for statement in found}
    for (account, currency), balances in given.items():
        if account is not None and (account, currency) not in known:
            closing = balances.get("closing", balances.get("opening", 0))
            sentence = _("{account} {currency}: the file has no lines of it, only its balance {closing}.")
            code = currency or NO_CURRENCY
            facts = {"account": account, "currency": code, "closing": said_money(closing, code)}
            body.remarks.add("no-lines", "info", account, sentence.format(**facts))
