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
    """What all lines of an entry have from it; what it does not say is left out."""
    told: dict[str, Value] = {}
    if batches := entry.parts["NtryDtls/Btch"]:
        batch = batches[0].text
        told |= {"extra.batch": batch["PmtInfId"] or batch["MsgId"], "extra.batch_count": batch["NbOfTxs"]}
    if _reversal(entry):
        told["extra.reversal"] = "true"
    return told


def texts(entry: Record, detail: Record | None, *, alone: bool) -> dict[str, Value]:
    """What a line has from its detail, or without one from the entry; what else stands at the entry is its own only
    when it is `alone`. What nobody says is left out, or ""."""
    source = detail if detail is not None else entry
    text, structured = source.text, source.parts["RmtInf/Strd"]
    names, accounts = PARTIES[_other_party(entry)]
    end_to_end, own_reference = usable(text["Refs/EndToEndId"]), usable(text["Refs/AcctSvcrRef"])
    told: dict[str, Value] = {
        "reference": end_to_end,
        "end_to_end_id": end_to_end,
        "archive_reference": own_reference or (usable(entry.text["AcctSvcrRef"]) if alone else ""),
        "counterparty": _first(text, names),
        "counterparty_account": _first(text, accounts),
        "text": _remittance(source, entry.text["AddtlNtryInf"] if alone else ""),
    }
    if structured:
        told["invoice_number"] = _only(number for part in structured for number in part.every["RfrdDocInf/Nb"])
        if kid := _only(_creditor_reference(part) for part in structured):
            told["reference"] = told["kid"] = kid
    if codes := source.parts["BkTxCd"] or entry.parts["BkTxCd"]:
        told["transaction_code"], told["extra.bank_code"] = _transaction_code(codes[0])
    if mandate := text["Refs/MndtId"]:
        told["extra.mandate"] = mandate
    if reason := text["RtrInf/Rsn/Cd"] or text["RtrInf/Rsn/Prtry"]:
        told["extra.return_reason"] = reason
    return told


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


def _transaction_code(code: Record) -> tuple[str, str]:
    """(domain/family/sub-family, the bank's own code); one alone stands first."""
    domain = (code.text["Domn/Cd"], code.text["Domn/Fmly/Cd"], code.text["Domn/Fmly/SubFmlyCd"])
    standard, own = "/".join(filter(None, domain)), code.text["Prtry/Cd"]
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
