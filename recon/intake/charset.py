"""The letters of a file that does not say, or wrongly says, how it is encoded."""

from __future__ import annotations

import codecs

_PC8 = bytes([0x84, 0x86, 0x94, 0x8E, 0x8F, 0x99])
"""ä å ö Ä Å Ö in code page 437."""
_WINDOWS = bytes([0xE4, 0xE5, 0xF6, 0xC4, 0xC5, 0xD6])
"""The same letters in ISO 8859-1 and Windows-1252."""


def sie_encoding(data: bytes) -> str:
    """Encoding of a SIE file. The standard says code page 437; UTF-8 and Windows files that claim it are common.

    UTF-8 if it is valid and not plain ASCII, else whichever of the two has more of the Swedish letters.
    """
    if data.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if not data.isascii():
        try:
            data.decode("utf-8")
        except UnicodeDecodeError:
            windows = sum(map(data.count, _singles(_WINDOWS))) > sum(map(data.count, _singles(_PC8)))
            return "cp1252" if windows else "cp437"
    return "utf-8"


def _singles(letters: bytes) -> list[bytes]:
    return [letters[n : n + 1] for n in range(len(letters))]
