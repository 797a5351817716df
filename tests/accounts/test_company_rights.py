"""What holds for every store is set by an admin of every store: in pages, posts and forms."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from crm_site.accounts.models import Role
from crm_site.worktime.models import CalendarDay
from satisfaction import workbooks
from satisfaction.models import Questionnaire, QuestionnaireVersion
from satisfaction.queries import current_version
from tests.cast import make_person
from tests.factories import DAY, EmployeeFactory, MembershipFactory
from tests.fingerprint import unchanged

pytestmark = pytest.mark.django_db

NEW = {"code": "HOUSE", "kind": "service", "label_zh": "总部问卷", "label_en": "House", "store": ""}
LIST = {"lines": "2027-01-01 休 元旦 New Year"}
AIM = {"index@": "9", "index@@version": "0"}
DAYS = {"first": "2027-05-04", "last": "2027-05-04", "kind": "holiday"}


@pytest.fixture
def of_all(store_a, store_b):
    """An admin of both stores."""
    person = make_person(store_a, Role.ADMIN, "总部管理员")
    MembershipFactory(user=person.user, store=store_b, role=Role.ADMIN)
    EmployeeFactory(store=store_b, user=person.user, name="总部管理员")
    return person


def pages(store):
    """(method, address, fields) of everything that would change what holds for every store."""
    tree = current_version("CSI", store.pk)
    holiday = CalendarDay.objects.create(store=None, day=DAY, kind="holiday", name_zh="中秋")
    of_tree = [("post", "tree_copy"), ("post", "tree_shorten"), *(("get", one) for one in ("tree_end", "tree_publish"))]
    return [
        *((method, reverse(f"satisfaction:{name}", args=[tree.pk]), {}) for method, name in of_tree),
        ("post", reverse("satisfaction:tree_end", args=[tree.pk]), {}),
        ("post", reverse("satisfaction:tree_new"), NEW),
        (
            "post",
            f"{reverse('satisfaction:targets')}?store=company&kind=service",
            {"index@": "9", "index@@version": "0"},
        ),
        ("post", f"{reverse('revisits:targets')}?store=company", {"called": "97", "called@shown": "100"}),
        (
            "post",
            reverse("worktime:add_company_days"),
            {"first": "2027-05-04", "last": "2027-05-04", "kind": "holiday"},
        ),
        ("post", reverse("worktime:enter_list", args=[2027]), LIST),
        ("post", reverse("worktime:load_list", args=[2026]), {}),
        ("post", reverse("worktime:change_day", args=[holiday.pk]), {"kind": "makeup"}),
        ("post", reverse("worktime:remove_days"), {"day": holiday.pk}),
    ]


def test_an_admin_of_one_store_changes_nothing_that_holds_for_all(store_a, store_b, admin_a, as_):
    client, asked = as_(admin_a), pages(store_a)
    with unchanged("an admin of one store"):
        for method, url, fields in asked:
            answer = getattr(client, method)(url, fields)
            assert answer.status_code in (403, 404, 422), (url, answer.status_code)


def test_an_admin_of_every_store_is_let_in(store_a, store_b, of_all, as_):
    client = as_(of_all)
    for method, url, fields in pages(store_a):
        assert getattr(client, method)(url, fields).status_code not in (403, 404), url


def test_forms_offer_the_company_to_nobody_else(store_a, store_b, admin_a, of_all, as_):
    def offered(person):
        client = as_(person)
        new = client.get(reverse("satisfaction:tree_new")).context["form"].fields["store"]
        brought = client.get(reverse("satisfaction:tree_import")).context["form"].fields["questionnaire"].queryset
        return new.required, brought.filter(store=None).exists()

    assert offered(admin_a) == (True, False)
    assert offered(of_all) == (False, True)


def test_no_workbook_of_one_stores_admin_becomes_the_companys(store_a, store_b, admin_a, as_):
    company = Questionnaire.objects.get(store=None, code="CSI_SHORT")
    sheet = SimpleUploadedFile("问卷.xlsx", workbooks.write(current_version("CSI_SHORT", store_a.pk)))
    fields = {"questionnaire": company.pk, "workbook": sheet}
    assert as_(admin_a).post(reverse("satisfaction:tree_import"), fields).status_code == 422
    assert QuestionnaireVersion.objects.filter(questionnaire=company).count() == 1


def test_pages_show_no_button_that_would_be_refused(store_a, store_b, admin_a, of_all, as_):
    tree = current_version("CSI", store_a.pk)
    page = reverse("satisfaction:tree", args=[tree.pk])
    assert not as_(admin_a).get(page).context["may_design"]
    assert as_(of_all).get(page).context["may_design"]
    groups = as_(admin_a).get(reverse("satisfaction:trees")).context["groups"]
    assert not any(one["may_design"] for one in groups if one["questionnaire"].store_id is None)
    calendar = reverse("worktime:calendar")
    assert not as_(admin_a).get(calendar).context["may_edit_company"]
    assert as_(of_all).get(calendar).context["may_edit_company"]
