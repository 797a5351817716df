"""The company's defaults: set by an admin of all stores, for the stores that have set nothing of their own, audited."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from complaints import company, settings, texts
from complaints.actions import tree, tuning, wording_texts
from complaints.defaults import install
from complaints.models import Category, Complaint, Phrase, TicketSettings
from complaints.queries import matter
from complaints.rules.escalation import Stage
from crm_site.accounts.models import Role, Store
from crm_site.accounts.places import COMPANY, may_set_company
from crm_site.audit.models import Entry
from tests.cast import make_person
from tests.complaints.story import open_ticket
from tests.complaints.test_own_days import twice
from tests.complaints.test_settings import LIMITS, form_of
from tests.factories import EmployeeFactory, MembershipFactory

pytestmark = pytest.mark.django_db
OVERVIEW, NUMBERS = reverse("complaints:settings"), reverse("complaints:settings_numbers")
ALL = f"?store={COMPANY}"


@pytest.fixture
def admin(store_a, store_b):
    """An admin of every store."""
    person = make_person(store_a, Role.ADMIN, "总部管理员")
    MembershipFactory(user=person.user, store=store_b, role=Role.ADMIN)
    EmployeeFactory(store=store_b, user=person.user, name="总部管理员")
    return person


# --- who ---


def test_only_an_admin_of_all_stores_sets_them(as_, admin, admin_a, manager_a, store_a, store_b):
    assert may_set_company(admin.user, "complaints.company")
    assert as_(admin).get(OVERVIEW + ALL).status_code == 200
    for person in (admin_a, manager_a):
        assert not may_set_company(person.user, "complaints.company")
        assert as_(person).get(OVERVIEW + ALL).status_code == 404
        assert as_(person).post(NUMBERS + ALL, {"repeat_days": 5}).status_code == 404
        assert COMPANY not in [key for one in as_(person).get(OVERVIEW).context["place"].fields for key in one]
    assert not TicketSettings.objects.exists()
    Store.objects.create(code="C", name="新店", short_name="新店", go_live_on="2026-01-01")
    assert as_(admin).get(OVERVIEW + ALL).status_code == 404


def test_a_change_of_the_company_is_in_the_log_of_every_store(as_, admin, stranger_b):
    tuning.save_numbers(None, {"repeat_days": 60}, version=1, by=admin.employee)
    entry = Entry.objects.get(action="ticket_settings.numbers")
    assert (entry.store_id, entry.detail["repeat_days"]) == (None, [90, 60])
    assert "总部管理员" in as_(stranger_b).get(reverse("history:list")).content.decode()


# --- numbers ---


def test_the_companys_numbers_hold_where_a_store_has_none(admin, store_a, store_b):
    tuning.save_numbers(store_a.pk, {"compensation_limit": Decimal(800)}, version=1, by=admin.employee)
    tuning.save_numbers(None, {"repeat_days": 60, "compensation_limit": Decimal(300)}, version=1, by=admin.employee)
    own, other = settings.of(store_a.pk), settings.of(store_b.pk)
    assert (own.compensation_limit, own.repeat_days) == (800, 90)
    assert (other.pk, other.compensation_limit, other.repeat_days, other.version) == (None, 300, 60, 1)
    tuning.save_numbers(store_b.pk, {"repeats_raise": 4}, version=1, by=admin.employee)
    own = TicketSettings.objects.get(store=store_b)
    assert (own.repeats_raise, own.compensation_limit, own.repeat_days) == (4, 300, 60)


def test_the_company_has_one_row_of_numbers(store_a):
    TicketSettings.objects.create(store=None)
    TicketSettings.objects.create(store=store_a)
    with pytest.raises(IntegrityError), transaction.atomic():
        TicketSettings.objects.create(store=None)


def test_figures_count_by_the_companys_days(admin, store_a):
    twice(store_a, 20)
    days = {}
    for days_set in (17, 25):
        tuning.save_numbers(None, {"repeat_days": days_set}, version=settings.of(None).version, by=admin.employee)
        days[days_set] = Complaint.objects.filter(matter.has_predecessor()).count()
    assert days == {17: 0, 25: 1}


# --- levels, phrases, categories, texts ---


def test_the_companys_level_holds_where_a_store_has_none(admin, specialist_a, specialist_b):
    tuning.save_level(
        specialist_a.store.pk, "L2", LIMITS, [], seen=tuning.mark_of_level(specialist_a.store.pk, "L2"),
        by=admin.employee,
    )  # fmt: skip
    limits = LIMITS | {"response_minutes": 30}
    seen = tuning.mark_of_level(None, "L2")
    tuning.save_level(None, "L2", limits, [Stage(60, "director")], seen=seen, by=admin.employee)
    assert settings.level(specialist_b.store.pk, "L2").response_minutes == 30
    assert settings.level(specialist_a.store.pk, "L2").response_minutes == 60
    assert settings.stages(specialist_b.store.pk)["L2"] == (Stage(60, "director"),)
    assert install() == 0
    assert company.stores_without("level", "L2") == (1, 2)


def test_open_tickets_keep_their_limits_when_the_company_changes_its_own(admin, specialist_b):
    before = open_ticket(specialist_b, level_code="L2")
    seen = tuning.mark_of_level(None, "L2")
    tuning.save_level(None, "L2", LIMITS | {"response_minutes": 5}, [], seen=seen, by=admin.employee)
    due = before.response_due_at
    before.refresh_from_db()
    assert before.response_due_at == due > open_ticket(specialist_b, level_code="L2").response_due_at


def test_a_phrase_taken_out_by_the_company_does_not_come_back(admin, store_a):
    before = settings.phrases(None)
    wanted = before._replace(grave=(*before.grave[1:], "漏电"))
    assert tuning.save_phrases(None, wanted, seen=tuning.mark_of_phrases(None), by=admin.employee) == 2
    assert settings.phrases(store_a.pk).grave == settings.phrases(None).grave
    assert set(settings.phrases(store_a.pk).grave) == set(wanted.grave)
    assert install() == 0
    assert not Phrase.objects.get(store=None, text=before.grave[0]).is_active


def test_the_companys_category_is_changed_in_place_and_its_new_ones_are_nobodys_elses(admin, store_a, store_b):
    by = admin.employee
    own = tree.add_category(store_a.pk, "sales", {"label_zh": "试驾", "label_en": "Test drive"}, by=by)
    tree.save_category(None, "sales", {"label_zh": "整车销售"}, shown={"label_zh": "销售"}, by=by)
    new = tree.add_category(None, "sales", {"label_zh": "金融方案", "label_en": "Loans"}, by=by)
    assert Category.objects.filter(store=None, code="sales").get().label_zh == "整车销售"
    assert new.store_id is None
    assert new.code != own.code
    names = {row.code: row.label_zh for row in settings.categories(store_b.pk)}
    assert (names["sales"], names[new.code]) == ("整车销售", "金融方案")
    assert {row.code: row.label_zh for row in settings.categories(store_a.pk)}["sales"] == "销售"
    assert company.stores_without("category", "sales.gifts") == (1, 2)


def test_the_companys_text_holds_where_a_store_has_none(admin, store_a, store_b):
    by, code = admin.employee, "acknowledge"
    for store_id, words in ((store_a.pk, "本店话术"), (None, "公司话术")):
        seen = wording_texts.mark_of(store_id, code)
        wording_texts.save_text(store_id, code, text_zh=words, text_en="Words", seen=seen, by=by)
    assert [texts.in_force(pk)[code].text_zh for pk in (store_a.pk, store_b.pk)] == ["本店话术", "公司话术"]
    assert company.stores_without("text", code) == (1, 2)


# --- pages ---

PAGES = [
    (NUMBERS, {"repeat_days": "45"}, "numbers"),
    (reverse("complaints:settings_level", args=["L3"]), {"response_minutes": "0:45"}, "level"),
    (reverse("complaints:settings_phrases"), {"asks": "转向"}, "phrases"),
    (reverse("complaints:settings_category", args=["parts"]), {"label_zh": "备件"}, "category"),
    (reverse("complaints:settings_category_add", args=["parts"]), {"label_zh": "改装", "label_en": "Tuning"}, ""),
    (reverse("complaints:settings_text", args=["dispatch"]), {"text_zh": "请处理 {number}"}, "text"),
]


@pytest.mark.parametrize(("url", "typed", "part"), PAGES, ids=[one[2] or "add" for one in PAGES])
def test_every_page_names_the_effect_and_saves(as_, admin, store_a, url, typed, part):
    client = as_(admin)
    TicketSettings.objects.create(store=store_a)
    page = client.get(url + ALL)
    assert page.status_code == 200
    html = page.content.decode()
    assert f"2 家门店中有 {1 if part == 'numbers' else 2} 家没有自己的设置" in html
    assert "恢复默认" not in html
    answer = client.post(url + ALL, form_of(page) | typed)
    assert answer.status_code == 302
    assert answer["Location"].endswith(ALL)
    assert Entry.objects.filter(store_id=None, actor_name="总部管理员").count() == 1
    assert client.get(OVERVIEW + ALL).status_code == 200
    assert client.get(reverse("complaints:recount") + ALL).status_code in (403, 404)


def test_nothing_of_the_company_goes_back_to_itself(as_, admin):
    client, before = as_(admin), settings.phrases(None)
    for url in (url for url, _typed, part in PAGES if part in {"level", "phrases", "text"}):
        assert client.post(url + ALL, {"reset": "1"}).status_code == 404
    assert client.post(reverse("complaints:settings_categories") + ALL, {"reset": "sales"}).status_code == 404
    assert settings.phrases(None) == before
