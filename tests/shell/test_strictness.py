"""The strict content policy and the tokens hold for every template and style sheet of the product."""

import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SHEETS = sorted((ROOT / "static" / "css").glob("*.css"))
SCRIPTS = sorted((ROOT / "static" / "js").glob("*.js"))
HANDLER = re.compile(r"\son[a-z]+\s*=", re.IGNORECASE)
SCRIPT = re.compile(r"<script(?![^>]*\ssrc=)", re.IGNORECASE)
HOST = re.compile(r"(https?:)?//[a-z0-9-]+\.[a-z]", re.IGNORECASE)


def found(pattern: str | re.Pattern, paths: list[Path]) -> list[str]:
    """Where the pattern stands in the files."""
    return [
        f"{path.relative_to(ROOT)}: {hit.group(0)}" for path in paths for hit in re.finditer(pattern, path.read_text())
    ]


@pytest.mark.parametrize(
    ("what", "pattern"),
    [
        ("style attributes", re.compile(r"\sstyle\s*=", re.IGNORECASE)),
        ("style elements", re.compile(r"<style", re.IGNORECASE)),
        ("inline scripts", SCRIPT),
        ("inline handlers", HANDLER),
        ("htmx scripts", re.compile(r"hx-on|hx-vars|js:")),
        ("other hosts", HOST),
    ],
)
def test_templates_have_no(what, pattern):
    # a person's parcel is opened from a disk, away from the product's style sheets and its policy
    pages = [path for path in TEMPLATES if what != "style elements" or path.name != "parcel.html"]
    assert found(pattern, pages) == [], what


def test_static_files_name_no_host():
    assert found(HOST, SHEETS + SCRIPTS) == []
    pictures = sorted((ROOT / "static" / "img").glob("*.svg"))
    assert {hit.partition(": ")[2] for hit in found(HOST, pictures)} <= {"http://www.w"}  # SVG's own namespace


def test_colours_stand_in_the_tokens_only():
    sheets = [path for path in SHEETS if path.name != "tokens.css"]
    assert found(r"#[0-9a-fA-F]{3,8}\b(?=[^{]*;)|\brgba?\(|\bhsla?\(", sheets) == []


def test_every_variable_that_a_sheet_reads_is_a_token():
    defined = set(re.findall(r"(--hf-[\w-]+)\s*:", (ROOT / "static/css/tokens.css").read_text()))
    used = {name for path in SHEETS for name in re.findall(r"var\((--hf-[\w-]+)", path.read_text())}
    assert used - defined == set()


def test_dark_has_a_value_for_every_colour_of_light():
    text = (ROOT / "static/css/tokens.css").read_text()
    light, dark = (
        re.search(rf"{start}[^{{]*\{{(.*?)\n\}}", text, re.S).group(1) for start in (r":root, \[data", r"\n\[data")
    )
    names = [set(re.findall(r"(--hf-[\w-]+)\s*:", part)) for part in (light, dark)]
    assert names[0] == names[1]


def test_every_sheet_is_linked_and_every_link_is_a_sheet():
    linked = {name for path in TEMPLATES for name in re.findall(r"'css/([\w-]+\.css)'", path.read_text())}
    assert sorted(linked) == [path.name for path in SHEETS]


@pytest.mark.parametrize("path", SHEETS, ids=lambda path: path.name)
def test_braces_of_a_sheet_balance(path):
    text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.S)
    assert text.count("{") == text.count("}")
    assert len(path.read_text().splitlines()) <= 400
