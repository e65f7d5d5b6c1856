"""Envelopes of the banks' Web Services: an `ApplicationResponse` whose `Content` is the file in base64, packed or not.

Used by Nordic banks and by AutoPay agreements. Source: Web Services, Security and Message Specification, bxd.fi.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from typing import BinaryIO

from recon.errors import Unreadable
from recon.intake.xml import root_name
from rules.wording import _

_CONTENT = re.compile(rb"<(?:[\w.\-]+:)?Content(?:\s[^<>]*)?>([A-Za-z0-9+/=\s]*)</(?:[\w.\-]+:)?Content\s*>")
_DOCTYPE = re.compile(rb"<!DOCTYPE", re.IGNORECASE)
LARGEST = 300_000_000
"""Bytes, packed and unpacked: the whole content is held in memory."""


def is_envelope(head: bytes) -> bool:
    return root_name(head) == "ApplicationResponse"


def unwrapped(stream: BinaryIO, name: str) -> bytes:
    """The file inside. Raises Unreadable where there is none, or more of it than is read."""
    data = stream.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise _too_large(name)
    found = _CONTENT.search(data)
    if found is None or not found[1].strip() or _DOCTYPE.search(data, 0, found.start()):
        raise Unreadable(_("{file} is an envelope of the bank's Web Services without content.").format(file=name))
    try:
        content = base64.b64decode(b"".join(found[1].split()), validate=True)
    except binascii.Error:
        raise Unreadable(_("{file}: the content of the envelope is no base64.").format(file=name)) from None
    return _unpacked(content, name) if content.startswith(b"\x1f\x8b") else content


def _unpacked(packed: bytes, name: str) -> bytes:
    unpacking = zlib.decompressobj(wbits=31)
    try:
        content = unpacking.decompress(packed, LARGEST)
    except zlib.error:
        raise Unreadable(_("{file}: the content of the envelope cannot be unpacked.").format(file=name)) from None
    if unpacking.unconsumed_tail:
        raise _too_large(name)
    if not unpacking.eof:
        raise Unreadable(_("{file}: the content of the envelope has been cut off.").format(file=name))
    return content


def _too_large(name: str) -> Unreadable:
    return Unreadable(_("{file} holds more than {n} bytes; split it.").format(file=name, n=LARGEST))
