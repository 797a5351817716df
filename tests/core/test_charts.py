"""Charts: well-formed, reproducible, quiet about the viewer's fonts, and drawn from nothing as well."""

import re
import subprocess
import sys
from pathlib import Path
from xml.dom.minidom import parseString

import pytest

from crm_site.core import charts
from crm_site.core.charts.canvas import spread

MONTHS = ["9月", "10月", "11月*"]
HOSTILE = "<script>$x_1$ & --> 张三"


def lines(**look):
    series = [
        charts.Series("内部", [87.1, None, 88.6], [86, None, 87], [88, None, 90], hollow=frozenset({2})),
        charts.Series("外部", [None, 84.6, None], tone="warn", points=True),
    ]
    return charts.line_chart(MONTHS, series, target=90, target_label="目标", **look)


def bars(**look):
    return charts.bar_chart(
        [charts.Group("接待员", [(HOSTILE, 1), ("段子涵", 0), ("新人", None)])], axis_label="次数", **look
    )


def dots(**look):
    rows = [charts.Dot("罗雪", 91.1, 89, 93, "n = 118"), charts.Dot("秦小雨", None, note="样本不足")]
    return charts.dot_chart(rows, mean=88.6, mean_label="店均", **look)


def stacks(**look):
    parts = [charts.Part("成功", "ok"), charts.Part("免回访", "mute")]
    return charts.stacked_chart(parts, [charts.Stack("10月", [280, 12])], **look)


@pytest.mark.parametrize("draw", [lines, bars, dots, stacks])
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("narrow", [False, True])
def test_equal_numbers_give_equal_bytes(draw, theme, narrow):
    svg = draw(theme=theme, narrow=narrow)
    assert svg == draw(theme=theme, narrow=narrow)
    root = parseString(svg).documentElement
    assert float(root.getAttribute("width")) == (350 if narrow else 1217)
    assert not root.getElementsByTagName("script")
    assert b"style" not in svg, "opened by itself, the picture stands under a policy that takes no styles"
    assert not root.getElementsByTagName("text"), "glyphs are outlines, so no font of the viewer is needed"


@pytest.mark.parametrize(
    "empty",
    [
        charts.line_chart([], []),
        charts.line_chart(["1月"], [charts.Series("a", [None])]),
        charts.bar_chart([]),
        charts.bar_chart([charts.Group("a", [])], narrow=True),
        charts.dot_chart([]),
        charts.stacked_chart([], []),
        charts.stacked_chart([charts.Part("a")], [charts.Stack("b", [0])]),
    ],
)
def test_nothing_to_show_is_still_a_picture(empty):
    assert parseString(empty).documentElement.tagName == "svg"


def test_no_missing_glyph_is_drawn():
    """A missing glyph would warn and fall back to a box."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        charts.bar_chart([charts.Group("覃牟冉 − – … 龘", [("渝A·12345", 1)])])


def test_drawing_never_loads_pyplot():
    code = (
        "import sys; from crm_site.core import charts; assert 'matplotlib' not in sys.modules; "
        "charts.bar_chart([]); assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).resolve().parents[2])


def test_the_colours_are_those_of_the_tokens():
    css = (Path(__file__).resolve().parents[2] / "static/css/tokens.css").read_text(encoding="utf-8")
    light, dark = css.split('[data-bs-theme="dark"]')[0], css.split('[data-bs-theme="dark"]')[1]
    for theme, source in (("light", light), ("dark", dark)):
        tokens = dict(re.findall(r"--hf-([\w-]+):\s*(#[0-9a-f]{6})", source))
        for name in ("ink", "ink-2", "ink-3", "line", "line-strong", "accent", "accent-soft", "accent-line", "surface"):
            assert charts.THEMES[theme][name] == tokens[name], (theme, name)
        for tone in ("ok", "warn", "bad", "pause", "mute"):
            assert charts.THEMES[theme][tone] == tokens[f"{tone}-mark"], (theme, tone)


@pytest.mark.parametrize(
    ("wanted", "placed"),
    [([], []), ([1.0, 50.0], [1, 50]), ([10.0, 10.0], [2, 18]), ([0.0, 10.0, 20.0], [-6, 10, 26])],
)
def test_labels_at_the_line_end_keep_their_distance(wanted, placed):
    assert spread(wanted, 16) == placed
