"""Formats that are recognised by their first bytes and refused by name. A format gets a reader by leaving this list."""

from __future__ import annotations

import re

from recon.intake.workbook import ZIP
from recon.intake.xml import opening, root_name
from rules.wording import N_, _

_ISO20022 = re.compile(r"urn:iso:std:iso:20022:tech:xsd:([a-z]{4}\.\d{3})")
_SIGNS = (
    (rb"(?s).{0,4000}?BETFOR(00|21|23|99)", N_("a Telepay payment file, which holds orders, not transactions")),
    (rb"(?s)NY0000.{70,90}?NY21", N_("an AvtaleGiro agreement file, which holds no payments")),
    (rb"NY\d{6}", N_("a piece of a file of Nets, or one of a service that is not read")),
    (rb"05\d{10} {10}[A-Z]{3}|20\d{10}", N_("a piece of a BgMax file; import the whole file")),
    (rb"(?s)(.{0,400}?\n)?11.{16}LEVERANT", N_("a Bankgirot LB file, which holds orders, not transactions")),
    (rb"00[ \d]{30,60} {10,}BANK", N_("a Bankgirot file older than BgMax, which is not read")),
    (rb"0[01],[^,\r\n]*,[^,\r\n]*,\d*[,/]", N_("a BAI2 file without the header of version 2 (01, ... ,2/)")),
    (rb"0000[0 ]\d{9}", N_("a piece of a CODA file; import the whole file")),
    (
        rb"(?s)(.{0,4000}?\n)?(\{1:.{0,200})?.{0,4000}?:20:.{0,400}?:34F:",
        N_("an MT942 interim report, which is not final"),
    ),
    (rb"%PDF", N_("a PDF, which holds no transactions to read")),
    (rb"\x1f\x8b|BZh|7z\xbc\xaf", N_("a packed file; unpack it first")),
)
_SIGNATURES = tuple((re.compile(sign), words) for sign, words in _SIGNS)
_ROOTS = {"AuditFile": N_("an audit file of another country than Norway")}


def recognise(head: bytes, name: str) -> str | None:
    """What a file without a reader is, as words that follow "is"; None if it is nothing known."""
    if head.startswith(ZIP):
        return _("a packed file; unpack it first")
    root = root_name(head)
    if root:
        return _xml(head, root)
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return next((_(words) for sign, words in _SIGNATURES if sign.match(start)), None)


def _xml(head: bytes, root: str) -> str:
    message = _ISO20022.search(opening(head))
    if message:
        return _("a {message} message, which holds no account statement").format(message=message[1])
    return (
        _(_ROOTS[root])
        if root in _ROOTS
        else _("XML with the root <{root}>, which no reader knows").format(root=root[:40])
    )
