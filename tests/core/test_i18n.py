"""Translations: what is found in code and templates, and what the review reports."""

import gettext
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils import translation

from crm_site.core.i18n import extract, parts, review


@pytest.fixture
def project(tmp_path):
    """A little project: call it with path=text pairs; gives its root."""

    def write(files):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path

    return write


TEMPLATE = """{% load i18n %}
{% translate "Save" %} {% translate "Open" context "shop" %} {{ _("Back") }} {{ x|default:_("None") }}
{% include "a.html" with title=_("Title") only %}
{% blocktranslate trimmed with name=person.name %}
    Hello {{ name }},
    welcome
{% endblocktranslate %}
    {% blocktranslate count n=rows %}{{ n }} row{% plural %}{{ n }} rows{% endblocktranslate %}
{# 注释 #}{% comment %}注释{% endcomment %}
"""
CODE = '''"""文档。"""
from django.utils.translation import gettext as _, ngettext, pgettext_lazy
a = _("One")
b = _("Long " "text %(x)s") % {"x": 1}
c = ngettext("%(n)d day", "%(n)d days", 2)
d = pgettext_lazy("verb", "Call")
e = _(a)  # 变量
'''


def test_strings_are_found_in_templates_and_code(project):
    base = project({"templates/customers/a.html": TEMPLATE, "customers/views.py": CODE})
    assert {found.key for found in extract.messages(base)} == {
        (None, "Save"),
        ("shop", "Open"),
        (None, "Back"),
        (None, "None"),
        (None, "Title"),
        (None, "Hello %(name)s, welcome"),
        (None, ("%(n)s row", "%(n)s rows")),
        (None, "One"),
        (None, "Long text %(x)s"),
        (None, ("%(n)d day", "%(n)d days")),
        ("verb", "Call"),
    }


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"customers/a.py": '_("Save")'}, "no Chinese in customers.po for 'Save'"),
        ({"templates/layouts/a.html": '{% translate "Save" %}'}, "no Chinese in shell.po for 'Save'"),
        ({"locale/zh_Hans/core.po": 'msgid "Save"\nmsgstr "保存"\n'}, "'Save' is used nowhere"),
        (
            {
                "customers/a.py": '_("Save")',
                "locale/zh_Hans/core.po": 'msgid "Save"\nmsgstr "保存"\n',
                "locale/zh_Hans/customers.po": 'msgid "Save"\nmsgstr "存"\n',
            },
            "but '保存' in core.po:1",
        ),
        (
            {
                "customers/a.py": '_("Save")',
                "locale/zh_Hans/core.po": 'msgid "Save"\nmsgstr "保存"\nmsgid "Save"\nmsgstr "存"\n',
            },
            "but '保存' in core.po:1",
        ),
        (
            {"customers/a.py": '_("%(n)s rows")', "locale/zh_Hans/core.po": 'msgid "%(n)s rows"\nmsgstr "%(m)s 行"\n'},
            "other placeholders",
        ),
        ({"customers/a.py": '_("保存")'}, "a msgid must be English"),
        ({"customers/a.py": 'a = "保存"'}, "Chinese text outside"),
        ({"templates/a.html": "<p>保存</p>"}, "Chinese text outside"),
    ],
)
def test_the_review_says_what_is_wrong(project, files, words):
    assert any(words in line for line in review.problems(project(files)))


@pytest.mark.parametrize(
    "files",
    [
        {"customers/a.py": '"""中文说明。"""\nrow = dict(label_zh="保存")  # 注释\nrows = [{"label_zh": "保存"}]\n'},
        {"customers/rules.py": 'A = "保存"'},
        {"templates/a.html": "{# 注释 #}"},
        {
            "customers/a.py": '_("100%% of %(n)s")',
            "locale/zh_Hans/core.po": 'msgid "100%% of %(n)s"\nmsgstr "%(n)s 的 100%%"\n',
        },
    ],
)
def test_what_is_right_is_not_reported(project, files):
    assert review.problems(project(files)) == []


