"""Charts for every reader: no box for a character, told apart without colour, names never on each other."""

import itertools
import warnings
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from crm_site.core import charts
from crm_site.core.charts import canvas, fonts, lines, quadrants

ROOT = Path(__file__).resolve().parents[2]
#: characters of real names that fonts often lack, and one (𠮷) that the shipped font lacks
RARE = "喆㛃䶮堃昉龘犇翀婠禤冼仉祎玥瑄頔珺彧禛懿麴逯亓"
LACKED = "𠮷"

# ---- characters ------------------------------------------------------------------------------------------------------


def words_of_the_house() -> str:
    """Every text that the product can show, in Chinese and in English."""
    found = []
    for path in sorted((ROOT / "locale" / "zh_Hans").glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file):
                parts = message.string if isinstance(message.string, tuple) else (message.string,)
                ids = message.id if isinstance(message.id, tuple) else (message.id,)
                found += [*parts, *ids]
    return "".join(found)


@pytest.fixture
def strict():
    """Whatever matplotlib warns of, such as a missing glyph, is an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def test_the_font_has_every_character_of_both_languages():
    said = words_of_the_house()
    assert len(said) > 10_000, "the translations were not found"
    assert not fonts.lacking(said)


def test_the_font_has_every_character_of_the_reference_rows(db):
    from satisfaction.models import Factor, Question, Questionnaire

    rows = [*Factor.objects.all(), *Question.objects.all(), *Questionnaire.objects.all()]
    assert rows
    assert not fonts.lacking("".join(row.label_zh + row.label_en for row in rows))


def test_the_font_has_the_rare_characters_of_names_and_every_common_one():
    level_one = "".join(bytes((high, low)).decode("gb2312") for high in range(0xB0, 0xD7) for low in range(0xA1, 0xFA))
    assert not fonts.lacking(RARE + level_one)


@pytest.mark.parametrize(
    ("said", "drawn"),
    [
        ("罗雪", "罗雪"),
        (f"吉{LACKED}", "吉〓"),
        ("a\tb\u0605c\x00", "a bc "),
        ("\ue000\U0010fffd", "〓〓"),
        ("😀", "😀" if 0x1F600 in fonts._characters() else "〓"),
        ("Nguyễn é ñ", "Nguyễn é ñ"),
        ("", ""),
    ],
)
def test_what_no_font_has_is_seen_as_such(said, drawn):
    assert fonts.drawable(said) == drawn


@pytest.mark.parametrize("narrow", [False, True])
@pytest.mark.parametrize(
    "draw",
    [
        lambda name, **look: charts.line_chart([name], [charts.Series(name, [80])], target=90, target_label=name,
                                               events=[charts.Event(0, name)], notes=charts.Notes(name), **look),
        lambda name, **look: charts.dot_chart([charts.Dot(name, 80, note=name)], mean=80, mean_label=name, **look),
        lambda name, **look: charts.score_chart([charts.Dot(name, 80)], target=90, target_label=name, **look),
        lambda name, **look: charts.bar_chart([charts.Group(name, [(name, 1)])], axis_label=name, **look),
        lambda name, **look: charts.pareto_chart([charts.Bar(name, 1, 1)], **look),
        lambda name, **look: charts.stacked_chart([charts.Part(name)], [charts.Stack(name, [1])], **look),
        lambda name, **look: charts.column_chart([name], [charts.Part(name)], [[1]], **look),
        lambda name, **look: charts.quadrant_chart([charts.Point(name, 1, 1)], fields(name), **look),
    ],
)  # fmt: skip
def test_no_chart_draws_a_box_for_a_character(draw, narrow, strict):
    for name in (f"{RARE[:4]}{LACKED}", "Ω − – ≥ ▼ ▲ ½ é", "a\u0301\t\ufeff"):
        draw(name, narrow=narrow)


# ---- colours ---------------------------------------------------------------------------------------------------------

#: linear RGB as seen by who lacks one kind of cone (Machado, Oliveira and Fernandes 2009, severity 1)
SIGHT = {
    "usual": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881),
    ),
}  # fmt: skip


def seen(colour: str, sight: str) -> tuple[float, float, float]:
    """A colour in linear RGB as somebody sees it."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return tuple(min(max(sum(a * b for a, b in zip(row, linear, strict=True)), 0), 1) for row in SIGHT[sight])


def brightness(colour: tuple[float, float, float]) -> float:
    return 0.2126 * colour[0] + 0.7152 * colour[1] + 0.0722 * colour[2]


def contrast(one: str, other: str, sight: str) -> float:
    a, b = (brightness(seen(colour, sight)) for colour in (one, other))
    return (max(a, b) + 0.05) / (min(a, b) + 0.05)


