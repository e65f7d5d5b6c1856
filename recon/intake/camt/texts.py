"""Names, numbers and texts of an entry or of one of its details, as fields of a line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from recon.intake.camt.shapes import PARTIES
from recon.intake.rows import Value
from recon.intake.shape import Record

_NO_REFERENCE = frozenset({"NONREF", "NOTPROVIDED", "NOT PROVIDED", "NOREF", "NULL", "N/A", "FISAM.POST"})
"""What banks write where they have no reference (samples of Danske, SEB, ING and others)."""


def usable(reference: str) -> str:
    """A reference that names something; "" for a bank's word for none, and for zeros."""
    return "" if reference.upper() in _NO_REFERENCE or not reference.strip("0 -") else reference


def shared_texts(entry: Record) -> dict[str, Value]:
    """What all lines of an entry have from it."""
    batch = next(iter(entry.parts["NtryDtls/Btch"]), None)
    return {
        "extra.batch": batch.text["PmtInfId"] or batch.text["MsgId"] if batch else "",
        "extra.batch_count": batch.text["NbOfTxs"] if batch else "",
        "extra.reversal": "true" if _reversal(entry) else "",
    }


def texts(entry: Record, detail: Record | None, *, alone: bool) -> dict[str, Value]:
    """What a line has from its detail, or without one from the entry; what else stands at the entry is its own only
    when it is `alone`."""
    source = detail if detail is not None else entry
    text, structured = source.text, source.parts["RmtInf/Strd"]
    names, accounts = PARTIES[_other_party(entry)]
    code, own_code = _transaction_code(source, entry)
    kid = _only(_creditor_reference(part) for part in structured) if structured else ""
    end_to_end = usable(text["Refs/EndToEndId"])
    own_reference = usable(text["Refs/AcctSvcrRef"])
    return {
        "reference": kid or end_to_end,
        "kid": kid,
        "end_to_end_id": end_to_end,
        "invoice_number": _only(number for part in structured for number in part.every["RfrdDocInf/Nb"]),
        "archive_reference": own_reference or (usable(entry.text["AcctSvcrRef"]) if alone else ""),
        "counterparty": _first(text, names),
        "counterparty_account": _first(text, accounts),
        "text": _remittance(source, entry.text["AddtlNtryInf"] if alone else ""),
        "transaction_code": code,
        "extra.bank_code": own_code,
        "extra.mandate": text["Refs/MndtId"],
        "extra.return_reason": text["RtrInf/Rsn/Cd"] or text["RtrInf/Rsn/Prtry"],
    }


def _reversal(entry: Record) -> bool:
    return entry.text["RvslInd"].lower() in ("true", "1")


def _other_party(entry: Record) -> str:
    """The role of who pays a credit, who receives a debit; a reversal keeps its first roles."""
    credit = entry.text["CdtDbtInd"] == "CRDT"
    return "Dbtr" if credit != _reversal(entry) else "Cdtr"


def _creditor_reference(structured: Record) -> str:
    return next(iter(structured.every["CdtrRefInf/Ref"]), "") or structured.text["CdtrRefInf/CdtrRef"]


def _only(values: Iterable[str]) -> str:
    """The value, if there is exactly one."""
    found = set(map(usable, values))
    found.discard("")
    return found.pop() if len(found) == 1 else ""


def _first(text: Mapping[str, str], paths: Iterable[str]) -> str:
    """What stands at the first of the paths at which anything does."""
    for path in paths:
        if found := text[path]:
            return found
    return ""


def _transaction_code(source: Record, entry: Record) -> tuple[str, str]:
    """(domain/family/sub-family, the bank's own code), of the detail or else of the entry; one alone stands first."""
    codes = source.parts["BkTxCd"] or entry.parts["BkTxCd"]
    if not codes:
        return "", ""
    code = codes[0].text
    domain = (code["Domn/Cd"], code["Domn/Fmly/Cd"], code["Domn/Fmly/SubFmlyCd"])
    standard, own = "/".join(filter(None, domain)), code["Prtry/Cd"]
    return (standard, own) if standard else (own, "")


def _remittance(source: Record, entry_text: str) -> str:
    """Every text once, in this order: free text, structured references and documents, additional information."""
    given = list(source.every["RmtInf/Ustrd"])
    for part in source.parts["RmtInf/Strd"]:
        for path in ("CdtrRefInf/Ref", "RfrdDocInf/Nb", "AddtlRmtInf"):
            given += part.every[path]
    given += (source.text["AddtlTxInf"], entry_text)
    found = dict.fromkeys(" ".join(text.split()) for text in given if text)
    return " ".join(text for text in found if text.upper() not in _NO_REFERENCE)
