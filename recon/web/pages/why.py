"""Why a match was made."""

from __future__ import annotations

from typing import Any


def match_reading(session: Any, actor: Any, group: Any, match_id: int) -> dict[str, Any]:
    return {}


def line_reading(session: Any, actor: Any, group: Any, line_id: int) -> dict[str, Any]:
    return {}
