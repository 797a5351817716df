"""Every component renders with its documented variables, in both languages, and documents what it uses."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import engines
from django.template.loader import render_to_string
from django.utils import translation

from tests.shell.specimens import SPECIMENS, variables

FOLDER = Path(settings.BASE_DIR) / "templates" / "components"
EXAMPLES = [(name, number) for name, examples in SPECIMENS.items() for number in range(len(examples))]
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def render(name: str, number: int, language: str) -> str:
    """One example of a component in a language."""
    with translation.override(language):
        return render_to_string(f"components/{name}.html", variables(name, SPECIMENS[name][number]))


@pytest.mark.parametrize(("name", "number"), EXAMPLES)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_component_shows_every_text_it_was_given(name, number, language):
    html = render(name, number, language)
    given = SPECIMENS[name][number]
    for key in ("title", "text", "word", "label", "strong", "submit", "reason", "error", "record", "link", "note"):
        if isinstance(given.get(key), str):
            assert given[key] in html, key


def test_every_component_has_an_example():
    names = {path.stem for path in FOLDER.glob("*.html")}
    assert names == set(SPECIMENS)


@pytest.mark.parametrize("name", sorted(SPECIMENS))
def test_a_component_names_in_its_first_comment_what_its_example_gives(name):
    first = (FOLDER / f"{name}.html").read_text().splitlines()[0]
    assert first.startswith("{#")
    assert first.endswith("#}")
    for example in SPECIMENS[name]:
        for key in example:
            assert re.search(rf"\b{key}\b", first), f"{key} is not documented"


def test_a_component_without_its_variables_degrades_silently():
    for name in SPECIMENS:
        if name not in ("field", "figs_inside"):
            render_to_string(f"components/{name}.html", {})


def test_what_a_user_typed_is_escaped():
    html = render_to_string("components/note.html", {"text": "<script>alert(1)</script>"})
    assert "<script" not in html


def test_an_answer_up_to_the_threshold_is_low_and_the_chosen_one_is_checked():
    html = render("question", 0, "zh-hans")
    assert len(re.findall(r'class="low"', html)) == 6
    assert re.search(r'value="4" class="low" checked', html)
    assert html.count(" checked") == 2  # the answer and the decision


def test_recommending_goes_from_0_to_10_without_a_threshold():
    html = render("question", 3, "zh-hans")
    assert re.findall(r'name="q19" value="(\d+)"', html) == [str(answer) for answer in range(11)]
    assert 'class="low"' not in html
    assert 'value="na"' not in html


def test_a_score_without_enough_answers_says_so():
    assert "样本不足" in render("score", 1, "zh-hans")
    assert "sample too small" in render("score", 1, "en")


def test_a_running_job_asks_again_and_a_finished_one_does_not():
    assert 'hx-get="/poll"' in render("progress", 1, "en")
    assert "hx-get" not in render("progress", 0, "en")


def test_a_blocked_button_stands_beside_its_reason():
    html = render("foot", 1, "zh-hans")
    assert 'disabled aria-describedby="foot-blocked"' in html


def test_a_timeline_tells_a_rooms_event_and_a_fact_known_by_its_day_only():
    html = render("timeline", 1, "zh-hans")
    assert "<time>2025-03-11</time>" in html
    assert "销售顾问 江雨薇" in html
    assert "<q>说好三天，配件到现在还没来。</q>" in html


def test_a_form_keeps_what_was_typed_and_says_what_is_wrong():
    html = render("form_fields", 0, "zh-hans")
    assert "超过十个字的标题写在这里" in html
    assert "is-invalid" in html
    assert "没有保存：金额不是数字。" in html


def test_the_components_own_words_are_english_in_english():
    """Only the given texts may be Chinese: with empty examples nothing Chinese is left."""
    with translation.override("en"):
        for name in ("pagination", "score", "filters", "deadline", "pad", "steps", "toast", "diff"):
            assert not CHINESE.search(render_to_string(f"components/{name}.html", {"shown": 1, "total": 2})), name


def test_includes_of_components_are_isolated():
    """`with … only`, so that a component never reads what it does not name."""
    loose = []
    for path in (Path(settings.BASE_DIR) / "templates").rglob("*.html"):
        for tag in re.findall(r'{% include "components/.*?%}', path.read_text()):
            if not tag.endswith(" only %}"):
                loose.append(f"{path.name}: {tag}")
    assert loose == []


def test_all_templates_compile():
    for path in (Path(settings.BASE_DIR) / "templates").rglob("*.html"):
        engines["django"].get_template(str(path.relative_to(Path(settings.BASE_DIR) / "templates")))


def test_the_guide_lists_every_component_in_its_own_words():
    guide = (Path(settings.BASE_DIR) / "docs" / "design.md").read_text()
    for path in sorted(FOLDER.glob("*.html")):
        comment = path.read_text().splitlines()[0].removeprefix("{#").removesuffix("#}").strip()
        assert f"* `{path.stem}`: {comment}\n" in guide, f"{path.stem} differs from docs/design.md"
