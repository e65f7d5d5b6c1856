"""The letters of a file that does not say, or wrongly says, how it is encoded."""

from __future__ import annotations

import codecs
import io
from typing import BinaryIO

from recon.intake.stream import blocks

_PC8 = bytes([0x84, 0x86, 0x94, 0x8E, 0x8F, 0x99])
"""ä å ö Ä Å Ö in code page 437."""
_WINDOWS = bytes([0xE4, 0xE5, 0xF6, 0xC4, 0xC5, 0xD6])
"""The same letters in ISO 8859-1 and Windows-1252."""


_NORDIC = bytes([0xE6, 0xF8, 0xE5, 0xC6, 0xD8, 0xC5, 0xE4, 0xF6, 0xC4, 0xD6])
"""æ ø å Æ Ø Å ä ö Ä Ö in ISO 8859-1 and Windows-1252."""
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_SAMPLE = 200_000


def table_encoding(stream: BinaryIO) -> str:
    """Encoding of a text table: its byte order mark, UTF-8 where it is valid, Windows-1252 where most of the other
    letters are Nordic ones, else what chardet thinks, and Windows-1252 where that is not sure of a single-byte set.
    """
    stream.seek(0)
    head = stream.read(_SAMPLE)
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return encoding
    return "utf-8" if is_utf8(stream) else _single_byte(head)


def is_utf8(stream: BinaryIO) -> bool:
    """Told piece by piece: in one text of a large file a single wide letter makes every other take four bytes."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for block in blocks(stream):
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _single_byte(data: bytes) -> str:
    others = sum(byte > 0x7F for byte in data)
    if not others or 2 * sum(map(data.count, _singles(_NORDIC))) >= others:
        return "cp1252" if _decodes(data, "cp1252") else "latin-1"
    import chardet  # large, and hardly ever asked

    guess = chardet.detect(data)
    encoding = str(guess["encoding"] or "").lower()
    if encoding.startswith(("windows-125", "iso-8859")) and _decodes(data, encoding):
        return encoding
    return "cp1252" if _decodes(data, "cp1252") else "latin-1"


def _decodes(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return False
    return True


def sie_encoding(data: bytes) -> str:
    """Encoding of a SIE file. The standard says code page 437; UTF-8 and Windows files that claim it are common.

    UTF-8 if it is valid and not plain ASCII, else whichever of the two has more of the Swedish letters.
    """
    if data.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if is_utf8(io.BytesIO(data)):
        return "utf-8"
    windows = sum(map(data.count, _singles(_WINDOWS))) > sum(map(data.count, _singles(_PC8)))
    return "cp1252" if windows else "cp437"


def _singles(letters: bytes) -> list[bytes]:
    return [letters[n : n + 1] for n in range(len(letters))]
