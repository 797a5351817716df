"""Targets: the latest one holds, a store's before the company's; reached is judged by what is shown."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from crm_site.audit.models import Entry
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from satisfaction import actions
from satisfaction.models import Target
from satisfaction.queries.targets import target_book
from satisfaction.rules.targets import against
from tests.factories import DAY
from tests.satisfaction.surveys import respond, short_answers

TARGETS, DASHBOARD = reverse("satisfaction:targets"), reverse("satisfaction:dashboard")
SEPTEMBER = date(2026, 9, 1)
pytestmark = pytest.mark.usefixtures("september")


# ---- the rule -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shown", "target", "state"),
    [
        ("89.95", "90", "reached"),  # reads 90.0
        ("89.94", "90", "missed"),
        ("90.04", "90.1", "missed"),
        ("90.05", "90.1", "reached"),
        (None, "90", "too_few"),
    ],
)
def test_reached_is_judged_by_the_value_as_shown(shown, target, state):
    found = against(None if shown is None else Decimal(shown), Decimal(target))
    assert found is not None
    assert found.state == state


def test_without_a_target_nothing_is_judged():
    assert against(Decimal(90), None) is None


def target(store, value, *, since=SEPTEMBER, figure="index", part="") -> Target:
    return Target.objects.create(
        store=store, kind="service", figure=figure, part=part, since=since, value=value, set_at=clock.at(DAY)
    )


@pytest.mark.django_db
def test_the_latest_holds_and_a_stores_goes_before_the_companys(store_a, store_b):
    target(None, 95, since=date(2026, 9, 1))
    target(store_a, 85, since=date(2026, 1, 1))
    target(store_a, 88, since=date(2026, 6, 1))
    target(store_a, 92, since=date(2026, 10, 1))
    target(store_a, 80, part="service_advisor")
    held = target_book([store_a.pk], "service", SEPTEMBER)
    assert held.value("index") == 88
    assert held.value("index", part="service_advisor") == 80
    assert held.value("nps") is None
    assert target_book([store_b.pk], "service", SEPTEMBER).value("index") == 95
    assert target_book([store_a.pk, store_b.pk], "service", SEPTEMBER).value("index") == 95
    assert target_book([store_a.pk], "sales", SEPTEMBER).value("index") is None


# ---- the page -------------------------------------------------------------------------------------------------------


def sent(client, **values):
    page = client.get(TARGETS, {"kind": "service"})
    data = {
        f"{aim.name}@version": page.context["form"][f"{aim.name}@version"].value() for aim in page.context["form"].aims
    }
    return {**data, **values}


@pytest.mark.django_db
def test_a_manager_sets_a_target_and_the_dashboard_judges_by_it(as_, manager_a, store_a):
    client = as_(manager_a)
    answer = client.post(TARGETS + "?kind=service", sent(client, **{"index@": "89.5", "factor:process@": "95"}))
    assert answer.status_code == 302
    rows = {row.figure: row for row in Target.objects.all()}
    assert {code: (row.store, row.value, row.since) for code, row in rows.items()} == {
        "index": (store_a, Decimal("89.5"), SEPTEMBER),
        "factor:process": (store_a, Decimal(95), SEPTEMBER),
    }
    for _one in range(10):
        respond(store_a, answers=short_answers(9))
    shown = client.get(DASHBOARD, {"kind": "service"}).context
    assert shown["score"]["against"].state == "reached"
    assert {row["against"].state for row in shown["factors"] if row["against"]} == {"missed"}
    assert Entry.objects.filter(action="satisfaction_target.changed").count() == 2


@pytest.mark.django_db
def test_the_same_form_twice_changes_nothing_more(as_, manager_a):
    client = as_(manager_a)
    data = sent(client, **{"index@": "90"})
    client.post(TARGETS + "?kind=service", data)
    client.post(TARGETS + "?kind=service", data)
    assert Target.objects.get().version == 1
    assert Entry.objects.filter(action="satisfaction_target.changed").count() == 1


@pytest.mark.django_db
def test_who_saves_an_old_page_is_told_and_overwrites_nothing(as_, manager_a):
    client = as_(manager_a)
    old = sent(client, **{"index@": "91"})
    client.post(TARGETS + "?kind=service", sent(client, **{"index@": "88"}))
    answer = client.post(TARGETS + "?kind=service", old)
    assert answer.status_code == 422
    assert "已有人改过这个目标" in answer.content.decode()
    assert 'value="91"' in answer.content.decode()  # nothing typed is lost
    assert Target.objects.get().value == 88


@pytest.mark.django_db
def test_an_empty_field_takes_the_target_away(as_, manager_a):
    client = as_(manager_a)
    client.post(TARGETS + "?kind=service", sent(client, **{"index@": "90"}))
    client.post(TARGETS + "?kind=service", sent(client, **{"index@": ""}))
    assert not Target.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("typed", ["abc", "101", "-1", "90.123", "NaN"])
def test_a_wrong_number_is_said_at_its_field(as_, manager_a, typed):
    client = as_(manager_a)
    answer = client.post(TARGETS + "?kind=service", sent(client, **{"index@": typed}))
    assert answer.status_code == 422
    assert "index@" in answer.context["form"].errors
    assert not Target.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["head_a", "director_a"])
def test_heads_and_directors_read_targets_and_set_none(as_, request, name):
    client = as_(request.getfixturevalue(name))
    page = client.get(TARGETS, {"kind": "service"})
    assert page.status_code == 200
    assert not page.context["place"].may_set
    assert 'name="index@"' not in page.content.decode()
    assert client.post(TARGETS + "?kind=service", {"index@": "90"}).status_code == 403
    assert not Target.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "status"), [("admin_a", 302), ("manager_a", 404)])
def test_the_companys_targets_are_the_administrators(as_, request, name, status):
    client = as_(request.getfixturevalue(name))
    answer = client.post(TARGETS + "?store=company&kind=service", {"index@": "90", "index@@version": "0"})
    assert answer.status_code == status
    assert Target.objects.filter(store=None).count() == (1 if status == 302 else 0)


@pytest.mark.django_db
def test_an_administrator_finds_the_page_from_the_targets_of_calls_and_the_way_back(as_, admin_a):
    client = as_(admin_a)
    assert f'href="{TARGETS}"' in client.get(reverse("revisits:targets")).content.decode()
    assert client.get(client.get(TARGETS).context["back"]).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query", ["store=0", "kind=nope", "kind=unscored", "month=2026-08", "month=2028-01", "month=x"]
)
def test_an_unknown_place_is_404(as_, manager_a, store_b, query):
    assert as_(manager_a).get(f"{TARGETS}?{query}").status_code == 404
    assert as_(manager_a).get(f"{TARGETS}?store={store_b.pk}").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"since": date(2026, 8, 1)}, "past"), ({"since": date(2026, 9, 2)}, "since"), ({"figure": "low"}, "figure"),
        ({"figure": "factor:nope"}, "figure"), ({"value": Decimal(101)}, "range"), ({"kind": "unscored"}, "kind"),
        ({"figure": "nps", "part": "service_advisor"}, "part"), ({"part": "boss"}, "part"),
    ],
)  # fmt: skip
def test_the_action_refuses_what_cannot_be_a_target(manager_a, store_a, changes, code):
    asked = {"kind": "service", "figure": "index", "part": "", "since": SEPTEMBER, "value": Decimal(90), **changes}
    with pytest.raises(RuleBroken) as refused:
        actions.set_target(store_a, **asked, by=manager_a.employee, at=clock.at(DAY), today=DAY)
    assert refused.value.code == code
    assert not Target.objects.exists()
