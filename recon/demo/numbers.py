"""Account and reference numbers that pass the checks a bank or a bookkeeper would make."""

from __future__ import annotations


def luhn(digits: str) -> str:
    """Check digit of a KID (MOD10) or a Swedish OCR number: ISO/IEC 7812-1, Annex B."""
    total = sum(sum(divmod(int(digit) * (2 - place % 2), 10)) for place, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def norwegian_account(ten: str) -> str:
    """Eleven digits: weights 5 4 3 2 7 6 5 4 3 2, modulus 11 (Finance Norway). `ten` must not leave the remainder 1."""
    total = sum(int(digit) * weight for digit, weight in zip(ten, (5, 4, 3, 2, 7, 6, 5, 4, 3, 2), strict=True))
    check = -total % 11
    if check == 10:
        raise ValueError(f"{ten} has no check digit")
    return ten + str(check)


def iban(country: str, bban: str) -> str:
    """ISO 13616: two check digits, modulus 97."""
    digits = "".join(str(int(character, 36)) for character in bban + country + "00")
    return f"{country}{98 - int(digits) % 97:02d}{bban}"
