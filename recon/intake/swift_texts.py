"""Fields of a line from the texts of an MT940 entry: `?20` sub-fields by mt-940, `/EREF/` codes, and free text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from recon.intake.camt.texts import usable
from recon.intake.rows import Value

_CODES = (
    "EREF|KREF|MREF|CREF|PREF|MARF|NAME|CRNM|DBNM|IBAN|CACT|DACT|REMI|BENM|ORDP|TRTP|BIC|CBIC|DBIC|ISDT|CSID|ADDR|ID|"
    "RTRN|OAMT|OCMT|CHGS|EXCH|BUSP|SVCL|PURP|ULTC|ULTD|DCID|OPRP|TRCD|NRTX|PREF|USTD|STRD|CRED|DBTR|CDTR"
)
_SLASHED = re.compile(rf"/({_CODES})/")
_FULL_LINE = 65
"""Characters in a line of `:86:`: a text that fills it goes on in the next without a space."""


def text_fields(
    first: str, more: Sequence[str], informed: Sequence[str], parsed: Mapping[str, str]
) -> dict[str, Value]:
    """`first` is the customer's and bank's reference behind the code of `:61:`, `more` its second line, `informed` the
    lines of `:86:`, `parsed` what mt-940 makes of them ({} where it does not).
    """
    customer, _slashes, bank = first.partition("//")
    coded = _coded(_joined(informed))
    end_to_end = usable(parsed.get("end_to_end_reference", "") or coded.get("EREF", ""))
    text = coded.get("REMI") or parsed.get("purpose") or ("" if coded else _joined(informed))
    return {
        "reference": usable(customer.strip()) or end_to_end,
        "end_to_end_id": end_to_end,
        "archive_reference": usable(bank.strip()),
        "counterparty": parsed.get("applicant_name") or _first(coded, "NAME", "CRNM", "DBNM"),
        "counterparty_account": parsed.get("applicant_iban") or _first(coded, "IBAN", "CACT", "DACT"),
        "text": " ".join(" ".join(part for part in (text, _joined(more)) if part).split()),
    }


def _first(coded: Mapping[str, str], *codes: str) -> str:
    return next((coded[code] for code in codes if code in coded), "")


def _joined(lines: Sequence[str]) -> str:
    """Lines as one text; a word that was cut at the end of a full line is whole again."""
    joined = ""
    for line in lines:
        joined += line if len(line) == _FULL_LINE else line + " "
    return joined.strip()


def _coded(text: str) -> dict[str, str]:
    """`/EREF/1/NAME/A` as {"EREF": "1", "NAME": "A"}; the first of a code counts, empty ones do not."""
    parts = _SLASHED.split(text.replace("//", "/ /") if text.startswith("/") else "")
    found: dict[str, str] = {}
    for code, value in zip(parts[1::2], parts[2::2], strict=True):
        if value.strip(" /"):
            found.setdefault(code, " ".join(value.strip(" /").split()))
    return found
