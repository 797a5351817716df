"""The sums: what saves note and a fold adds up is what the raw answers say, whatever happened in whatever order."""

import random

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from crm_site.accounts.models import Department, Post
from crm_site.core import clock
from satisfaction import actions, tasks
from satisfaction.actions import folding
from satisfaction.actions.reattributing import reattribute
from satisfaction.models import Dimension, Response, StoreSums, Subject, Summary, SummaryDelta
from tests.factories import DAY, EmployeeFactory, PostingFactory
from tests.satisfaction.surveys import delivery_of, given, order_of, respond, short_answers

pytestmark = pytest.mark.django_db
AT = clock.at(DAY, 18)
SALES = (
    "manner", "expertise", "test_drive", "price_fair", "charges_clear", "controls", "maintenance", "problems_solved",
)  # fmt: skip


@pytest.fixture
def people(store_a):
    """Three people of the workshop and the sales floor."""
    staff = [EmployeeFactory(store=store_a) for _ in range(3)]
    for one in staff:
        PostingFactory(employee=one, department=Department.SERVICE, post=Post.SERVICE_ADVISOR)
    return staff


@pytest.fixture
def built(store_a):
    """Sums that are read: built when there was nothing yet."""
    folding.rebuild([store_a.pk], now=AT)
    return store_a


def serve(store, people, dice: random.Random) -> Response:
    """One response of a random kind, month, occasion and mood; some are not valid, some items do not apply."""
    day = DAY.replace(month=dice.choice((7, 8, 9)))
    one, other = dice.sample(people, 2)
    if dice.random() < 0.3:
        marks = [given(code, dice.choice((None, 7, 8, 9, 10))) for code in SALES]
        extras = [given("overall", dice.randrange(7, 11)), given("recommend", dice.randrange(11)), given("music", 1)]
        return respond(
            store, code="SSI", delivery=delivery_of(store, one, other), answers=[*marks, *extras], day=day,
            decision="settled",
        )  # fmt: skip
    order = order_of(store, one, dice.choice((one, other, None)))
    order.vehicle.series, order.job_type = dice.choice(("Alpha", "Beta", "")), dice.choice(("general", "rework"))
    order.vehicle.save(update_fields=["series"])
    order.save(update_fields=["job_type"])
    marks = {code: dice.choice((None, 3, 5, 7, 8, 9, 10)) for code in ("reception", "on_time", "fixed_first_time")}
    return respond(store, order=order, answers=short_answers(8, overall=dice.randrange(5, 11), **marks), day=day)


def disturb(store, people, dice: random.Random) -> None:
    """One random thing that changes what counts, or a fold, or a build."""
    rows = list(Response.objects.filter(store=store).order_by("pk"))
    act = dice.choice(("answer", "answer", "exclude", "reattribute", "reattribute", "fold", "build"))
    if act == "answer" or not rows:
        serve(store, people, dice)
    elif act == "fold":
        folding.fold(store.pk)
    elif act == "build":
        folding.rebuild([store.pk], now=AT)
    elif act == "exclude":
        row = dice.choice(rows)
        if row.excluded_at is None:
            actions.exclude_response(row.pk, reason="抽检", by=people[0], at=AT)
    else:
        row, (one, other) = dice.choice(rows), dice.sample(people, 2)
        if row.answers.filter(attributions__employee=one).exists():
            reattribute(row.pk, one, to=dice.choice((other, None)), reason="申诉", by=people[0], at=AT)


@pytest.mark.parametrize("seed", range(6))
def test_sums_and_deltas_are_what_the_raw_answers_say_after_anything(built, people, seed):
    dice = random.Random(seed)
    for _step in range(25):
        disturb(built, people, dice)
    assert folding.differences(built.pk) == []
    folding.fold(built.pk)
    assert not SummaryDelta.objects.exists()
    assert folding.differences(built.pk) == []
    assert not Summary.objects.filter(n=0).exists()


def test_a_share_of_whole_numbers_keeps_what_is_left_over(built, people):
    """SQLite divides whole numbers without a rest: 7s and 8s, as saves and the engine see them."""
    marks = {"reception": 7, "on_time": 10, "fixed_first_time": 8}
    respond(built, order=order_of(built, people[0], people[1]), answers=short_answers(9, **marks))
    assert folding.differences(built.pk) == []


def test_a_save_writes_one_delta_and_touches_no_sum(built, people):
    order = order_of(built, people[0], people[1])
    respond(built, order=order)
    delta = SummaryDelta.objects.get()
    assert (delta.month, delta.store_id) == (DAY.replace(day=1), built.pk)
    assert not Summary.objects.exists()


def test_what_does_not_count_notes_nothing(built):
    respond(built, answers=[given("reception", 10)])
    assert not SummaryDelta.objects.exists()


def test_an_exclusion_takes_away_exactly_what_was_noted(built, people):
    row = respond(built, order=order_of(built, people[0], people[1]))
    actions.exclude_response(row.pk, reason="抽检", by=people[0], at=AT)
    assert SummaryDelta.objects.count() == 2
    assert folding.fold(built.pk) == 2
    assert not Summary.objects.exists()


def test_folding_twice_adds_once(built, people):
    respond(built, order=order_of(built, people[0]))
    assert (folding.fold(built.pk), folding.fold(built.pk)) == (1, 0)
    assert set(
        Summary.objects.filter(subject=Subject.INDEX, dimension=Dimension.WHOLE).values_list("n", flat=True)
    ) == {1}


def test_deltas_wait_where_the_sums_are_not_built(store_a, people):
    respond(store_a, order=order_of(store_a, people[0]))
    assert folding.fold(store_a.pk) == 0
    assert folding.unbuilt() == [store_a.pk]
    assert folding.rebuild([store_a.pk], now=AT) == 1
    assert folding.unbuilt() == []
    assert not SummaryDelta.objects.exists()
    assert folding.differences(store_a.pk) == []
    assert StoreSums.objects.get().built_at == AT


def test_a_wrong_sum_is_named(built, people):
    respond(built, order=order_of(built, people[0]))
    folding.fold(built.pk)
    row = Summary.objects.filter(subject=Subject.ITEM, dimension=Dimension.EMPLOYEE).first()
    Summary.objects.filter(pk=row.pk).update(n=row.n + 1, total=row.total + 10)
    (line,) = folding.differences(built.pk)
    what = f"{DAY:%Y-%m} version {row.version_id} item {row.ref} employee {row.member}"
    assert line == f"{what}: n +1, total +10.0000"


def test_the_command_builds_and_proves(store_a, store_b, people, capsys):
    respond(store_a, order=order_of(store_a, people[0]))
    call_command("rebuild_summaries", store=store_a.code)
    assert "Counted anew: 1 responses of 1 stores." in capsys.readouterr().out
    call_command("rebuild_summaries", check=True)
    Summary.objects.update(low=5)
    with pytest.raises(CommandError, match="sums differ"):
        call_command("rebuild_summaries", check=True)
    call_command("rebuild_summaries")
    call_command("rebuild_summaries", check=True)
    with pytest.raises(CommandError, match="no store"):
        call_command("rebuild_summaries", store="nowhere")


def test_the_tick_builds_what_is_missing_and_folds_what_waits(store_a, store_b, people):
    respond(store_a, order=order_of(store_a, people[0]))
    assert tasks.fold_sums() == 0
    assert not folding.unbuilt()
    respond(store_a, order=order_of(store_a, people[0]))
    assert (tasks.fold_sums(), tasks.fold_sums()) == (1, 0)
    assert folding.differences(store_a.pk) == []
