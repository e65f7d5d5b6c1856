"""The figures of a document as it stores them: read again as they were, never recomputed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from recon.closing.balances import AccountBalances, Figure
from recon.closing.proof import Proof, ProofLine, Term

Json = dict[str, Any]


def figures_of(accounts: Sequence[AccountBalances], member_ids: Sequence[int], proof: Proof) -> Json:
    """Accounts in their order with the key of the group account, and the terms of the proof; amounts in minor units."""
    return {
        "accounts": [_account(member, account) for member, account in zip(member_ids, accounts, strict=True)],
        "proof": [
            {"side": line.side, "term": str(line.term), "minor": line.amount_minor, "count": line.count}
            for line in proof.lines
        ],
    }


def closings_from(figures: Json) -> dict[int, int]:
    """Group account -> its closing, which the next document begins with."""
    return {account["member"]: account["calculated"]["minor"] for account in figures["accounts"]}


def accounts_from(figures: Json) -> tuple[AccountBalances, ...]:
    return tuple(
        AccountBalances(
            account=account["account"],
            side=account["side"],
            currency=account["currency"],
            calculated=_figure_from(account["calculated"]),
            fetched=_figure_from(account["fetched"]),
            to_date=_figure_from(account["to_date"]),
            statement=_figure_from(account["statement"]) if account["statement"] else None,
            filtered=account["filtered"],
        )
        for account in figures["accounts"]
    )


def proof_from(figures: Json) -> Proof:
    return Proof(
        tuple(ProofLine(line["side"], Term(line["term"]), line["minor"], line["count"]) for line in figures["proof"])
    )


def _account(member: int, account: AccountBalances) -> Json:
    return {
        "member": member,
        "account": account.account,
        "side": account.side,
        "currency": account.currency,
        "calculated": _figure(account.calculated),
        "fetched": _figure(account.fetched),
        "to_date": _figure(account.to_date),
        "statement": _figure(account.statement) if account.statement else None,
        "filtered": account.filtered,
    }


def _figure(figure: Figure) -> Json:
    return {"minor": figure.amount_minor, "on": figure.on.isoformat() if figure.on else None}


def _figure_from(stored: Json) -> Figure:
    return Figure(stored["minor"], date.fromisoformat(stored["on"]) if stored["on"] else None)
