"""What an admin or manager sets for a store: over the company's, audited, noticed when outdated, and taken back."""

from decimal import Decimal

import pytest
from django.urls import reverse

from complaints import settings
from complaints.actions import tree, tuning
from complaints.models import Category, Escalation, Level, Phrase, TicketSettings
from complaints.rules import levels
from complaints.rules.escalation import Stage
from crm_site.audit.models import Entry
from crm_site.core.errors import RuleBroken
from tests.complaints.story import open_ticket

LIMITS = {
    "clock": "store", "response_minutes": 60, "proposal_minutes": 1440, "closing_minutes": 2880,
    "closing_working_days": None,
}  # fmt: skip


def test_a_store_without_a_row_has_the_defaults(store_a):
    row = settings.of(store_a.pk)
    assert (row.pk, row.compensation_limit, row.repeat_days, row.web_limits) == (None, 500, 90, False)
    assert settings.phrases(store_a.pk) == levels.DEFAULT
    assert [one.code for one in settings.levels(store_a.pk)] == ["L1", "L2", "L3", "L4"]
    assert settings.stages(store_a.pk)["L2"] == (Stage(50, "head"), Stage(100, "manager"))


def test_numbers_are_kept_with_their_change(manager_a):
    tuning.save_numbers(manager_a.store.pk, {"compensation_limit": Decimal(800)}, version=1, by=manager_a.employee)
    row = settings.of(manager_a.store.pk)
    assert (row.compensation_limit, row.repeat_days, row.version) == (800, 90, 2)
    assert Entry.objects.get(action="ticket_settings.numbers").detail["compensation_limit"][1] == "800"


def test_an_outdated_form_of_numbers_overwrites_nothing(manager_a):
    store_id, by = manager_a.store.pk, manager_a.employee
    tuning.save_numbers(store_id, {"repeat_days": 60}, version=1, by=by)
    tuning.save_numbers(store_id, {"repeat_days": 60}, version=1, by=by)  # one's own second click
    with pytest.raises(RuleBroken) as refused:
        tuning.save_numbers(store_id, {"repeat_days": 30}, version=1, by=by)
    assert (refused.value.code, settings.of(store_id).repeat_days) == ("stale", 60)


def test_a_level_of_the_store_counts_for_new_tickets_alone(specialist_a, manager_a, specialist_b):
    before = open_ticket(specialist_a)
    seen = tuning.mark_of_level(manager_a.store.pk, "L2")
    stages = [Stage(80, "manager")]
    tuning.save_level(manager_a.store.pk, "L2", LIMITS, stages, seen=seen, by=manager_a.employee)
    after, elsewhere = open_ticket(specialist_a), open_ticket(specialist_b)
    assert before.response_due_at - after.response_due_at == elsewhere.response_due_at - after.response_due_at
    assert before.response_due_at > after.response_due_at
    assert settings.stages(manager_a.store.pk)["L2"] == (Stage(80, "manager"),)
    assert settings.stages(specialist_b.store.pk)["L2"] != (Stage(80, "manager"),)


def test_back_to_the_default_leaves_the_companys_limits_even_where_tickets_point_to_the_row(specialist_a, manager_a):
    store_id, by = manager_a.store.pk, manager_a.employee
    tuning.save_level(store_id, "L2", LIMITS, [], seen=tuning.mark_of_level(store_id, "L2"), by=by)
    assert settings.stages(store_id)["L2"] == ()
    ticket = open_ticket(specialist_a)
    tuning.reset_level(store_id, "L2", by=by)
    assert settings.level(store_id, "L2").response_minutes == 120
    assert settings.stages(store_id)["L2"] == (Stage(50, "head"), Stage(100, "manager"))
    assert ticket.clock.get().limits["response_minutes"] == 60


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"response_minutes": 0}, "response_minutes"),
        ({"proposal_minutes": 30}, "proposal_minutes"),
        ({"closing_minutes": None}, "closing_minutes"),
        ({"closing_working_days": 7}, "closing_minutes"),
        ({"closing_minutes": 60 * 24 * 61}, "response_minutes"),
    ],
)
def test_limits_that_cannot_be_meant_are_refused(manager_a, change, field):
    seen = tuning.mark_of_level(manager_a.store.pk, "L2")
    with pytest.raises(RuleBroken) as refused:
        tuning.save_level(manager_a.store.pk, "L2", LIMITS | change, [], seen=seen, by=manager_a.employee)
    assert refused.value.field == field
    assert not Level.objects.filter(store=manager_a.store).exists()


