"""What the columns of a bank's table mean: found once, checked by a person, and used for every later file like it."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, cast, get_args

from recon.errors import Refusal
from recon.intake.canonical import known_currency
from recon.intake.tables.written import DATE_ORDERS, DateOrder, DecimalMark
from rules.wording import N_, _

SignRule = Literal["signed", "turned", "in_out", "in_minus_out", "in_plus_out", "mark"]
SIGN_RULES: dict[SignRule, str] = {
    "signed": N_("money in is plus, money out is minus, as it stands"),
    "turned": N_("money out is plus: every sign is turned"),
    "in_out": N_("one column for money in, one for money out, and what stands there has gone out, with a minus or not"),
    "in_minus_out": N_("money in less money out, both with the signs they have"),
    "in_plus_out": N_("money in and money out both carry the sign they count with"),
    "mark": N_("a mark beside the amount says whether it came in or went out"),
}

ROLES: dict[str, str] = {
    "booking_date": N_("Booking date"),
    "value_date": N_("Value date"),
    "amount": N_("Amount"),
    "money_in": N_("Money in"),
    "money_out": N_("Money out"),
    "mark": N_("Debit or credit mark"),
    "fee": N_("Fee on top of the amount"),
    "balance": N_("Balance after the line"),
    "currency": N_("Currency"),
    "original_amount": N_("Original amount"),
    "original_currency": N_("Original currency"),
    "text": N_("Text"),
    "counterparty": N_("Counterparty"),
    "counterparty_account": N_("Counterparty's account"),
    "from_account": N_("From account"),
    "to_account": N_("To account"),
    "account_number": N_("Own account"),
    "reference": N_("Reference"),
    "kid": N_("KID"),
    "archive_reference": N_("Archive reference"),
    "end_to_end_id": N_("End-to-end id"),
    "invoice_number": N_("Invoice number"),
    "voucher_number": N_("Voucher number"),
    "voucher_type": N_("Voucher type"),
    "customer_number": N_("Customer number"),
    "supplier_number": N_("Supplier number"),
    "department": N_("Department"),
    "project": N_("Project"),
    "due_date": N_("Due date"),
    "transaction_code": N_("Transaction code"),
    "status": N_("Status"),
    "row_type": N_("Kind of row (10, 20, 82, 86)"),
    "extra": N_("Keep under its own name"),
    "": N_("Leave out"),
}
"""What a column may be; the name that a person reads."""

MANY = frozenset({"text", "extra", ""})
"""Roles that several columns may have; texts are joined in the order of the columns."""


@dataclass(frozen=True, slots=True)
class Profile:
    """How one bank's table is read.

    `header` is the header row as it stands, () for a table without one; `roles` has one of ROLES for each column.
    `currency` is that of every line where no column says it, None if it is not known. `minus` are the marks that mean
    money out. `bank` names the profile the product knew it by, "" if none.
    """

    header: tuple[str, ...]
    roles: tuple[str, ...]
    decimal: DecimalMark = "."
    date_order: DateOrder = "ymd"
    sign: SignRule = "signed"
    minus: tuple[str, ...] = ()
    currency: str | None = None
    bank: str = ""

    def places(self, role: str) -> list[int]:
        """Columns (0-based) with that role."""
        return [place for place, given in enumerate(self.roles) if given == role]

    def place(self, role: str) -> int | None:
        """The column with that role, None if there is none."""
        return next(iter(self.places(role)), None)

    def label(self, place: int) -> str:
        """The column's heading, or its number."""
        written = self.header[place] if place < len(self.header) else ""
        return written or str(place + 1)

    @property
    def fingerprint(self) -> str:
        """Tells tables of the same header apart from others; see `header_fingerprint`."""
        return header_fingerprint(self.header, len(self.roles))

    def with_role(self, role: str, place: int | None) -> Profile:
        """The same with that role at that column only (None: nowhere)."""
        roles = tuple(role if n == place else ("" if given == role else given) for n, given in enumerate(self.roles))
        return replace(self, roles=roles)

    def to_document(self) -> dict[str, Any]:
        """Plain values for JSON or YAML; `from_document` gives the same profile back."""
        return {
            "header": list(self.header),
            "roles": list(self.roles),
            "decimal": self.decimal,
            "date_order": self.date_order,
            "sign": self.sign,
            "minus": list(self.minus),
            "currency": self.currency,
            "bank": self.bank,
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Profile:
        """Raises Refusal with a sentence where the document is no profile."""
        profile = cls(
            header=_texts(document, "header"),
            roles=_texts(document, "roles"),
            decimal=cast(DecimalMark, _one_of(document, "decimal", (",", "."), ".")),
            date_order=cast(DateOrder, _one_of(document, "date_order", DATE_ORDERS, "ymd")),
            sign=cast(SignRule, _one_of(document, "sign", get_args(SignRule), "signed")),
            minus=_texts(document, "minus"),
            currency=_currency(document),
            bank=str(document.get("bank") or ""),
        )
        _require_sound(profile)
        return profile


def header_fingerprint(header: Sequence[str], width: int) -> str:
    """16 hex digits of a header's words, whatever their case and spaces; without a header, of the number of columns."""
    words = [heading_words(cell) for cell in header] if any(header) else [f"{width} columns"]
    while words and not words[-1]:
        words.pop()
    return hashlib.blake2b(json.dumps(words).encode(), digest_size=8).hexdigest()


def heading_words(cell: str) -> str:
    """A heading as it is compared: lower case, single spaces, composed letters, no quotes, dots or asterisks."""
    folded = unicodedata.normalize("NFKC", cell).lower()
    return " ".join(re.sub(r"[\"'.:*#]+", " ", folded).split())


def _texts(document: Mapping[str, Any], key: str) -> tuple[str, ...]:
    given = document.get(key) or []
    if not isinstance(given, (list, tuple)) or not all(isinstance(item, str) for item in given):
        raise Refusal(_("the mapping's “{key}” is not a list of texts").format(key=key))
    return tuple(given)


def _one_of(document: Mapping[str, Any], key: str, known: Sequence[str], default: str) -> str:
    given = document.get(key, default)
    if given not in known:
        raise Refusal(
            _("the mapping's “{key}” is “{value}”; it can be {known}").format(
                key=key, value=given, known=", ".join(known)
            )
        )
    return str(given)


def _currency(document: Mapping[str, Any]) -> str | None:
    given = document.get("currency") or None
    if given is not None and not (isinstance(given, str) and known_currency(given)):
        raise Refusal(_("the mapping's currency “{code}” is no ISO currency").format(code=given))
    return given


def _require_sound(profile: Profile) -> None:
    unknown = next((role for role in profile.roles if role not in ROLES), None)
    if unknown is not None:
        raise Refusal(_("the mapping knows no role “{role}”").format(role=unknown))
    repeated = next((role for role in profile.roles if role not in MANY and len(profile.places(role)) > 1), None)
    if repeated is not None:
        raise Refusal(_("the mapping gives the role “{role}” to two columns").format(role=_(ROLES[repeated])))
