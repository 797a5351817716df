"""What satisfaction has besides calls: answers given face to face, responses taken out, surveys of others."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from crm_site.accounts.models import Employee
from crm_site.core import clock
from crm_site.demo import words
from crm_site.demo.dice import Dice
from crm_site.demo.world import House, World
from satisfaction import rules
from satisfaction.actions import exclude_response, finish, hand_over, include_response
from satisfaction.models import ExternalResult, QuestionnaireVersion, Response
from satisfaction.queries import items_of
from satisfaction.queries.sittings import Occasion, forms_for, offered
from satisfaction.rules.external import Period, parse_period

#: answered face to face in each store in the last days, and how many of these are unhappy with something
HANDED, UNHAPPY = 7, 3
#: the last of them left after so many questions: their response is not valid
LEFT_EARLY = 2
#: responses of past months that were taken out, and how many of them count again
TAKEN_OUT, PUT_BACK = 4, 1
#: survey -> the store's score and the region's out of a thousand, by quarter from the newest
SURVEYS = {
    "厂家服务满意度调研 CSI": ((868, 861, 855, 859), (857, 855, 854, 852)),
    "厂家销售满意度调研 SSI": ((902, 897, 899, 888), (893, 892, 890, 889)),
}
#: factor -> by how many points of a thousand it is above the whole
FACTORS = {
    "厂家服务满意度调研 CSI": {"服务环境": 14, "服务过程": 6, "维修质量": -9, "维修收费": -22, "服务及时性": -4},
    "厂家销售满意度调研 SSI": {"购车环境": 9, "看车过程": 4, "车价与付款": -17, "交车服务": 8, "跟踪服务": -6},
}
SCALE = 1000
#: customers asked in the larger and in the smaller store
SAMPLE = (42, 38)


# ---- face to face ----------------------------------------------------------------------------------------------------


def face_to_face(world: World) -> None:
    """Some customers of the last days have answered on a tablet; low answers wait for a decision."""
    for house in world.houses:
        dice = Dice("tablet", house.store.code)
        occasions = [one for one in offered([house.store.pk], world.today) if one.row.batch_id is None]
        for number, occasion in enumerate(occasions[:HANDED]):
            by = dice.choice(house.staff["specialist"])
            at = world.now - timedelta(hours=5 * number + 1, minutes=dice.randrange(50))
            version = forms_for(occasion.kind, house.store.pk)[-1]
            answered = LEFT_EARLY if number == HANDED - 1 else None
            _sit(occasion, version, by, at, dice, is_low=number < UNHAPPY, answered=answered)


def _sit(
    occasion: Occasion,
    version: QuestionnaireVersion,
    by: Employee,
    at: datetime,
    dice: Dice,
    *,
    is_low: bool,
    answered: int | None,
) -> None:
    """One hand-over; `answered`: so many questions, then the customer had to go."""
    sitting = hand_over(occasion, version, by=by, at=at, submission=dice.submission())
    items = items_of(version)[:answered]
    unhappy = dice.choice([item.code for item in items if item.kind == "score"]) if is_low else ""
    finish(sitting.pk, [_said(item, unhappy, dice) for item in items], at=at + timedelta(minutes=4))


def _said(item: rules.Item, unhappy: str, dice: Dice) -> rules.Given:
    """One answer; free text is left out."""
    if item.scale is None:
        return rules.Given(item.code, rules.NOT_ANSWERED)
    if item.scale.end == 1:
        return rules.Given(item.code, rules.GIVEN, 1)
    if item.code == unhappy:
        reason = dice.choice(words.REASONS.get(item.code, words.ANY_REASON))
        return rules.Given(item.code, rules.GIVEN, max(item.scale.low_max - dice.randrange(3), 1), reason=reason)
    return rules.Given(item.code, rules.GIVEN, item.scale.end - dice.randrange(2))


# ---- taken out -------------------------------------------------------------------------------------------------------


def taken_out(world: World) -> None:
    """A few responses of the last months no longer count; one of them counts again."""
    for house in world.houses:
        by = house.staff["manager"][0]
        rows = _responses(house, world)
        for number, row in enumerate(rows):
            at = min(clock.at(row.called_on + timedelta(days=5), 11), world.now)
            exclude_response(row.pk, reason=words.TAKEN_OUT[number % len(words.TAKEN_OUT)], by=by, at=at)
        for row in rows[:PUT_BACK]:
            include_response(row.pk, reason=words.PUT_BACK, by=by, at=world.now)


def _responses(house: House, world: World) -> list[Response]:
    """Valid ones of the running month and the three before, some way apart."""
    first = world.today - timedelta(days=100)
    valid = Response.objects.valid().filter(store=house.store, channel="phone", called_on__gte=first)
    rows = list(valid.exclude(decision="complaint").order_by("-called_on", "pk"))
    step = max(len(rows) // (TAKEN_OUT + 1), 1)
    return rows[::step][:TAKEN_OUT]


# ---- surveys of others -----------------------------------------------------------------------------------------------


def surveys(world: World) -> None:
    """What the manufacturer measured in the last four quarters, of the whole and of each factor."""
    rows = []
    for place, house in enumerate(world.houses):
        for survey, (own, region) in SURVEYS.items():
            for back, (score, mean) in enumerate(zip(own, region, strict=True), start=1):
                for factor, more in {"": 0, **FACTORS[survey]}.items():
                    measured = (score - 6 * place + more, mean + more)
                    rows.append(_result(house, survey, _quarter(world, back), factor, measured))
    ExternalResult.objects.bulk_create(rows)


def _quarter(world: World, back: int) -> Period:
    """The quarter so many before the running one."""
    number = world.today.year * 4 + (world.today.month - 1) // 3 - back
    period = parse_period(f"{number // 4}-Q{number % 4 + 1}")
    if period is None:
        raise ValueError(number)
    return period


def _result(house: House, survey: str, period: Period, factor: str, measured: tuple[int, int]) -> ExternalResult:
    """One line of a survey: the store's score and the region's, out of a thousand."""
    score, mean = map(Decimal, measured)
    return ExternalResult(
        store=house.store,
        survey=survey,
        period=period.code,
        first_day=period.first,
        last_day=period.last,
        factor=factor,
        score=score / 10,
        raw_score=score,
        scale=SCALE,
        sample=SAMPLE[house.share < 0.5],
        regional_mean=mean / 10,
        raw_mean=mean,
        rank=None if factor else 3 + int(score) % 5,
        rank_of=None if factor else 17,
    )
