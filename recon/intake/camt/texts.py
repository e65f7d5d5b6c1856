"""Names, numbers and texts of an entry or of one of its details, as fields of a line."""

from __future__ import annotations

from recon.intake.xml import Node

_NO_REFERENCE = frozenset({"NONREF", "NOTPROVIDED", "NOT PROVIDED", "NOREF", "NULL", "N/A", "FISAM.POST"})
"""What banks write where they have no reference (samples of Danske, SEB, ING and others)."""


def usable(reference: str) -> str:
    """A reference that names something; "" for a bank's word for none, and for zeros."""
    return "" if reference.upper() in _NO_REFERENCE or not reference.strip("0 -") else reference


def references(source: Node) -> tuple[str, str, str]:
    """(structured reference, invoice number, end-to-end id) of a detail; a value only where there is exactly one."""
    structured = {usable(node.text) for node in source.all("RmtInf", "Strd", "CdtrRefInf", "Ref")} - {""}
    older = {usable(node.text) for node in source.all("RmtInf", "Strd", "CdtrRefInf", "CdtrRef")} - {""}
    invoices = {usable(node.text) for node in source.all("RmtInf", "Strd", "RfrdDocInf", "Nb")} - {""}
    return _only(structured | older), _only(invoices), usable(source.at("Refs", "EndToEndId"))


def _only(values: set[str]) -> str:
    return next(iter(values)) if len(values) == 1 else ""


def party(source: Node, credit: bool, *, reversal: bool) -> tuple[str, str]:
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


def transaction_code(detail: Node | None, entry: Node) -> tuple[str, str]:
    """(domain/family/sub-family, the bank's own code), of the detail or else of the entry; one alone stands first."""
    codes = (node for part in (detail, entry) if part is not None for node in part.all("BkTxCd"))
    code = next(codes, None)
    if code is None:
        return "", ""
    domain = (code.at("Domn", "Cd"), code.at("Domn", "Fmly", "Cd"), code.at("Domn", "Fmly", "SubFmlyCd"))
    standard, own = "/".join(part for part in domain if part), code.at("Prtry", "Cd")
    return (standard, own) if standard else (own, "")


def remittance(source: Node, entry_text: str) -> str:
    """Every text once, in the order given: free text, structured references, additional information."""
    nodes = [
        *source.all("RmtInf", "Ustrd"),
        *source.all("RmtInf", "Strd", "CdtrRefInf", "Ref"),
        *source.all("RmtInf", "Strd", "RfrdDocInf", "Nb"),
        *source.all("RmtInf", "Strd", "AddtlRmtInf"),
        *source.all("AddtlTxInf"),
    ]
    texts = [" ".join(text.split()) for text in (*(node.text for node in nodes), entry_text)]
    return " ".join(dict.fromkeys(text for text in texts if text and text.upper() not in _NO_REFERENCE))