def test_phrases_of_a_store_are_kept_as_what_differs(manager_a, specialist_a):
    store_id, by = manager_a.store.pk, manager_a.employee
    wanted = levels.Phrases(("起火", "漏油"), ("退车",), ("刹车", "轮胎"))
    tuning.save_phrases(store_id, wanted, seen=tuning.mark_of_phrases(store_id), by=by)
    assert {key: set(value) for key, value in settings.phrases(store_id)._asdict().items()} == {
        key: set(value) for key, value in wanted._asdict().items()
    }
    own = Phrase.objects.filter(store_id=store_id)
    assert set(own.filter(is_active=True).values_list("text", flat=True)) == {"漏油", "轮胎"}
    assert open_ticket(specialist_a, words="发动机漏油").level.code == "L4"
    assert open_ticket(specialist_a, words="车里冒烟").level.code == "L2"
    tuning.reset_phrases(store_id, by=by)
    assert settings.phrases(store_id) == levels.DEFAULT


def test_a_phrase_stands_in_one_list(manager_a):
    store_id = manager_a.store.pk
    wanted = levels.Phrases(("起火",), ("起火",), ())
    with pytest.raises(RuleBroken) as refused:
        tuning.save_phrases(store_id, wanted, seen=tuning.mark_of_phrases(store_id), by=manager_a.employee)
    assert refused.value.field == "serious"
    assert not Phrase.objects.filter(store_id=store_id).exists()


def test_a_renamed_branch_is_the_stores_and_repeats_are_found_across_it(manager_a, specialist_a):
    store_id, by = manager_a.store.pk, manager_a.employee
    company = Category.objects.get(store=None, code="service.waiting")
    from tests.factories import CustomerFactory

    customer = CustomerFactory(store=manager_a.store)
    first = open_ticket(specialist_a, category=company, customer=customer)
    tree.save_category(store_id, "service", {"label_zh": "接待服务"}, shown={}, by=by)
    rows = {row.code: row for row in settings.categories(store_id)}
    assert (rows["service"].label_zh, rows["service.waiting"].store_id) == ("接待服务", store_id)
    assert rows["service.waiting"].parent == rows["service"]
    assert len(rows) == Category.objects.filter(store=None).count()
    second = open_ticket(specialist_a, category=rows["service.waiting"], customer=customer)
    assert second.repeat_of == first
    assert (second.level.code, second.proposed_level, second.proposed_because) == ("L2", "L3", "second_time")


def test_a_category_is_added_retired_and_the_branch_put_back(manager_a, specialist_a):
    store_id, by = manager_a.store.pk, manager_a.employee
    values = {"label_zh": "洗车", "label_en": "Car wash", "department": "service", "proposed_liable": "department"}
    made = tree.add_category(store_id, "service", values, by=by)
    with pytest.raises(RuleBroken):
        tree.add_category(store_id, "service", values, by=by)
    for code, name in (
        ("service.waiting", "洗车"),
        ("service", Category.objects.get(store=None, code="sales").label_zh),
    ):
        with pytest.raises(RuleBroken) as twice:
            tree.save_category(store_id, code, {"label_zh": name}, shown={}, by=by)
        assert (twice.value.code, twice.value.field) == ("twice", "label_zh")
    assert made.code in {row.code for row in settings.categories(store_id)}
    ticket = open_ticket(specialist_a, category=made)
    tree.save_category(store_id, "service.waiting", {"is_active": False}, shown={"is_active": True}, by=by)
    assert "service.waiting" not in {row.code for row in settings.categories(store_id)}
    tree.reset_branch(store_id, "service", by=by)
    codes = {row.code for row in settings.categories(store_id)}
    assert "service.waiting" in codes
    assert made.code not in codes
    ticket.refresh_from_db()
    assert ticket.category.label_zh == "洗车"


def test_a_second_editor_of_a_category_overwrites_nothing(manager_a):
    store_id, by = manager_a.store.pk, manager_a.employee
    tree.save_category(store_id, "parts", {"label_zh": "零件"}, shown={"label_zh": "配件"}, by=by)
    with pytest.raises(RuleBroken) as refused:
        tree.save_category(store_id, "parts", {"label_zh": "备件"}, shown={"label_zh": "配件"}, by=by)
    assert refused.value.code == "stale"
    tree.save_category(store_id, "parts", {"department": "service"}, shown={"department": "parts"}, by=by)
    row = next(one for one in settings.categories(store_id) if one.code == "parts")
    assert (row.label_zh, row.department) == ("零件", "service")


# --- pages ---


def form_of(page) -> dict:
    """What a browser would send back of a page's form."""
    form = page.context["form"]
    return {name: value if (value := form[name].value()) is not None else "" for name in form.fields} | {
        name: form.get_initial_for_field(field, name) for name, field in form.fields.items() if name in {"shown"}
    }


