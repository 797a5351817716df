"""The columns of every list in words and as Markdown: title, other spellings, form, whether required, choices."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm_site.imports import layout as kinds
from crm_site.imports.layout import Field, Layout

KINDS: dict[str, Promise] = {
    kinds.TEXT: gettext_lazy("text"),
    kinds.NAME: gettext_lazy("name"),
    kinds.EMPLOYEE: gettext_lazy("name or number of an employee"),
    kinds.CODE: gettext_lazy("number, as text"),
    kinds.PHONE: gettext_lazy("phone number"),
    kinds.VIN: gettext_lazy("VIN of 17 characters"),
    kinds.PLATE: gettext_lazy("plate"),
    kinds.DATE: gettext_lazy("date, like 2026-11-21"),
    kinds.MOMENT: gettext_lazy("date, with or without a time"),
    kinds.MONEY: gettext_lazy("amount in yuan"),
    kinds.DECIMAL: gettext_lazy("number"),
    kinds.INT: gettext_lazy("whole number"),
    kinds.YESNO: gettext_lazy("yes or no"),
    kinds.CHOICE: gettext_lazy("one of the choices"),
}

INTRO = """\
# Columns of every list

Written by `manage.py import_columns > docs/import-columns.md` from the layouts in `IMPORT_LAYOUTS`; a test keeps the
two equal. A column is known by any of its titles: case, blanks, brackets, units and marks such as * do not count, and a
title like a known one is proposed. Every list can be downloaded as a filled-in template from the upload page.
"""


def kind_words(one: Field) -> str:
    """The form of a value."""
    return str(KINDS[one.kind])


def listed_titles(words: Sequence[str]) -> str:
    """Titles or choices as one line."""
    return " / ".join(words)


def must_words(wanted: Layout, one: Field) -> str:
    """Whether a file needs the column: required, at least one of several, or optional."""
    if one.required:
        return _("required")
    group = next((group for group in wanted.one_of if one.name in group), None)
    if group is not None and not any(wanted.by_name[name].required for name in group):
        titles = [wanted.by_name[name].aliases[0] for name in group if wanted.by_name[name].aliases]
        return _("at least one of %(titles)s") % {"titles": listed_titles(titles)}
    return _("optional")


def document(layouts: Sequence[Layout]) -> str:
    """The whole document as Markdown, in the active language."""
    return INTRO + "".join(_section(one) for one in layouts)


def _section(wanted: Layout) -> str:
    lines = [f"\n## {wanted.label} (`{wanted.code}`)\n", "| field | form | titles | needed | choices |"]
    lines.append("|---|---|---|---|---|")
    for one in wanted.fields:
        if one.aliases:
            cells = [
                str(one.label),
                kind_words(one),
                listed_titles(one.aliases),
                must_words(wanted, one),
                _choices(one),
            ]
            lines.append(f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |")
    return "\n".join(lines) + "\n"


def _choices(one: Field) -> str:
    if callable(one.choices):
        return "the store's own"
    return listed_titles(list(one.spellings)) if one.kind == kinds.CHOICE else ""
