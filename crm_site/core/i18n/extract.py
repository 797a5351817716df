"""Finds every translatable string, and every Chinese literal, in the project's Python files and templates."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from babel.messages.extract import extract_python
from django.template.base import Lexer, TokenType
from django.utils.translation.template import templatize

from crm_site.core.i18n.parts import Key

ROOTS = ("crm_site", "customers", "satisfaction", "complaints", "revisits", "templates")
CHINESE = re.compile("[\u3000-\u303f\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uff65]")

_KEYWORDS: Any = ("_", *(f"{name}{lazy}" for name in ("gettext", "ngettext", "pgettext", "npgettext")
                        for lazy in ("", "_lazy", "_noop")))  # fmt: skip
_LITERAL = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_CALL = re.compile(rf"\b(_|n?p?gettext)\(\s*({_LITERAL}(?:\s*,\s*{_LITERAL})*)")
_LITERALS = re.compile(_LITERAL)


@dataclass(frozen=True)
class Found:
    """A string at its place; `key` is None for a Chinese literal that no translation call surrounds."""

    path: str
    line: int
    key: Key | None
    text: str = ""


def messages(base: Path) -> Iterator[Found]:
    """Every translatable string below the project's root."""
    for path in _files(base):
        place = path.relative_to(base).as_posix()
        if path.suffix == ".py":
            yield from _python_messages(path, place)
        else:
            yield from _template_messages(path.read_text(encoding="utf-8"), place)


def chinese_literals(base: Path) -> Iterator[Found]:
    """Every Chinese string written in code or templates (docstrings and comments aside)."""
    for path in _files(base):
        place = path.relative_to(base).as_posix()
        source = path.read_text(encoding="utf-8")
        if not CHINESE.search(source):
            continue
        yield from _python_literals(source, place) if path.suffix == ".py" else _template_literals(source, place)


def room_of(place: str) -> str:
    """The room whose .po part holds a file's strings; shared templates belong to the shell."""
    first, _slash, rest = place.partition("/")
    second = rest.split("/")[0]
    if first == "templates":
        return "shell" if second in ("components", "layouts") or second.endswith(".html") else second
    if first == "crm_site":
        return "core" if second.endswith(".py") else second
    return first


def _files(base: Path) -> Iterator[Path]:
    """Python files and templates, without migrations."""
    for root in ROOTS:
        for path in sorted((base / root).rglob("*")):
            if path.suffix in (".py", ".html", ".txt") and "migrations" not in path.parts and path.is_file():
                yield path


def _python_messages(path: Path, place: str) -> Iterator[Found]:
    with path.open("rb") as stream:
        for line, function, found, _comments in extract_python(stream, _KEYWORDS, [], {"encoding": "utf-8"}):
            key = _key(str(function), list(found) if isinstance(found, tuple | list) else [found])
            if key is not None:
                yield Found(place, line, key)


def _template_messages(source: str, place: str) -> Iterator[Found]:
    templatized = templatize(source, origin=place)
    for call in _CALL.finditer(templatized):
        values = [ast.literal_eval(literal) for literal in _LITERALS.findall(call[2])]
        key = _key(call[1], values)
        if key is not None:
            yield Found(place, templatized.count("\n", 0, call.start()) + 1, key)


def _key(function: str, values: list) -> Key | None:
    """The message that a call asks for; None when its arguments are no plain strings."""
    name = function.removesuffix("_lazy")
    context = values.pop(0) if name in ("pgettext", "npgettext") and values else None
    wanted = 2 if name in ("ngettext", "npgettext") else 1
    strings = values[:wanted]
    if len(strings) < wanted or not all(isinstance(one, str) and one for one in strings):
        return None
    return context, (strings[0], strings[1]) if wanted == 2 else strings[0]


def _python_literals(source: str, place: str) -> Iterator[Found]:
    tree = ast.parse(source)
    skipped = {id(node) for node in _not_shown(tree)}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or id(node) in skipped:
            continue
        if CHINESE.search(node.value):
            yield Found(place, node.lineno, None, node.value)


def _not_shown(tree: ast.Module) -> Iterator[ast.AST]:
    """Docstrings, and the values of names that end in _zh (the Chinese half of a labelled row)."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value
        elif isinstance(node, ast.keyword) and (node.arg or "").endswith("_zh"):
            yield from ast.walk(node.value)
        elif isinstance(node, ast.Dict):
            for name, value in zip(node.keys, node.values, strict=True):
                if isinstance(name, ast.Constant) and str(name.value).endswith("_zh"):
                    yield from ast.walk(value)


def _template_literals(source: str, place: str) -> Iterator[Found]:
    in_comment = False
    for token in Lexer(source).tokenize():
        if token.token_type == TokenType.BLOCK and token.contents in ("comment", "endcomment"):
            in_comment = token.contents == "comment"
        elif not in_comment and token.token_type != TokenType.COMMENT and CHINESE.search(token.contents):
            yield Found(place, token.lineno or 0, None, token.contents.strip()[:60])
