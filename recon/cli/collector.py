"""Large work in a process of its own, without looking for cycles."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Answer = TypeVar("Answer")


def without_collector(work: Callable[Given, Answer], *args: Given.args, **options: Given.kwargs) -> Answer:
    """Millions of texts and arrays live until the command ends; looking for cycles among them costs and finds none."""
    gc.disable()
    try:
        return work(*args, **options)
    finally:
        gc.enable()
