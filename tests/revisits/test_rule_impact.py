"""The effect of a changed rule, shown before it is saved: it is what the next run then does, and nothing is written."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest
from django.db import transaction
from django.urls import reverse

from crm_site.audit.models import Entry
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from customers.models import JobType
from revisits import actions
from revisits.generator import generate
from revisits.generator.dry import TO_CALL, Dry, Made, Skipped
from revisits.models import Revisit, RevisitRule, RuleVersion
from revisits.queries import impact
from revisits.queries.impact import Difference
from revisits.rules import conditions
from revisits.rules.conditions import Subject
from tests.factories import CustomerFactory, DeliveryFactory, PhoneFactory, RepairOrderFactory, VehicleFactory

WED, THU = date(2026, 9, 16), date(2026, 9, 17)

# ---- terms -----------------------------------------------------------------------------------------------------------

SUITS = [  # conditions, fact -> whether the rule is for it
    ({}, Subject(job_type="general", series="L7", power="ev"), True),
    ({"power": ["ev"]}, Subject(power="ev"), True),
    ({"power": ["ev"]}, Subject(power="fuel"), False),
    ({"power": ["ev"]}, Subject(power=""), False),
    ({"power": ["ev"]}, Subject(power=None), True),
    ({"series": ["星途 L7"]}, Subject(series=" 星途 l7"), True),
    ({"job_types": ["general"], "power": ["ev"]}, Subject(job_type="general", power="fuel"), False),
    ({"job_types": []}, Subject(job_type="body"), True),
    ({"sale_types": ["retail"]}, Subject(sale_type="fleet"), False),
]


@pytest.mark.parametrize(("terms", "fact", "is_for"), SUITS)
def test_a_rule_is_for_the_facts_of_its_conditions(terms, fact, is_for):
    assert conditions.suits(terms, fact) is is_for


FITTING = {"offset_days": 3, "anchor": "order", "capacity": "always", "capacity_number": 0, "conditions": {}}
PROBLEMS = [
    ({}, None),
    ({"offset_days": -3}, ("offset_days", "reminder")),
    ({"offset_days": -3, "anchor": "insurance"}, None),
    ({"capacity": "draw"}, ("capacity_number", "number")),
    ({"capacity": "draw", "capacity_number": 15}, None),
    ({"capacity": "quota", "capacity_number": 101}, ("capacity_number", "percent")),
    ({"capacity": "quota", "capacity_number": 10, "conditions": {"always": True}}, ("capacity", "always")),
]


@pytest.mark.parametrize(("changed", "problem"), PROBLEMS)
def test_terms_have_to_fit_together(changed, problem):
    assert conditions.problem(FITTING | changed) == (conditions.Problem(*problem) if problem else None)


# ---- saving ----------------------------------------------------------------------------------------------------------


def latest(store, code):
    rows = RevisitRule.objects.for_store(store.pk).filter(code=code)
    rule = max(rows, key=lambda row: row.store_id is not None)
    return rule.versions.order_by("-effective_from", "-number")[0]


def change(person, code, today=WED, start=None, **values):
    return actions.change_rule(
        person.store.pk, code, values, shown=latest(person.store, code).pk, by=person.employee, today=today, start=start
    )


def test_a_version_holds_from_a_chosen_day(admin_a):
    made = change(admin_a, "DLV_D3", start=WED + timedelta(days=10), tries=2)
    assert made.effective_from == WED + timedelta(days=10)
    before = made.rule.versions.get(number=1)
    assert before.effective_until == WED + timedelta(days=9)


@pytest.mark.parametrize("start", [WED, WED - timedelta(days=1), WED + timedelta(days=367)])
def test_a_version_begins_ahead(admin_a, start):
    with pytest.raises(RuleBroken) as refused:
        change(admin_a, "DLV_D3", start=start, tries=2)
    assert (refused.value.code, refused.value.field) == ("start", "starts_on")


def test_an_earlier_day_replaces_what_was_planned_for_later(admin_a):
    change(admin_a, "DLV_D3", start=WED + timedelta(days=20), tries=2)
    change(admin_a, "DLV_D3", start=WED + timedelta(days=10), tries=4)
    versions = RuleVersion.objects.filter(rule__store=admin_a.store, rule__code="DLV_D3").order_by("number")
    spans = list(versions.values_list("effective_from", "effective_until", "tries"))
    assert spans[1:] == [(WED + timedelta(days=10), None, 4)]
    assert spans[0][1:] == (WED + timedelta(days=9), 3)


def test_a_day_after_a_planned_version_ends_it(admin_a):
    change(admin_a, "DLV_D3", start=WED + timedelta(days=10), tries=2)
    change(admin_a, "DLV_D3", start=WED + timedelta(days=20), tries=4)
    versions = RuleVersion.objects.filter(rule__store=admin_a.store, rule__code="DLV_D3").order_by("number")
    assert list(versions.values_list("effective_until", flat=True)) == [
        WED + timedelta(days=9), WED + timedelta(days=19), None,
    ]  # fmt: skip


# ---- the effect ------------------------------------------------------------------------------------------------------


@pytest.fixture
def facts(store_a):
    """Deliveries and visits around the day, of petrol and electric cars."""
    for ago in range(1, 9):
        for power in ("fuel", "ev"):
            customer = CustomerFactory(store=store_a)
            PhoneFactory(customer=customer)
            car = VehicleFactory(store=store_a, power=power)
            DeliveryFactory(store=store_a, customer=customer, vehicle=car, delivered_on=THU - timedelta(days=ago))
            job = JobType.BODY if ago % 2 else JobType.GENERAL
            RepairOrderFactory(
                store=store_a, customer=customer, vehicle=VehicleFactory(store=store_a, power=power), job_type=job,
                released_on=THU - timedelta(days=ago),
            )  # fmt: skip
    return store_a


def run(store, day, change=None) -> set[tuple[str, str]]:
    """The calls that a run really makes, with or without a change before it; taken back afterwards."""
    with transaction.atomic():
        if change:
            change()
        generate(store.pk, day)
        rows = Revisit.objects.filter(store=store, state__in=TO_CALL)
        made = set(rows.values_list("rule__code", "anchor_key"))
        transaction.set_rollback(True)
    return made


CHANGES = [
    ("DLV_D3", {"offset_days": 2}),
    ("DLV_D3", {"is_on": False}),
    ("DLV_D7", {"is_on": True}),
    ("SVC_D3", {"conditions": {"scored": True, "job_types": ["general"]}}),
    ("SVC_D3", {"conditions": {"scored": True, "power": ["ev"]}, "offset_days": 1}),
]


@pytest.mark.parametrize(("code", "values"), CHANGES)
def test_the_numbers_are_what_the_next_run_then_does(facts, admin_a, code, values):
    def after():
        change(admin_a, code, **values)

    next_run, _ahead = impact.effects(facts.pk, THU, after)
    without, changed = run(facts, THU), run(facts, THU, after)
    assert {(one.rule, one.anchor_key) for one in next_run.differences if one.is_more} == changed - without
    assert {(one.rule, one.anchor_key) for one in next_run.differences if not one.is_more} == without - changed
    assert (next_run.more, next_run.fewer) == (len(changed - without), len(without - changed))
    assert next_run.differences


def test_the_days_ahead_are_looked_at_too(facts, admin_a):
    _next_run, ahead = impact.effects(facts.pk, THU, lambda: change(admin_a, "DLV_D3", is_on=False))
    assert ahead.until == THU + timedelta(days=6)
    assert ahead.fewer > _next_run.fewer


def test_looking_writes_nothing(facts, admin_a):
    before = (Revisit.objects.count(), RuleVersion.objects.count(), Entry.objects.count())
    impact.effects(facts.pk, THU, lambda: change(admin_a, "DLV_D3", offset_days=2))
    assert (Revisit.objects.count(), RuleVersion.objects.count(), Entry.objects.count()) == before


def test_a_change_that_is_refused_is_refused_at_looking_too(facts, admin_a):
    with pytest.raises(RuleBroken):
        impact.effects(facts.pk, THU, lambda: change(admin_a, "DLV_D3", tries=3))


def made(key, state="due", reason=""):
    return Made("DLV_D3", key, THU, state, reason, "")


def test_why_a_call_comes_or_goes_is_told():
    before = Dry((made("a"), made("b"), made("c"), made("d", "excused", "refuses_calls")), ())
    after = Dry((made("b"), made("d"), made("e")), (Skipped("DLV_D3", "c", "not_covered"),))
    assert impact.differences(before, after) == [
        Difference("DLV_D3", "d", True, "refuses_calls"),
        Difference("DLV_D3", "e", True, ""),
        Difference("DLV_D3", "a", False, ""),
        Difference("DLV_D3", "c", False, "not_covered"),
    ]


def test_calls_are_named_by_their_customers(facts, store_b):
    delivery = facts.deliveries.first()
    keys = [
        f"delivery:{delivery.pk}",
        f"customer:{delivery.customer_id}:birthday:2026",
        f"vehicle:{delivery.vehicle_id}:first_service",
    ]
    found = impact.whose(facts.pk, keys)
    assert found[keys[0]].name == found[keys[1]].name == delivery.customer.name
    assert found[keys[0]].plate == found[keys[2]].plate == delivery.vehicle.plate_no
    assert impact.whose(store_b.pk, keys) == {}


# ---- the page --------------------------------------------------------------------------------------------------------


def _form(version, **changes):
    values = {
        "is_on": "on" if version.is_on else "", "offset_days": version.offset_days,
        "window_after": version.window_after, "tries": version.tries, "owner_role": version.owner_role,
        "whom": "bringer_driver", "questionnaire": version.questionnaire_id or "", "script": version.script_id or "",
        "shown": version.pk, "capacity": version.capacity, "capacity_number": version.capacity_number,
    }  # fmt: skip
    values |= {name: value for name, value in version.conditions.items() if name == "full_form_percent"}
    return values | changes


def page(store):
    return reverse("revisits:rule", args=["SVC_D3"]) + f"?store={store.pk}"


def test_the_effect_is_shown_before_it_is_saved(as_, admin_a):
    version, client = latest(admin_a.store, "SVC_D3"), as_(admin_a)
    shown = client.post(page(admin_a.store), _form(version, job_types=["general"], go="look"))
    assert "保存后的影响" in shown.content.decode()
    assert not RevisitRule.objects.filter(store=admin_a.store).exists()
    looked = shown.context["looked"]
    other = client.post(page(admin_a.store), _form(version, job_types=["body"], go="save", looked=looked))
    assert other.status_code == 200
    assert not RevisitRule.objects.filter(store=admin_a.store).exists()
    saved = client.post(page(admin_a.store), _form(version, job_types=["general"], go="save", looked=looked))
    assert saved.status_code == 302
    assert latest(admin_a.store, "SVC_D3").conditions == version.conditions | {"job_types": ["general"]}


def test_it_can_be_saved_without_looking(as_, admin_a):
    version = latest(admin_a.store, "SVC_D3")
    start = clock.today() + timedelta(days=5)
    posted = _form(version, go="blind", full_form_percent=20, starts_on=f"{start:%Y-%m-%d}")
    assert as_(admin_a).post(page(admin_a.store), posted).status_code == 302
    made = latest(admin_a.store, "SVC_D3")
    assert (made.conditions["full_form_percent"], made.effective_from) == (20, start)


REFUSALS = [
    ({"series": "没有这种车"}, "档案里没有"),
    ({"capacity": "draw", "capacity_number": 0}, "请填写数量"),
    ({"offset_days": -3}, ""),
    ({"starts_on": "2020-01-01"}, "请选择明天起"),
]


@pytest.mark.parametrize(("changes", "words"), REFUSALS)
def test_what_does_not_fit_is_told_and_nothing_is_saved(as_, admin_a, changes, words):
    version = latest(admin_a.store, "SVC_D3")
    answer = as_(admin_a).post(page(admin_a.store), _form(version, **changes, tries=2, go="look"))
    assert answer.status_code == 200
    assert words in answer.content.decode()
    assert answer.context["form"].errors
    assert not RevisitRule.objects.filter(store=admin_a.store).exists()


def test_a_reminder_is_told_by_the_days_before_its_date(as_, manager_a):
    html = as_(manager_a).get(reverse("revisits:rules")).content.decode()
    assert "提前 15 天" in html


def test_every_rule_has_its_page(as_, manager_a):
    for code in RevisitRule.objects.filter(store=None).values_list("code", flat=True):
        answer = as_(manager_a).get(reverse("revisits:rule", args=[code]))
        assert answer.status_code == 200
        form = answer.context["form"]
        assert form.initial["whom"]
        assert SimpleNamespace(**form.initial).shown == form.version.pk
