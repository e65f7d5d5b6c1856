"""Work on millions of lines in a process of its own: no looking for cycles, and no giving back of memory that the next
step asks for again.
"""

from __future__ import annotations

import ctypes
import gc
import os
import sys
from collections.abc import Callable
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Answer = TypeVar("Answer")

_alone = False
"""Whether the process does this one thing."""

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -2, -3, -8  # as in malloc.h
_ALWAYS = (1 << 31) - 1
_STEP = 1 << 26
_AN_HOUR = 3_600_000


def without_collector(work: Callable[Given, Answer], *args: Given.args, **options: Given.kwargs) -> Answer:
    """Millions of texts and arrays live until the command ends; looking for cycles among them costs and finds none."""
    gc.disable()
    try:
        return work(*args, **options)
    finally:
        gc.enable()


def keep_memory() -> None:
    """Freed memory stays with the process, numpy's with the C library and Arrow's with jemalloc, which comes with it.

    Nothing is done where pyarrow is loaded already: it has chosen, and the process does other things besides.

    Every column of a large side is some megabytes that are used once; fetching them from the system each time, page by
    page, took a tenth of `recon match`.
    """
    global _alone
    if "pyarrow" in sys.modules:
        return
    _alone = True
    if sys.platform == "linux":
        os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "jemalloc")
    import pyarrow as pa

    if "jemalloc" in pa.supported_memory_backends():
        pa.jemalloc_set_decay_ms(_AN_HOUR)
    malloc_options = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if malloc_options is not None:
        for option, value in (
            (_TRIM_THRESHOLD, _ALWAYS),
            (_MMAP_THRESHOLD, _ALWAYS),
            (_TOP_PAD, _STEP),
            (_ARENA_MAX, 1),
        ):
            malloc_options(option, value)


def leave() -> None:
    """End a process that kept its memory, with success: the system takes it back faster than Python takes it apart."""
    sys.stdout.flush()
    sys.stderr.flush()
    if _alone:
        os._exit(0)
