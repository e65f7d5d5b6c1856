"""The typeface of the documents, as TrueType files that ReportLab can embed.

Inter comes as WOFF2 subsets (latin, latin-ext) with the front-end packages; they are joined into one face a weight. Its
figures are proportional by default, so the code points of the digits are given the tabular forms: columns of amounts
align without any OpenType feature, which ReportLab does not know. Without Inter, ReportLab's own Vera is used.
"""

from __future__ import annotations

import atexit
import functools
import logging
import shutil
import tempfile
from pathlib import Path

import reportlab
from fontTools.merge import Merger
from fontTools.ttLib import TTFont as FontFile
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

VENDOR = Path(__file__).parent.parent / "web" / "static" / "vendor"
WEIGHTS = {"Recon": 400, "ReconMedium": 500, "ReconBold": 600}
"""Name of a face in documents -> weight of Inter."""
VERA = {"Recon": "Vera.ttf", "ReconMedium": "Vera.ttf", "ReconBold": "VeraBd.ttf"}

_LAYOUT = ("GSUB", "GPOS", "GDEF", "STAT", "prep", "gasp", "fpgm", "cvt ", "DSIG")
_SPACES = {0x202F: 0x00A0, 0x2007: 0x00A0, 0x2009: 0x00A0, 0x2011: 0x2010}
"""Code points that number and date formats use and the face lacks -> the one that stands for it."""


@functools.cache
def folder() -> Path:
    """A folder of this process with one file a face, `<name>.ttf`; removed when the process ends."""
    place = Path(tempfile.mkdtemp(prefix="recon-fonts-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    for name, weight in WEIGHTS.items():
        _write_face(name, weight, place / f"{name}.ttf")
    return place


@functools.cache
def register() -> tuple[str, ...]:
    """Make the faces known to ReportLab under their names; answers the names."""
    for name in WEIGHTS:
        pdfmetrics.registerFont(TTFont(name, str(folder() / f"{name}.ttf")))
    return tuple(WEIGHTS)


def _write_face(name: str, weight: int, target: Path) -> None:
    subsets = [VENDOR / f"inter-{alphabet}-{weight}.woff2" for alphabet in ("latin", "latin-ext")]
    if all(subset.is_file() for subset in subsets):
        _join(subsets, target)
    else:
        vera = Path(reportlab.__file__).parent / "fonts" / VERA[name]
        shutil.copyfile(vera, target)


def _join(subsets: list[Path], target: Path) -> None:
    plain = [_without_layout(subset, target.with_suffix(f".{subset.stem}.ttf")) for subset in subsets]
    logging.getLogger("fontTools").setLevel(logging.ERROR)
    face = Merger().merge([str(path) for path in plain])
    _tabular_figures(face)
    face.recalcTimestamp = False  # the same face, byte for byte, on every day
    face["head"].created = face["head"].modified = FontFile(subsets[0])["head"].created
    face.save(target)
    for path in plain:
        path.unlink()


def _without_layout(subset: Path, target: Path) -> Path:
    font = FontFile(subset, recalcTimestamp=False)
    for table in _LAYOUT:
        if table in font:
            del font[table]
    font.flavor = None
    font.save(target)
    return target


def _tabular_figures(font: FontFile) -> None:
    glyphs = set(font.getGlyphOrder())
    for table in font["cmap"].tables:
        for code, glyph in list(table.cmap.items()):
            if (chr(code).isascii() and chr(code).isdigit()) or code == 0x2212:
                table.cmap[code] = f"{glyph}.tf" if f"{glyph}.tf" in glyphs else glyph
        for missing, stand_in in _SPACES.items():
            if missing not in table.cmap and stand_in in table.cmap:
                table.cmap[missing] = table.cmap[stand_in]
