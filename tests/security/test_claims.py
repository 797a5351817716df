"""docs/security.md claims nothing that no test proves: every test that it names exists; what lacks one says so."""

import ast
import re

import pytest
from django.conf import settings

PAGE = settings.BASE_DIR / "docs" / "security.md"
_NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")
_LINE = re.compile(r"^\| (?P<requirement>[^|]+) \| (?P<how>[^|]+) \| (?P<proof>[^|]+) \|$", re.MULTILINE)


def claims() -> list[tuple[str, str, str]]:
    """(requirement, how, proof) of every line of every table with three columns."""
    text = PAGE.read_text().partition("## Requirements")[2]
    found = [match.groups() for match in _LINE.finditer(text)]
    return [row for row in found if not set(row[0]) <= set("- ") and row[0] != "requirement"]


def named() -> list[tuple[str, str]]:
    """(path, function) of every test that the page names."""
    return sorted(set(_NAMED.findall(PAGE.read_text())))


def functions(path: str) -> set[str]:
    tree = ast.parse((settings.BASE_DIR / path).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize(("path", "function"), named())
def test_every_test_that_the_page_names_exists(path, function):
    assert (settings.BASE_DIR / path).is_file(), path
    if function:
        assert function.startswith("test_")
        assert function in functions(path)


def test_every_requirement_is_proved_or_honestly_not_met():
    rows = claims()
    assert len(rows) >= 60
    bare = [row for row in rows if not _NAMED.search(row[2]) and not re.match(r"\*\*not (met|tested)\*\*", row[2])]
    assert bare == []


def test_the_page_says_what_is_not_met():
    assert any("**not met**" in proof for _requirement, _how, proof in claims())


def test_no_other_line_of_the_page_names_a_test_in_another_way():
    """A name without its path could not be looked up."""
    lines = [line for line in PAGE.read_text().splitlines() if "test_" in _NAMED.sub("", line)]
    assert lines == []