def difference(one: str, other: str, sight: str) -> float:
    """How far two colours stand apart in CIE L*a*b* (1976)."""
    return sum((a - b) ** 2 for a, b in zip(_lab(seen(one, sight)), _lab(seen(other, sight)), strict=True)) ** 0.5


def _lab(colour: tuple[float, float, float]) -> tuple[float, float, float]:
    red, green, blue = colour
    tristimulus = (
        (0.4124 * red + 0.3576 * green + 0.1805 * blue) / 0.95047,
        0.2126 * red + 0.7152 * green + 0.0722 * blue,
        (0.0193 * red + 0.1192 * green + 0.9505 * blue) / 1.08883,
    )
    x, y, z = (one ** (1 / 3) if one > 0.008856 else 7.787 * one + 16 / 116 for one in tristimulus)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_series_colour_stands_out_from_the_ground_for_every_eye(theme, sight):
    tones = charts.THEMES[theme]
    for tone in charts.TONES:
        assert contrast(tones[tone], tones["surface"], sight) >= 3, tone


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_first_two_series_are_told_apart_by_colour_for_every_eye(theme, sight):
    """Internal and external: the two that stand together most; more of them are told apart by mark and dash."""
    tones = charts.THEMES[theme]
    assert difference(tones["accent"], tones["warn"], sight) >= 40


def test_no_two_series_share_mark_and_dash():
    styles = list(zip(canvas.MARKS, canvas.DASHES, strict=True))
    assert len(styles) == len(charts.TONES)
    assert all(one[0] != other[0] and one[1] != other[1] for one, other in itertools.combinations(styles, 2))
    assert not {lines.ROLLING, lines.OUTSIDE} & set(canvas.MARKS)


def test_fields_and_verdicts_are_told_by_shape_too():
    from crm_site.core.charts import dots

    assert len({mark for _tone, mark in quadrants.FIELDS.values()}) == 4
    assert len({dots.SHAPES[name] for name in ("same", "above", "below", "few")}) == 4


# ---- names -----------------------------------------------------------------------------------------------------------


def fields(name: str = "一个名字") -> charts.Fields:
    return charts.Fields(6, 85, name, name, name, name, name, name)


def _names(drawn: canvas.Canvas, wanted: set[str]) -> list:
    """The boxes of some words on a drawn chart, in pixels."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    renderer = FigureCanvasAgg(drawn.figure).get_renderer()
    return [text.get_window_extent(renderer) for text in drawn.axes.texts if text.get_text() in wanted]


@pytest.mark.parametrize(
    "spots",
    [
        [(5, 80 + number * 0.1) for number in range(17)],
        [(5 + number * 0.02, 80) for number in range(17)],
        [(number % 5, 75 + number // 5) for number in range(24)],
        [(5, 80)] * 8,
    ],
)
def test_the_names_of_points_never_lie_on_each_other(spots):
    named = {f"第{number}项按约定时间交车": spot for number, spot in enumerate(spots)}
    points = [charts.Point(name, *spot) for name, spot in named.items()]
    drawn = quadrants.draw_quadrants(points, fields("高重要"))
    boxes = _names(drawn, {*named, "高重要"})
    assert len([text for text in drawn.axes.texts if text.get_text() in named]) == len(named)
    for one, other in itertools.combinations(boxes, 2):
        assert not one.overlaps(other)
    for box in boxes:
        assert min(box.x0, box.y0) >= 0
        assert box.x1 <= drawn.width
        assert box.y1 <= drawn.height


def test_on_a_phone_points_carry_numbers_that_a_list_explains():
    drawn = quadrants.draw_quadrants([charts.Point("接待态度", 6, 90), charts.Point("等候服务", 4, 79)], fields(),
                                     narrow=True)  # fmt: skip
    said = {text.get_text() for text in drawn.axes.texts}
    assert {"1", "2", "1 接待态度", "2 等候服务"} <= said


@pytest.mark.parametrize(("mean", "target"), [(88, 90), (90, 90), (70, 95), (89.9, 89.8)])
@pytest.mark.parametrize("narrow", [False, True])
def test_mean_and_target_are_named_apart(mean, target, narrow):
    from crm_site.core.charts import dots

    rows = [charts.Dot("罗雪", 91, 85, 95, "n = 40")]
    drawn = dots.draw_dots(rows, mean=mean, mean_label="店均", target=target, target_label="目标", narrow=narrow)
    boxes = _names(drawn, {f"店均 {mean:.1f}", f"目标 {target:.1f}"})
    assert len(boxes) == 2
    assert not boxes[0].overlaps(boxes[1])
