"""Memory of the whole process, where a large file would otherwise keep much more of it than it needs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa


@contextmanager
def given_back() -> Iterator[None]:
    """Arrow's memory comes from the system's own allocator meanwhile, which gives back what is freed.

    Arrow's default keeps freed pages for later: of a million lines half as much again as they take. That is faster for
    tables that come and go, and an import has few of those.
    """
    before = pa.default_memory_pool()
    pa.set_memory_pool(pa.system_memory_pool())
    try:
        yield
    finally:
        pa.set_memory_pool(before)


def release_unused() -> None:
    """Give back what is free now: after a step that took much for a while."""
    pa.default_memory_pool().release_unused()
