"""Charts as SVG text: rectangles, lines and words with attributes only, so that browsers and the PDF draw the same.

Colours are presentation attributes; a page may override them by the classes (`chart`, and the tone of each series). The
same values give the same text. Every mark has a `<title>`, and the whole a title and a role, for those who cannot see.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

Tone = Literal["main", "weak", "bad"]
COLOURS: dict[Tone, str] = {"main": "#0f5f8c", "weak": "#9cc3dc", "bad": "#b3261e"}
_INK, _LINE = "#6b7785", "#d9dfe5"
_FONT = "Recon, Inter, sans-serif"


@dataclass(frozen=True, slots=True)
class Series:
    """Values of one kind, as many as the chart has labels; all ≥ 0."""

    name: str
    values: Sequence[int]
    tone: Tone


def stacked_bars(
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    title: str,
    number: Callable[[int], str] = str,
    width: int = 720,
    height: int = 190,
) -> str:
    """One bar a label, its series on top of each other from below; a scale of round numbers at the left."""
    left, top, bottom = 46, 8, 40
    totals = [sum(values) for values in zip(*(each.values for each in series), strict=True)]
    steps = scale(max(totals, default=0))
    room, high = (width - left) / max(len(labels), 1), height - top - bottom
    parts = [_step(step, steps[-1], left, top, high, width, number) for step in steps]
    for place, label in enumerate(labels):
        x, y = left + place * room, float(top + high)
        for each in series:
            tall = high * each.values[place] / steps[-1] if steps[-1] else 0.0
            y -= tall
            if each.values[place]:
                told = f"{label}: {each.name} {number(each.values[place])}"
                parts.append(_bar(x + room * 0.18, y, room * 0.64, tall, each.tone, told))
        parts.append(_word(x + room / 2, top + high + 13, label, "middle"))
    parts += _legend(series, left, height - 6)
    return _svg(width, height, title, parts)


def sparkline(values: Sequence[int], *, title: str, width: int = 96, height: int = 20) -> str:
    """Small bars without a scale: only how one rule goes over time."""
    most, room = max(values, default=0), width / max(len(values), 1)
    parts = [
        _bar(place * room + 0.5, height - height * value / most, room - 1, height * value / most, "main", str(value))
        for place, value in enumerate(values)
        if value
    ]
    parts.append(f'<line x1="0" y1="{height}" x2="{width}" y2="{height}" stroke="{_LINE}" stroke-width="1"/>')
    return _svg(width, height, title, parts)


def scale(most: int) -> list[int]:
    """Round numbers from 0 up to at least `most`, at most five steps: 1, 2 or 5 times a power of ten apart."""
    if most <= 0:
        return [0]
    step, power = 1, 1
    while step * 5 < most:
        step = next((power * times for times in (2, 5) if power * times * 5 >= most), power * 10)
        power *= 10
    return list(range(0, -(-most // step) * step + 1, step))


def _step(step: int, most: int, left: int, top: int, high: int, width: int, number: Callable[[int], str]) -> str:
    y = top + high - (high * step / most if most else 0)
    line = f'<line x1="{left}" y1="{_at(y)}" x2="{width}" y2="{_at(y)}" stroke="{_LINE}" stroke-width="0.6"/>'
    return line + _word(left - 6, y + 3, number(step), "end")


def _legend(series: Sequence[Series], x: float, y: float) -> list[str]:
    parts = []
    for each in series:
        parts.append(_bar(x, y - 8, 8, 8, each.tone, each.name))
        parts.append(_word(x + 12, y, each.name, "start"))
        x += 24 + 5.6 * len(each.name)
    return parts


def _bar(x: float, y: float, width: float, height: float, tone: Tone, told: str) -> str:
    place = f'x="{_at(x)}" y="{_at(y)}" width="{_at(width)}" height="{_at(height)}"'
    return f'<rect class="{tone}" {place} fill="{COLOURS[tone]}"><title>{escape(told)}</title></rect>'


def _word(x: float, y: float, text: str, anchor: str) -> str:
    place = f'x="{_at(x)}" y="{_at(y)}" text-anchor="{anchor}"'
    return f'<text {place} font-family="{_FONT}" font-size="9" fill="{_INK}">{escape(text)}</text>'


def _at(number: float) -> str:
    return f"{number:.1f}"


def _svg(width: int, height: int, title: str, parts: Sequence[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" viewBox="0 0 {width} {height}"'
    size = f' width="{width}" height="{height}"'
    return f"{head}{size}><title>{escape(title)}</title>{''.join(parts)}</svg>"
