"""Targets: installed, set by store, role and month, the most particular one holds; reached or not in words."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse_lazy

from crm_site.audit.models import Entry
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from revisits.actions.targets import set_targets
from revisits.defaults import install
from revisits.models import Target
from revisits.queries.targets import targets_for
from revisits.rules.targets import Place, effective, is_met
from tests.factories import DAY

JULY, AUGUST, SEPTEMBER = date(2026, 7, 1), date(2026, 8, 1), date(2026, 9, 1)
URL = reverse_lazy("revisits:targets")


@pytest.fixture(autouse=True)
def _in_september(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: clock.at(DAY, 12))


@dataclass
class Set:
    store_id: int | None
    role: str
    month: date | None
    value: Decimal
    indicator: str = "called"
    since: date | None = None
    until: date | None = None


ROWS = [
    Set(None, "", None, Decimal(1)),
    Set(None, "specialist", None, Decimal(2)),
    Set(None, "", AUGUST, Decimal(3)),
    Set(None, "specialist", AUGUST, Decimal(4)),
    Set(1, "", None, Decimal(5)),
    Set(1, "specialist", None, Decimal(6)),
    Set(1, "", AUGUST, Decimal(7)),
    Set(1, "specialist", AUGUST, Decimal(8)),
]


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (Place(2, "", SEPTEMBER), 1),
        (Place(2, "specialist", SEPTEMBER), 2),
        (Place(2, "", AUGUST), 3),
        (Place(2, "specialist", AUGUST), 4),
        (Place(1, "", SEPTEMBER), 5),
        (Place(1, "specialist", SEPTEMBER), 6),
        (Place(1, "", AUGUST), 7),
        (Place(1, "specialist", AUGUST), 8),
        (Place(1, "frontline", AUGUST), 7),
    ],
)
def test_the_most_particular_target_holds(place, value):
    assert effective(ROWS, place)["called"].value == value
    assert effective(reversed(ROWS), place)["called"].value == value


@pytest.mark.parametrize(("month", "value"), [(JULY, 1), (AUGUST, 1), (SEPTEMBER, 2), (date(2027, 9, 1), 2)])
def test_a_target_of_every_month_holds_from_its_first_month_to_its_last(month, value):
    rows = [Set(1, "", None, Decimal(1), until=AUGUST), Set(1, "", None, Decimal(2), since=SEPTEMBER)]
    assert effective(rows, Place(1, "", month))["called"].value == value


@pytest.mark.parametrize(
    ("share", "percent", "better", "met"),
    [
        ("0.95", 95, "more", True),
        ("0.9499", 95, "more", False),
        ("0.2", 20, "less", True),
        ("0.21", 20, "less", False),
        ("0.5", None, "more", None),
        (None, 95, "more", None),
        ("0.5", 95, "", None),
    ],
)
def test_a_target_is_met_on_its_good_side(share, percent, better, met):
    found = is_met(share and Decimal(share), None if percent is None else Decimal(percent), better)
    assert found is met


@pytest.mark.django_db
def test_the_targets_of_the_trade_are_installed(store_a):
    found = {code: row.value for code, row in targets_for([store_a.pk], "", AUGUST).items()}
    wanted = {"called": 100, "prompt": 95, "success": 70, "valid": 95, "numbers": 95, "complete": 90, "accepted": 100,
              "churned": 20, "coverage": 100}  # fmt: skip
    assert found == wanted


def put(
    person, code: str, value: int | None, *, shown: int | None = None, month: date | None = None, today: date = DAY
) -> int:
    """Set one target of everybody's calls in the person's store, from a page that showed `shown`."""
    was, sent = (None if one is None else Decimal(one) for one in (shown, value))
    return set_targets(person.store, "", month, {code: (was, sent)}, by=person.employee, today=today)


@pytest.mark.django_db
def test_stores_that_differ_show_the_companys(store_a, store_b, manager_a):
    put(manager_a, "called", 90)
    assert targets_for([store_a.pk], "", SEPTEMBER)["called"].value == 90
    assert targets_for([store_a.pk, store_b.pk], "", SEPTEMBER)["called"].value == 100


@pytest.mark.django_db
def test_setting_is_logged_and_taking_away_falls_back(store_a, manager_a):
    assert put(manager_a, "called", 90, month=SEPTEMBER) == 1
    assert put(manager_a, "called", 90, month=SEPTEMBER) == 0
    assert put(manager_a, "called", None, shown=90, month=SEPTEMBER) == 1
    assert targets_for([store_a.pk], "", SEPTEMBER)["called"].value == 100
    entries = Entry.objects.filter(action="target.changed").order_by("pk")
    assert [entry.detail["value"] for entry in entries] == [[None, "90"], ["90.00", None]]


@pytest.mark.django_db
@pytest.mark.parametrize(("code", "value"), [("connected", 50), ("nonsense", 50), ("called", 101), ("called", -1)])
def test_what_is_watched_or_no_share_is_refused(code, value, manager_a):
    with pytest.raises(RuleBroken):
        put(manager_a, code, value)


@pytest.mark.django_db
def test_a_month_that_is_over_keeps_its_targets(as_, manager_a):
    with pytest.raises(RuleBroken) as refused:
        put(manager_a, "called", 50, month=AUGUST)
    assert refused.value.code == "past"
    for month in ("2026-08", "1900-01", "2027-09"):
        assert as_(manager_a).get(URL, {"month": month}).status_code == 404
    assert as_(manager_a).get(URL, {"month": "2026-09"}).status_code == 200


@pytest.mark.django_db
def test_every_month_is_every_one_from_the_running_one_on(store_a, manager_a):
    def held(*months: date) -> list[int]:
        return [int(targets_for([store_a.pk], "", month)["called"].value) for month in months]

    october, later = date(2026, 10, 1), date(2026, 10, 20)
    put(manager_a, "called", 90)
    assert held(AUGUST, SEPTEMBER, october) == [100, 90, 90]
    put(manager_a, "called", 91, shown=90)  # within the month it is mended
    assert held(AUGUST, SEPTEMBER, october) == [100, 91, 91]
    put(manager_a, "called", 95, shown=91, today=later)
    assert held(AUGUST, SEPTEMBER, october) == [100, 91, 95]
    put(manager_a, "called", None, shown=95, today=later)
    assert held(AUGUST, SEPTEMBER, october) == [100, 91, 100]


@pytest.mark.django_db
def test_what_was_taken_away_held_until_then_and_is_not_installed_again(store_a, admin_a):
    set_targets(None, "", None, {"called": (Decimal(100), None)}, by=admin_a.employee, today=DAY)
    assert "called" not in targets_for([store_a.pk], "", SEPTEMBER)
    install()
    assert "called" not in targets_for([store_a.pk], "", SEPTEMBER)
    assert targets_for([store_a.pk], "", AUGUST)["called"].value == 100


# ---- the page -------------------------------------------------------------------------------------------------------


def sent(client, query: str = "", **values: str) -> dict[str, str]:
    """What the form sends: every field as the page shows it, but for `values`."""
    form = client.get(f"{URL}{query}").context["form"]
    return {name: form[name].value() or "" for name in form.fields} | values


@pytest.mark.django_db
def test_a_manager_sets_them_on_the_page(as_, manager_a):
    client = as_(manager_a)
    assert client.post(URL, sent(client, called="98.5")).status_code == 302
    assert Target.objects.get(store=manager_a.store).value == Decimal("98.5")
    page = client.post(URL, sent(client, called="abc", prompt="90"))
    assert page.status_code == 422
    assert 'value="abc"' in page.content.decode()  # nothing typed is lost


@pytest.mark.django_db
def test_who_sets_one_target_leaves_what_others_set_meanwhile(as_, manager_a):
    client = as_(manager_a)
    put(manager_a, "prompt", 90)
    old = sent(client, called="98")
    put(manager_a, "success", 80)
    put(manager_a, "prompt", 92, shown=90)
    assert client.post(URL, old).status_code == 302
    rows = Target.objects.filter(store=manager_a.store).values_list("indicator", "value")
    assert dict(rows) == {"called": 98, "success": 80, "prompt": 92}


@pytest.mark.django_db
def test_who_sets_what_another_has_set_meanwhile_is_told(as_, manager_a):
    client = as_(manager_a)
    put(manager_a, "called", 90)
    old = sent(client, called="", success="70")
    put(manager_a, "called", 95, shown=90)
    answer = client.post(URL, old)
    assert answer.status_code == 422
    assert "已有人改过这个目标" in answer.content.decode()
    assert Target.objects.get(store=manager_a.store).value == 95


@pytest.mark.django_db
def test_a_round_target_is_shown_as_people_write_it(as_, manager_a):
    put(manager_a, "called", 90)
    content = as_(manager_a).get(URL).content.decode()
    assert 'value="90"' in content
    assert "E+1" not in content


@pytest.mark.django_db
def test_the_companys_targets_are_the_admins(as_, manager_a, admin_a):
    query = "?store=company"
    assert as_(manager_a).get(f"{URL}{query}").status_code == 404
    client = as_(admin_a)
    assert client.post(f"{URL}{query}", sent(client, query, called="97")).status_code == 302
    assert Target.objects.get(store=None, indicator="called", until=None).value == 97


@pytest.mark.django_db
def test_another_stores_targets_are_out_of_reach(as_, manager_a, store_b):
    assert as_(manager_a).get(URL, {"store": store_b.pk}).status_code == 404
