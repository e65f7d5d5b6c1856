"""Names of fields, marked for translation twice: as they stand in sentences after "the" (nb and sv have a form of the
noun for that), and alone, as labels.
"""

from __future__ import annotations

from rules.fields import EXTRA
from rules.wording import _, noun, pgettext

FIELDS = {
    "booking_date": noun("booking date"),
    "value_date": noun("value date"),
    "due_date": noun("due date"),
    "amount": noun("amount"),
    "abs_amount": noun("amount without its sign"),
    "sign": noun("sign"),
    "currency": noun("currency"),
    "original_amount": noun("original amount"),
    "original_currency": noun("original currency"),
    "reference": noun("reference"),
    "archive_reference": noun("archive reference"),
    "end_to_end_id": noun("end-to-end id"),
    "kid": noun("KID"),
    "invoice_number": noun("invoice number"),
    "voucher_number": noun("voucher number"),
    "voucher_type": noun("voucher type"),
    "entry": noun("bank's entry"),
    "counterparty": noun("counterparty"),
    "counterparty_account": noun("counterparty's account"),
    "text": noun("text"),
    "transaction_code": noun("transaction code"),
    "account_number": noun("account number"),
    "customer_number": noun("customer number"),
    "supplier_number": noun("supplier number"),
    "department": noun("department"),
    "project": noun("project"),
    "period": noun("period"),
    "note": noun("note"),
    "rule": noun("rule"),
    "cardinality": noun("cardinality"),
    "difference": noun("difference"),
    "abs_difference": noun("difference without its sign"),
    "days_apart": noun("number of days apart"),
    "left_count": noun("number of left lines"),
    "right_count": noun("number of right lines"),
    "alternatives": noun("number of other candidates"),
    "similarity": noun("similarity"),
}


def field_words(name: str) -> str:
    """A field's name in a sentence, where English has "the" before it; a further column is named as it is."""
    if name.startswith(EXTRA):
        return pgettext("the", "column “{name}”").format(name=name.removeprefix(EXTRA))
    return pgettext("the", FIELDS[name])


def field_label(name: str) -> str:
    """A field's name that stands alone, or where English has no article before it."""
    if name.startswith(EXTRA):
        return _("column “{name}”").format(name=name.removeprefix(EXTRA))
    return _(FIELDS[name])


def rule_title(name: str) -> str:
    """A rule's or decision's name for its reader: those of the shipped sets are translated, any other is as people
    gave it.
    """
    return pgettext("rule", name)


def side_words(side: str) -> str:
    """`left`, `right` or `both` as people say it."""
    return {"left": _("left"), "right": _("right"), "both": _("both sides")}[side]
