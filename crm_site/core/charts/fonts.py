"""The fonts that charts are drawn with: loaded once a process, and what stands for a character that they lack."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

TEXT_SIZE = 12
#: Chinese first; the second has the Latin, Greek and Cyrillic letters and the signs that the first has not
FAMILIES = ("Noto Sans SC", "DejaVu Sans")
#: the printers' sign for "this character is not in the case": seen at once, never an empty box
LACKING = "〓"


def drawable(words: str) -> str:
    """The same text with 〓 for each character that no shipped font has, and blanks for control characters."""
    known = _characters()
    return "".join(_sign(sign, known) for sign in words)


def lacking(words: str) -> set[str]:
    """The characters of a text that no shipped font has."""
    known = _characters()
    return {sign for sign in words if _sign(sign, known) == LACKING != sign}


def _sign(sign: str, known: frozenset[int]) -> str:
    if ord(sign) in known or sign == "\n":
        return sign
    kind = unicodedata.category(sign)
    if kind in ("Mn", "Cf"):  # marks and joiners show nothing by themselves
        return ""
    return " " if kind[0] in "CZ" and kind not in ("Co", "Cn") else LACKING


@lru_cache(maxsize=1)
def _characters() -> frozenset[int]:
    """Every character that one of the fonts has."""
    prepare()
    from matplotlib import font_manager

    found: set[int] = set()
    for family in FAMILIES:
        path = font_manager.findfont(family, fallback_to_default=True)
        found |= font_manager.get_font(path).get_charmap().keys()
    return frozenset(found)


@lru_cache(maxsize=1)
def prepare() -> None:
    """Load matplotlib once a process, with the shipped Chinese font and reproducible ids; no pyplot, no rc_context."""
    import matplotlib as mpl  # 0.4-1.5 s, so only when the first chart is drawn
    from matplotlib import font_manager

    spec = find_spec("zhplot")  # its font as data: importing the package would load pyplot
    if spec and spec.submodule_search_locations:
        font = Path(spec.submodule_search_locations[0]) / "fonts" / "NotoSansSC-Regular.ttf"
        font_manager.fontManager.addfont(str(font))
    mpl.rcParams.update(
        {
            "font.family": list(FAMILIES),
            "font.size": TEXT_SIZE,
            "svg.fonttype": "path",  # glyphs appear whatever fonts the viewer has
            "svg.hashsalt": "huifang",
            "pdf.fonttype": 42,  # the letters used, as letters: text on a printed page can be searched and copied
            "text.parse_math": False,  # a $ in a name is a $
            "axes.unicode_minus": True,
            "path.simplify": False,
        }
    )
