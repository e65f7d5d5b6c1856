"""Names, numbers and texts of an entry or of one of its details, as fields of a line."""

from __future__ import annotations

from collections.abc import Iterable

from recon.intake.rows import Value
from recon.intake.xml import NOTHING, Node

_NO_REFERENCE = frozenset({"NONREF", "NOTPROVIDED", "NOT PROVIDED", "NOREF", "NULL", "N/A", "FISAM.POST"})
"""What banks write where they have no reference (samples of Danske, SEB, ING and others)."""


def usable(reference: str) -> str:
    """A reference that names something; "" for a bank's word for none, and for zeros."""
    return "" if reference.upper() in _NO_REFERENCE or not reference.strip("0 -") else reference


def texts(entry: Node, detail: Node | None, *, alone: bool) -> dict[str, Value]:
    """Everything of a line but dates and amounts. What stands at the entry is the line's only when it is `alone`."""
    source = detail if detail is not None else entry
    references = source.first("Refs") or NOTHING
    structured = source.all("RmtInf", "Strd")
    reversal = entry.at("RvslInd").lower() in ("true", "1")
    name, account = _party(source, credit=entry.at("CdtDbtInd") == "CRDT", reversal=reversal)
    code, own_code = _transaction_code(detail, entry)
    batch = entry.first("NtryDtls", "Btch") or NOTHING
    kid = _only(node.at("CdtrRefInf", "Ref") or node.at("CdtrRefInf", "CdtrRef") for node in structured)
    end_to_end = usable(references.at("EndToEndId"))
    return {
        "reference": kid or end_to_end,
        "kid": kid,
        "end_to_end_id": end_to_end,
        "invoice_number": _only(nb.text for node in structured for nb in node.all("RfrdDocInf", "Nb")),
        "archive_reference": usable(references.at("AcctSvcrRef")) or (usable(entry.at("AcctSvcrRef")) if alone else ""),
        "counterparty": name,
        "counterparty_account": account,
        "text": _remittance(source, structured, entry.at("AddtlNtryInf") if alone else ""),
        "transaction_code": code,
        "extra.bank_code": own_code,
        "extra.batch": batch.at("PmtInfId") or batch.at("MsgId"),
        "extra.batch_count": batch.at("NbOfTxs"),
        "extra.mandate": references.at("MndtId"),
        "extra.return_reason": source.at("RtrInf", "Rsn", "Cd") or source.at("RtrInf", "Rsn", "Prtry"),
        "extra.reversal": "true" if reversal else "",
    }


def _only(values: Iterable[str]) -> str:
    """The value, if there is exactly one."""
    found = {usable(value) for value in values} - {""}
    return found.pop() if len(found) == 1 else ""


def _party(source: Node, *, credit: bool, reversal: bool) -> tuple[str, str]:
    """(name, account) of the other party: who pays a credit, who receives a debit; a reversal keeps its first roles."""
    parties = source.first("RltdPties")
    if parties is None:
        return "", ""
    role = "Dbtr" if credit != reversal else "Cdtr"
    name = _name(parties.first(role)) or _name(parties.first(f"Ultmt{role}"))
    identification = parties.first(f"{role}Acct", "Id")
    if identification is None:
        return name, ""
    return name, identification.at("IBAN") or identification.at("Othr", "Id") or identification.at("BBAN")


def _name(role: Node | None) -> str:
    """Directly below the role in version 02, below `Pty` from 08 on and in some older files."""
    return "" if role is None else role.at("Nm") or role.at("Pty", "Nm")


def _transaction_code(detail: Node | None, entry: Node) -> tuple[str, str]:
    """(domain/family/sub-family, the bank's own code), of the detail or else of the entry; one alone stands first."""
    code = (detail.first("BkTxCd") if detail is not None else None) or entry.first("BkTxCd")
    if code is None:
        return "", ""
    domain = (code.at("Domn", "Cd"), code.at("Domn", "Fmly", "Cd"), code.at("Domn", "Fmly", "SubFmlyCd"))
    standard, own = "/".join(part for part in domain if part), code.at("Prtry", "Cd")
    return (standard, own) if standard else (own, "")


def _remittance(source: Node, structured: list[Node], entry_text: str) -> str:
    """Every text once, in this order: free text, structured references and documents, additional information."""
    nodes = source.all("RmtInf", "Ustrd")
    for part in structured:
        nodes += [*part.all("CdtrRefInf", "Ref"), *part.all("RfrdDocInf", "Nb"), *part.all("AddtlRmtInf")]
    found = [" ".join(text.split()) for text in (*(node.text for node in nodes), source.at("AddtlTxInf"), entry_text)]
    return " ".join(dict.fromkeys(text for text in found if text and text.upper() not in _NO_REFERENCE))
