"""What stands around the entries of a statement: account, period, balances, and what it declares about itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from recon.intake.amounts import MOST_DIGITS
from recon.intake.place import Place
from recon.intake.statement import Balance, Declared
from recon.intake.xml import Node
from rules.values import AmountError, exponent, to_minor
from rules.wording import _

_OPENING = ("OPBD", "PRCD")
_CLOSING = ("CLBD",)
_INTERIM = "ITBD"


def unsigned(amount: Node, currency: str, place: Place) -> int:
    """Minor units of an `Amt`: a plain decimal without sign, exact in its currency; trailing zeros do not count."""
    whole, _point, decimals = amount.text.partition(".")
    digits = whole + decimals
    if not (digits.isdecimal() and digits.isascii()):
        raise place.refuse(_("“{amount}” is no amount").format(amount=amount.text[:60]))
    try:
        places = exponent(currency)
        if len(decimals) <= places and len(whole) + places <= MOST_DIGITS:
            return int(digits + "0" * (places - len(decimals)))
        return to_minor(Decimal(amount.text), currency)
    except AmountError as error:
        raise place.refuse(str(error).rstrip(".")) from None


def day(node: Node | None, place: Place) -> date | None:
    """The date of a `Dt` or `DtTm` choice (or of such an element itself), as written: a time zone never moves it."""
    if node is None:
        return None
    text = node.at("Dt") or node.at("DtTm") or node.text
    if not text:
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise place.refuse(_("“{date}” is no date").format(date=text[:40])) from None


@dataclass(frozen=True, slots=True)
class Header:
    """A `Stmt` or `Ntfctn` without its entries. `on` is the day the statement stands for."""

    account: str | None
    account_name: str | None
    owner: str | None
    currency: str | None
    statement_id: str | None
    electronic_number: str | None
    legal_number: str | None
    copy: str | None
    from_on: date | None
    to_on: date | None
    on: date | None
    opening: Balance | None
    closing: Balance | None
    balances: tuple[Balance, ...]
    last_page: bool


def header(statement: Node, place: Place) -> Header:
    balances = list(_balances(statement, place))
    interim = [b for b in balances if b.kind == _INTERIM]
    opening = _chosen(balances, _OPENING) or (interim[0] if len(interim) == 2 else None)
    closing = _chosen(balances, _CLOSING, last=True) or (interim[-1] if interim else None)
    to_on = day(statement.first("FrToDt", "ToDtTm"), place) or day(statement.first("FrToDt", "ToDt"), place)
    created_on = day(statement.first("CreDtTm"), place)
    account_currency = statement.at("Acct", "Ccy")
    return Header(
        account=_account(statement.first("Acct", "Id")),
        account_name=statement.at("Acct", "Nm") or None,
        owner=statement.at("Acct", "Ownr", "Nm") or None,
        currency=account_currency or next((b.currency for b in (opening, closing) if b), None),
        statement_id=statement.at("Id") or None,
        electronic_number=statement.at("ElctrncSeqNb") or None,
        legal_number=statement.at("LglSeqNb") or None,
        copy=statement.at("CpyDplctInd") or None,
        from_on=day(statement.first("FrToDt", "FrDtTm"), place) or day(statement.first("FrToDt", "FrDt"), place),
        to_on=to_on,
        on=(closing.on if closing else None) or to_on or created_on,
        opening=opening,
        closing=closing,
        balances=tuple(b for b in balances if b is not opening and b is not closing),
        last_page=(statement.at("StmtPgntn", "LastPgInd") or "true").lower() not in ("false", "0"),
    )


def _account(identification: Node | None) -> str | None:
    if identification is None:
        return None
    return identification.at("IBAN") or identification.at("Othr", "Id") or identification.at("BBAN") or None


def _balances(statement: Node, place: Place) -> Iterator[Balance]:
    for node in statement.all("Bal"):
        amount = node.first("Amt")
        if amount is None:
            raise place.refuse(_("a balance has no amount"))
        currency = amount.attributes.get("Ccy") or statement.at("Acct", "Ccy")
        minor = unsigned(amount, currency, place)
        kind = node.at("Tp", "CdOrPrtry", "Cd") or node.at("Tp", "CdOrPrtry", "Prtry") or node.at("Tp", "Cd")
        # a missing CdtDbtInd is a credit (seen in Lithuanian files, version 08)
        yield Balance(kind, -minor if node.at("CdtDbtInd") == "DBIT" else minor, currency, day(node.first("Dt"), place))


def _chosen(balances: list[Balance], kinds: tuple[str, ...], *, last: bool = False) -> Balance | None:
    for kind in kinds:
        found = [b for b in balances if b.kind == kind]
        if found:
            return found[-1 if last else 0]
    return None


def declared(statement: Node, currency: str, place: Place) -> Declared:
    """The totals of `TxsSummry`; what is not given is None."""
    summary = statement.first("TxsSummry")
    if summary is None:
        return Declared()
    net = summary.first("TtlNtries", "TtlNetNtryAmt") or summary.first("TtlNtries", "TtlNetNtry", "Amt")
    sign = summary.at("TtlNtries", "CdtDbtInd") or summary.at("TtlNtries", "TtlNetNtry", "CdtDbtInd")
    net_minor = unsigned(net, currency, place) if net else None
    return Declared(
        entries=_count(summary.at("TtlNtries", "NbOfNtries")),
        turnover_minor=_sum(summary.first("TtlNtries", "Sum"), currency, place),
        net_minor=-net_minor if net_minor is not None and sign == "DBIT" else net_minor,
        credits=_count(summary.at("TtlCdtNtries", "NbOfNtries")),
        credit_minor=_sum(summary.first("TtlCdtNtries", "Sum"), currency, place),
        debits=_count(summary.at("TtlDbtNtries", "NbOfNtries")),
        debit_minor=_sum(summary.first("TtlDbtNtries", "Sum"), currency, place),
    )


def _count(text: str) -> int | None:
    return int(text) if text.isdecimal() and text.isascii() and len(text) <= 15 else None


def _sum(node: Node | None, currency: str, place: Place) -> int | None:
    return unsigned(node, currency, place) if node is not None and node.text else None
