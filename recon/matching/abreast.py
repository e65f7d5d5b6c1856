"""Two independent pieces of work at once: the libraries below release the interpreter lock; each side has a core."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

One = TypeVar("One")
Other = TypeVar("Other")

_helper = ThreadPoolExecutor(1, thread_name_prefix="abreast")


def abreast(one: Callable[[], One], other: Callable[[], Other]) -> tuple[One, Other]:
    """Results of both; neither may call `abreast` itself."""
    helped = _helper.submit(other)
    return one(), helped.result()
