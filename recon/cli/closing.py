"""`recon balances`, `recon approve`, `recon withdraw` and `recon void`."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from recon.cli import commands
from recon.cli.acting import acting, as_user, looking
from recon.closing.balances import AccountBalances, Figure
from recon.closing.documents import period_end
from recon.database.models import AccountGroup, Document
from recon.errors import Refusal
from recon.services.approve_document import approve_document
from recon.services.find_group import find_group
from recon.services.period_figures import members_of, source_account
from recon.services.read_balances import GroupBalances, negated, read_balances, statement_of
from recon.services.withdraw_document import void_document, withdraw_document
from rules.values import AmountError, from_minor, to_minor
from rules.wording import _

DAY = click.DateTime(formats=["%Y-%m-%d"])


@commands.command("balances")
@click.argument("group")
@click.option("--as-of", type=DAY, help="The date of the figures (default: the newest that is known).")
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
@as_user
def balances(group: str, as_of: datetime | None, as_json: bool, user: str | None) -> None:
    """The four figures of GROUP, their dates, and the two-sided proof.

    \b
    Example: recon balances "Fjord AS/1920-bank" --as-of 2025-01-31
    """
    with looking(user) as (session, actor):
        found = find_group(session, actor, group)
        figures = read_balances(session, actor, found.id, as_of.date() if as_of else None)
    told = plain(figures, group)
    click.echo(json.dumps(told, ensure_ascii=False) if as_json else _sentences(told))


def plain(figures: GroupBalances, group: str) -> dict[str, Any]:
    """The figures as plain values; amounts as decimal text, dates in ISO form."""
    currency = figures.currency
    return {
        "group": group,
        "currency": currency,
        "from": figures.period.from_on.isoformat(),
        "to": figures.period.to_on.isoformat(),
        "document": figures.document,
        "accounts": [_account(account) for account in figures.accounts],
        "proof": {
            "terms": [
                {
                    "side": line.side,
                    "term": str(line.term),
                    "label": line.label,
                    "amount": from_minor(line.amount_minor, currency),
                    "lines": line.count,
                }
                for line in figures.proof.lines
            ],
            "left": from_minor(figures.proof.explained_minor("left"), currency),
            "right": from_minor(figures.proof.explained_minor("right"), currency),
            "difference": from_minor(figures.proof.difference_minor, currency),
            "holds": figures.proof.holds,
        },
    }


def _account(account: AccountBalances) -> dict[str, Any]:
    difference = account.difference_minor
    return {
        "account": account.account,
        "side": account.side,
        "currency": account.currency,
        "calculated": _figure(account.calculated, account.currency),
        "fetched": _figure(account.fetched, account.currency),
        "to_date": _figure(account.to_date, account.currency),
        "statement": _figure(account.statement, account.currency) if account.statement else None,
        "difference": None if difference is None else from_minor(difference, account.currency),
        "comparison": str(account.comparison),
        "not_comparable": account.not_comparable,
    }


def _figure(figure: Figure, currency: str) -> dict[str, str | None]:
    return {"amount": from_minor(figure.amount_minor, currency), "date": figure.on.isoformat() if figure.on else None}


def _sentences(told: dict[str, Any]) -> str:
    rows = [f"{told['group']}  {told['from']} – {told['to']}  {told['currency']}"]
    for account in told["accounts"]:
        rows.append(f"{account['side']:5}  {account['account']}")
        for name in ("calculated", "fetched", "to_date", "statement"):
            figure = account[name]
            rows.append(f"  {name:10}  {figure['amount']:>18}  {figure['date'] or ''}" if figure else f"  {name:10}  -")
        rows.append(f"  {'difference':10}  {account['difference'] or account['not_comparable']:>18}")
    proof = told["proof"]
    rows += [f"{line['label']:48}  {line['amount']:>18}  {line['lines'] or ''}" for line in proof["terms"]]
    rows.append(f"{_('What remains, left and right'):48}  {proof['left']:>18}  {proof['right']}")
    rows.append(_("The proof holds.") if proof["holds"] else _("The proof fails by {0}.").format(proof["difference"]))
    return "\n".join(rows)


@commands.command("approve")
@click.argument("group")
@click.argument("period")
@click.option("--statement-balance", "given", multiple=True, metavar="[ACCOUNT=]X", help="Type a balance of that day.")
@click.option("--reason", default="", help="Why an account that cannot be compared is approved all the same.")
@click.option("--conclusion", default="", help="Words that the document prints.")
@click.option("--pdf", "target", type=click.Path(dir_okay=False, path_type=Path), help="Write the sealed PDF here.")
@click.option("--json", "as_json", is_flag=True, help="Print the document as JSON.")
@as_user
def approve(
    group: str,
    period: str,
    given: tuple[str, ...],
    reason: str,
    conclusion: str,
    target: Path | None,
    as_json: bool,
    user: str | None,
) -> None:
    """Approve GROUP up to PERIOD, a date or a month (YYYYMM), and seal its document.

    \b
    Example: recon approve "Fjord AS/1920-bank" 202501 --statement-balance 1920=60.00 --pdf january.pdf
    """
    to_on = period_end(period)
    with acting(user) as (session, actor):
        found = find_group(session, actor, group)
        typed = _typed_balances(session, found, given, to_on)
        sealed = approve_document(
            session, actor, found.id, to_on, statement_balances=typed, reason=reason, conclusion=conclusion
        )
    if target:
        target.write_bytes(sealed.pdf)
    _say(sealed.document, as_json, _("{number}: {group} is approved up to {to}."), group)


def _typed_balances(session: Session, group: AccountGroup, given: Sequence[str], to_on: Any) -> dict[int, int]:
    """Account -> minor units in the account's own sign.

    Without an account it is the one that lacks a balance that day, at the bank where both sides do.
    """
    members = members_of(session, group.id)
    lacking = [m for m in members if (known := statement_of(session, m, to_on)) is None or known.on != to_on]
    lacking = [m for m in lacking if m.side == "right"] or lacking
    numbers = {(m.account or m.account_import.source_account).number: m for m in members}  # type: ignore[union-attr]
    balances: dict[int, int] = {}
    for text in given:
        name, equals, amount = text.rpartition("=")
        if equals and name not in numbers:
            raise Refusal(_("{group} has no account {name}.").format(group=group.name, name=name))
        if not equals and len(lacking) != 1:
            raise Refusal(_("Say which account {amount} is the balance of, as ACCOUNT={amount}.").format(amount=amount))
        member = numbers[name] if equals else lacking[0]
        minor = _minor(amount, group.currency)
        balances[source_account(member)] = -minor if negated(member) else minor
    return balances


def _minor(amount: str, currency: str) -> int:
    try:
        return to_minor(amount, currency)
    except AmountError as error:
        raise Refusal(str(error)) from None


@commands.command("withdraw")
@click.argument("group")
@click.argument("period")
@click.option("--reason", required=True, help="Why; it stands in the log.")
@click.option("--json", "as_json", is_flag=True, help="Print the document as JSON.")
@as_user
def withdraw(group: str, period: str, reason: str, as_json: bool, user: str | None) -> None:
    """Withdraw the newest approval of GROUP: its matches are confirmed again and its PDF is superseded.

    \b
    Example: recon withdraw "Fjord AS/1920-bank" 202501 --reason "a line was missing"
    """
    with acting(user) as (session, actor):
        found = find_group(session, actor, group)
        document = withdraw_document(session, actor, found.id, period_end(period), reason)
    _say(document, as_json, _("{number}: the approval of {group} up to {to} is withdrawn."), group)


@commands.command("void")
@click.argument("group")
@click.argument("period")
@click.option("--reason", required=True, help="Why; it stands in the log.")
@click.option("--json", "as_json", is_flag=True, help="Print the document as JSON.")
@as_user
def void(group: str, period: str, reason: str, as_json: bool, user: str | None) -> None:
    """Void the newest approved document of GROUP; its number is not given again.

    \b
    Example: recon void "Fjord AS/1920-bank" 202501 --reason "approved by mistake"
    """
    with acting(user) as (session, actor):
        found = find_group(session, actor, group)
        document = void_document(session, actor, found.id, period_end(period), reason)
    _say(document, as_json, _("{number}: the document of {group} up to {to} is void."), group)


def _say(document: Document, as_json: bool, sentence: str, group: str) -> None:
    told = {
        "group": group,
        "number": document.number,
        "from": document.from_on.isoformat(),
        "to": document.to_on.isoformat(),
        "state": document.state,
        "pdf_sha256": document.pdf_sha256,
    }
    click.echo(json.dumps(told, ensure_ascii=False) if as_json else sentence.format(**told))