@pytest.mark.django_db
@pytest.mark.parametrize("person", ["manager_a", "admin_a"])
def test_every_page_opens_and_saves(person, request, as_):
    who = request.getfixturevalue(person)
    client = as_(who)
    assert client.get(reverse("complaints:settings")).status_code == 200
    url = reverse("complaints:settings_level", args=["L2"])
    sent = form_of(client.get(url)) | {"response_minutes": "0:45", "percent_2": "150", "role_2": "director"}
    assert client.post(url, sent).status_code == 302
    assert settings.level(who.store.pk, "L2").response_minutes == 45
    assert Stage(150, "director") in settings.stages(who.store.pk)["L2"]
    url = reverse("complaints:settings_numbers")
    sent = form_of(client.get(url)) | {"web_limits": "on", "compensation_limit": "1000"}
    assert client.post(url, sent).status_code == 302
    row = TicketSettings.objects.get(store=who.store)
    assert (row.web_limits, row.compensation_limit) == (True, 1000)
    url = reverse("complaints:settings_phrases")
    sent = form_of(client.get(url))
    sent["grave"] += "\n漏电"
    assert client.post(url, sent).status_code == 302
    assert "漏电" in settings.phrases(who.store.pk).grave
    url = reverse("complaints:settings_category", args=["sales.gifts"])
    assert client.post(url, form_of(client.get(url)) | {"label_zh": "精品赠送"}).status_code == 302
    assert Category.objects.get(store=who.store, code="sales.gifts").label_zh == "精品赠送"
    url = reverse("complaints:settings_category_add", args=["sales"])
    new = {"label_zh": "试驾", "label_en": "Test drive", "department": "sales"}
    assert client.post(url, form_of(client.get(url)) | new).status_code == 302
    assert client.post(reverse("complaints:settings_categories"), {"reset": "sales"}).status_code == 302
    assert not Category.objects.filter(store=who.store).exists()
    assert client.post(reverse("complaints:settings_level", args=["L2"]), {"reset": "1"}).status_code == 302
    assert not Escalation.objects.filter(store=who.store).exists()


def test_an_outdated_form_comes_back_with_what_was_typed(manager_a, as_):
    client, url = as_(manager_a), reverse("complaints:settings_level", args=["L2"])
    sent = form_of(client.get(url)) | {"response_minutes": "1"}
    other = tuning.mark_of_level(manager_a.store.pk, "L2")
    tuning.save_level(
        manager_a.store.pk, "L2", LIMITS | {"response_minutes": 90}, [], seen=other, by=manager_a.employee
    )
    page = client.post(url, sent)
    assert page.status_code == 422
    assert page.context["form"]["response_minutes"].value() == "1"
    assert settings.level(manager_a.store.pk, "L2").response_minutes == 90
    again = {name: page.context["form"][name].value() or "" for name in page.context["form"].fields}
    assert client.post(url, again).status_code == 302
    assert settings.level(manager_a.store.pk, "L2").response_minutes == 60


@pytest.mark.parametrize("typed", ["soon", "1:75", "-2", ""])
def test_a_limit_that_is_no_time_is_told_so(manager_a, as_, typed):
    client, url = as_(manager_a), reverse("complaints:settings_level", args=["L2"])
    page = client.post(url, form_of(client.get(url)) | {"response_minutes": typed})
    assert page.status_code == 422
    assert page.context["form"].errors["response_minutes"]


def test_others_set_nothing(specialist_a, head_a, director_a, as_, store_b, manager_a):
    for person in (specialist_a, head_a, director_a):
        assert as_(person).get(reverse("complaints:settings")).status_code == 403
    assert as_(manager_a).get(reverse("complaints:settings"), {"store": store_b.pk}).status_code == 404


def test_the_second_of_two_at_a_category_sees_both_values_and_may_decide(manager_a, admin_a, as_):
    first, second, url = as_(manager_a), as_(admin_a), reverse("complaints:settings_category", args=["parts"])
    mine, theirs = form_of(first.get(url)), form_of(second.get(url))
    del mine["is_active"]
    first.post(url, mine | {"label_zh": "零件", "department": "service"})
    page = second.post(url, theirs | {"label_zh": "备件"})
    assert page.status_code == 422
    assert "零件" in str(page.context["form"].errors["label_zh"])
    again = {name: value for name in page.context["form"].fields if (value := page.context["form"][name].value())}
    assert (again["label_zh"], "is_active" in again) == ("备件", False)
    assert second.post(url, again | {"version": 0}).status_code == 302
    row = Category.objects.get(store=manager_a.store, code="parts")
    assert (row.label_zh, row.department, row.is_active) == ("备件", "service", False)
