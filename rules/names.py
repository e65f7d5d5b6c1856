"""Names of fields and sides in sentences, marked for translation (nb and sv write them in the definite form)."""

from __future__ import annotations

from rules.fields import EXTRA
from rules.wording import N_, _

FIELDS = {
    "booking_date": N_("booking date"),
    "value_date": N_("value date"),
    "due_date": N_("due date"),
    "amount": N_("amount"),
    "abs_amount": N_("amount without its sign"),
    "sign": N_("sign"),
    "currency": N_("currency"),
    "original_amount": N_("original amount"),
    "original_currency": N_("original currency"),
    "reference": N_("reference"),
    "archive_reference": N_("archive reference"),
    "end_to_end_id": N_("end-to-end id"),
    "kid": N_("KID"),
    "invoice_number": N_("invoice number"),
    "voucher_number": N_("voucher number"),
    "voucher_type": N_("voucher type"),
    "entry": N_("bank's entry"),
    "counterparty": N_("counterparty"),
    "counterparty_account": N_("counterparty's account"),
    "text": N_("text"),
    "transaction_code": N_("transaction code"),
    "account_number": N_("account number"),
    "customer_number": N_("customer number"),
    "supplier_number": N_("supplier number"),
    "department": N_("department"),
    "project": N_("project"),
    "period": N_("period"),
    "note": N_("note"),
    "rule": N_("rule"),
    "cardinality": N_("cardinality"),
    "difference": N_("difference"),
    "abs_difference": N_("difference without its sign"),
    "days_apart": N_("number of days apart"),
    "left_count": N_("number of left lines"),
    "right_count": N_("number of right lines"),
    "alternatives": N_("number of other candidates"),
    "similarity": N_("similarity"),
}


def field_words(name: str) -> str:
    """A field's name in a sentence, without an article; a further column is named as it is."""
    return _("column “{name}”").format(name=name.removeprefix(EXTRA)) if name.startswith(EXTRA) else _(FIELDS[name])
