"""Notices: told once a key, in the reader's language, seen and marked by their owner only."""

import pytest
from django.urls import reverse
from django.utils import translation

from crm_site.notices import actions, wording
from crm_site.notices.models import Notice

pytestmark = [pytest.mark.django_db, pytest.mark.smoke]


def test_a_key_is_told_once(admin_a):
    first = actions.tell(admin_a.user, "import.ready", {"file": "a.xlsx", "rows": 3}, key="x")
    assert actions.tell(admin_a.user, "import.ready", {"file": "a.xlsx", "rows": 3}, key="x") == first
    actions.tell(admin_a.user, "import.ready")
    actions.tell(admin_a.user, "import.ready")
    assert actions.unread_count(admin_a.user) == 3


@pytest.mark.parametrize(("language", "words"), [("zh-hans", "已读完，共 3 行"), ("en", "has been read: 3 rows")])
def test_the_reader_gets_his_language(language, words):
    with translation.override(language):
        assert words in wording.sentence("import.ready", {"file": "a.xlsx", "rows": 3})


def test_unknown_codes_and_missing_parameters_still_read():
    assert "no.such" in wording.sentence("no.such", {})
    assert "–" in wording.sentence("import.ready", {})


def test_others_notices_are_neither_shown_nor_marked(as_, admin_a, stranger_b):
    notice = actions.tell(admin_a.user, "import.ready", {"file": "geheim.xlsx", "rows": 1})
    client = as_(stranger_b)
    assert "geheim.xlsx" not in client.get(reverse("notices:list")).content.decode()
    assert client.post(reverse("notices:mark_read"), {"notice": notice.pk}).status_code == 404
    assert Notice.objects.get().read_at is None


def test_opening_one_marks_it_and_leads_on(as_, admin_a):
    notice = actions.tell(admin_a.user, "import.ready", url="/imports/")
    other = actions.tell(admin_a.user, "import.ready")
    answer = as_(admin_a).post(reverse("notices:mark_read"), {"notice": notice.pk})
    assert answer.url == "/imports/"
    assert list(Notice.objects.filter(read_at=None)) == [other]


def test_all_are_marked_at_once(as_, admin_a):
    for _ in range(3):
        actions.tell(admin_a.user, "import.ready")
    as_(admin_a).post(reverse("notices:mark_read"))
    assert actions.unread_count(admin_a.user) == 0