def test_the_catalogue_is_merged_from_its_parts(project):
    base = project(
        {
            "locale/zh_Hans/core.po": 'msgid "Save"\nmsgstr "保存"\n\nmsgctxt "verb"\nmsgid "Call"\nmsgstr "拨打"\n',
            "locale/zh_Hans/b.po": 'msgid "%(n)d day"\nmsgid_plural "%(n)d days"\nmsgstr[0] "%(n)d 天"\n\n'
            'msgid "Empty"\nmsgstr ""\n',
        }
    )
    path, count = parts.compile_catalogue(base)
    with path.open("rb") as stream:
        catalogue = gettext.GNUTranslations(stream)
    assert count == 3
    assert catalogue.gettext("Save") == "保存"
    assert catalogue.pgettext("verb", "Call") == "拨打"
    assert catalogue.ngettext("%(n)d day", "%(n)d days", 2) == "%(n)d 天"
    assert catalogue.gettext("Empty") == "Empty"


def test_a_broken_part_is_named(project):
    base = project({"locale/zh_Hans/core.po": 'msgid "Save"\nmsgstr "保存\n'})
    with pytest.raises(parts.BrokenPart, match="core.po:2"):
        parts.read_entries(base)


def test_pruning_drops_what_no_code_uses(project):
    text = '# Head.\n\nmsgid "Save"\nmsgstr "保存"\n\n# old\nmsgid "Gone"\nmsgstr "没了"\n'
    base = project({"customers/a.py": '_("Save")', "locale/zh_Hans/core.po": text})
    assert parts.prune(base, {found.key for found in extract.messages(base)}) == 1
    assert (base / "locale/zh_Hans/core.po").read_text() == '# Head.\n\nmsgid "Save"\nmsgstr "保存"\n'
    assert review.problems(base) == []


def test_stubs_are_ready_to_be_filled(project):
    base = project(
        {"customers/a.py": '_("Say \\"hi\\"")\nngettext("a day", "%(n)d days", n)', "revisits/b.py": '_("Other")'}
    )
    stubs = review.stubs(base, "customers")
    assert 'msgid "Say \\"hi\\""\nmsgstr ""' in stubs
    assert 'msgid_plural "%(n)d days"\nmsgstr[0] ""' in stubs
    assert "Other" not in stubs


@pytest.mark.parametrize(
    ("path", "room"),
    [
        ("crm_site/core/forms.py", "core"),
        ("crm_site/settings.py", "core"),
        ("crm_site/imports/views/list.py", "imports"),
        ("customers/views.py", "customers"),
        ("templates/revisits/call.html", "revisits"),
        ("templates/components/note.html", "shell"),
        ("templates/404.html", "shell"),
    ],
)
def test_every_file_has_a_room(path, room):
    assert extract.room_of(path) == room


def test_what_was_compiled_is_spoken_at_once(project, settings, monkeypatch):
    base = project(
        {"locale/zh_Hans/core.po": 'msgid "%(count)d messages in %(path)s"\nmsgstr "%(path)s: %(count)d 条"\n'}
    )
    settings.BASE_DIR, settings.LOCALE_PATHS = base, [base / "locale"]
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    out = StringIO()
    with translation.override("zh-hans"):
        assert translation.gettext("%(count)d messages in %(path)s") == "%(count)d messages in %(path)s"
        call_command("i18n", "compile", stdout=out)
    assert out.getvalue() == "locale/zh_Hans/LC_MESSAGES/django.mo: 1 条\n"


def test_colleagues_are_told_you_and_customers_a_polite_you():
    """您 stands only where the customer reads: on the tablet and in the copy of their data."""
    polite = {}
    for path in sorted((settings.BASE_DIR / "locale" / "zh_Hans").glob("*.po")):
        if lines := [line for line in path.read_text(encoding="utf-8").splitlines() if "您" in line]:
            polite[path.name] = len(lines)
    assert polite.keys() == {"satisfaction_tablet.po", "privacy_rights.po"}
    assert polite["privacy_rights.po"] == 2
