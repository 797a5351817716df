"""The tickets that are open today, made by the same actions that the pages call, each left where somebody must act."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from complaints import actions
from complaints.models import Category, CauseClass, Complaint, ConfirmResult, Kind, Source
from complaints.rules import levels
from crm_site.core import clock
from crm_site.demo import weighty, words
from crm_site.demo.dice import Dice
from crm_site.demo.world import Car, House, World
from revisits.models import CallAttempt
from satisfaction.models import Response

ACCEPTED = ("accept",)
TALKED = (*ACCEPTED, "contact")
SEARCHED = (*TALKED, "investigate")
OFFERED = (*SEARCHED, "propose")
TOLD = (*OFFERED, "tell")
DOING = (*TOLD, "act")
HANDED_OVER = (*DOING, "submit")


class Open(NamedTuple):
    """One open ticket: in which store, about what, how long ago it was received, and how far it has come."""

    store: int
    category: str
    words: str
    demand: str
    source: str
    days_ago: int
    steps: tuple[str, ...] = ()
    kind: str = Kind.COMPLAINT
    compensation: int | None = None


OPEN = (
    Open(0, "repair.not_fixed", "高速上刹车失灵一次，好在没出事，你们前天才修过制动！", "立即拖车检查，书面说明",
         Source.PHONE, 0,
         ACCEPTED),
    Open(0, "service.waiting", "等了一个半小时没人安排工位，最后让我改天再来。", "给个说法", Source.REVISIT, 0),
    Open(0, "sales.gifts", "答应送的脚垫和行车记录仪都没给。", "补发", Source.WALK_IN, 1, TALKED, Kind.GRIEVANCE),
    Open(0, "charges.transparency", "没有打电话问我就换了刹车片，多收八百多。", "退费", Source.PHONE, 1, SEARCHED),
    Open(0, "product.ev", "充电到八成就跳枪，跑了三趟都没解决，我要求退车。", "退车", Source.HOTLINE, 2,
         (*SEARCHED, "pause")),
    Open(0, "repair.paint", "右前门喷漆有色差，太阳底下很明显。", "重新喷漆并补偿", Source.WALK_IN, 1, OFFERED,
         compensation=1200),
    Open(0, "time.not_told", "说下午三点取车，到店才说配件没到。", "", Source.REVISIT, 2, DOING, Kind.GRIEVANCE),
    Open(0, "parts.slow", "保险杠订了二十天还没到，电话也没人回。", "给准确时间", Source.PHONE, 6, TALKED),
    Open(0, "service.attitude", "前台说话很冲，问进度让我自己等着。", "道歉", Source.WEB, 7, SEARCHED),
    Open(0, "repair.rework", "空调修完三天又不凉了。", "彻底修好", Source.PHONE, 2, HANDED_OVER),
    Open(0, "repair.misdiagnosis", "换了电瓶还是打不着火，白花钱。", "退电瓶钱", Source.PHONE, 2, (*HANDED_OVER,
         "dissatisfied")),
    Open(0, "sales.paperwork", "想问一下贷款结清后解押手续怎么办。", "", Source.PHONE, 0, (), Kind.QUESTION),
    Open(1, "service.explanation", "结算单多了两项，没人讲解就让签字。", "逐项说明", Source.WALK_IN, 1, ACCEPTED),
    Open(1, "sales.delivery_time", "交车日期推了两次，没有一个电话。", "补偿", Source.PHONE, 6, TALKED),
    Open(1, "product.infotainment", "车机天天黑屏，升级也没用。", "换件", Source.HOTLINE, 2, TOLD),
)  # fmt: skip

#: what became of the tickets of the last days' calls so far
TAKEN = Open(0, "", "", "", Source.REVISIT, 0, SEARCHED)
#: about these a gold customer complains who did before, and a car comes that was repaired for the same three times
COMPLAINS_AGAIN, COMES_BACK = "service.waiting", "product.ev"
#: hours between the steps of a ticket
PACE = 0.6


def open_tickets(world: World) -> None:
    """Open every ticket of the table and take it as far as it says."""
    for number, row in enumerate(OPEN):
        house = world.houses[row.store]
        dice = Dice("open", number)
        ticket = _open(world, house, row, dice)
        Doing(world, house, row, ticket, dice).go()


def from_low_answers(world: World, lows: list[Response]) -> None:
    """The tickets of low answers of the last days, taken into work by the manager."""
    houses = {house.store.pk: house for house in world.houses}
    for response in lows:
        dice = Dice("low", response.store_id, response.called_on, response.vehicle_id)
        ticket = _from_low_answer(response, dice)
        CallAttempt.objects.filter(response=response).update(complaint=ticket)
        Doing(world, houses[response.store_id], TAKEN, ticket, dice).go()


def _from_low_answer(response: Response, dice: Dice) -> Complaint:
    return actions.open_ticket(
        store_id=response.store_id,
        kind=response.decision,
        source=Source.REVISIT,
        words="；".join(response.answers.filter(is_low=True).order_by("pk").values_list("reason", flat=True)),
        reported_by=response.asked_by,
        received_at=response.answered_at,
        now=response.answered_at,
        submission=dice.submission(),
        category=_category("service.waiting" if response.repair_order_id else "sales.attitude"),
        customer=response.customer,
        vehicle=response.vehicle,
        delivery=response.delivery,
        repair_order=response.repair_order,
        origin=response,
    )


def _category(code: str) -> Category:
    return Category.objects.get(store=None, code=code)


def _open(world: World, house: House, row: Open, dice: Dice) -> Complaint:
    received = _received(world, row, dice)
    car = _car(house, row, dice)
    if row.category == COMPLAINS_AGAIN:
        weighty.make_gold(car.owner)
    if row.category == COMES_BACK:
        weighty.bring_back(world, house, car)
    order = car.orders[-1] if car.orders and not row.category.startswith("sales") else None
    return actions.open_ticket(
        store_id=house.store.pk,
        kind=row.kind,
        source=row.source,
        words=row.words,
        demand=row.demand,
        reported_by=dice.choice(house.staff["specialist"]),
        received_at=received,
        now=received,
        submission=dice.submission(),
        category=_category(row.category),
        customer=car.owner,
        vehicle=car.vehicle,
        delivery=car.delivery if order is None else None,
        repair_order=order,
    )


def _received(world: World, row: Open, dice: Dice) -> datetime:
    """In the morning of its day; today's a little while ago, whatever the time."""
    morning = dice.moment_on(world.today - timedelta(days=row.days_ago), 9, 10.5)
    return min(morning, world.now - timedelta(minutes=dice.randrange(25, 70)))


def _car(house: House, row: Open, dice: Dice) -> Car:
    """A car to which this may have happened."""
    about_sale = row.category.startswith("sales")
    fitting = [
        car
        for car in house.cars
        if not car.owner.restricted and (car.delivery is not None if about_sale else bool(car.orders))
    ]
    if row.category == COMPLAINS_AGAIN:
        fitting = weighty.who_complained(house, fitting) or fitting
    return dice.choice(fitting)


class Doing:
    """Takes one ticket through its steps."""

    def __init__(self, world: World, house: House, row: Open, ticket: Complaint, dice: Dice) -> None:
        """The head of the department handles, the manager leads."""
        self.world, self.row, self.ticket, self.dice = world, row, ticket, dice
        self.at = ticket.received_at
        self.manager, self.specialists = house.staff["manager"][0], house.staff["specialist"]
        groups = {"sales": "head:sales", "workshop": "head:workshop", "service": "head:service"}
        heads = house.staff.get(groups.get(ticket.department, ""), []) or house.staff["head:service"]
        self.head = heads[0]

    def go(self) -> None:
        """Every step of the table, some hours apart, none after now."""
        steps: dict[str, Callable[[datetime], object]] = {
            "accept": self._accept, "contact": self._contact, "investigate": self._investigate,
            "propose": self._propose, "tell": self._tell, "act": self._act, "submit": self._submit,
            "pause": self._pause, "dissatisfied": self._dissatisfied,
        }  # fmt: skip
        for name in self.row.steps:
            self.at = min(self.at + timedelta(hours=PACE), self.world.now - timedelta(minutes=1))
            steps[name](self.at)

    def _accept(self, now: datetime) -> None:
        actions.accept(self.ticket.pk, handler=self.head, by=self.manager, now=now)

    def _contact(self, now: datetime) -> None:
        actions.note_contact(self.ticket.pk, note="已致电客户了解情况，承诺今日答复。", by=self.head, now=now)

    def _investigate(self, now: datetime) -> None:
        cause = self.dice.choice(words.CAUSES)
        actions.investigate(self.ticket.pk, cause_class=CauseClass.POOR_SERVICE, cause=cause, by=self.head, now=now)
        if not self.ticket.liabilities.filter(kind="direct").exists():
            actions.set_liability(self.ticket.pk, party="department", by=self.head, now=now)

    def _propose(self, now: datetime) -> None:
        money = Decimal(self.row.compensation) if self.row.compensation else None
        solution = self.dice.choice(words.SOLUTIONS)
        actions.propose(self.ticket.pk, solution=solution, compensation=money, by=self.head, now=now)

    def _tell(self, now: datetime) -> None:
        actions.tell_customer(self.ticket.pk, accepts=True, by=self.head, now=now)

    def _act(self, now: datetime) -> None:
        actions.act(self.ticket.pk, note=self.dice.choice(words.ACTIONS), by=self.head, now=now)

    def _submit(self, now: datetime) -> None:
        """Handed over yesterday afternoon, so that the confirming call is due today."""
        yesterday = clock.at(self.world.today - timedelta(days=1), 16, 30)
        self.at = max(now, yesterday) if "dissatisfied" not in self.row.steps else now
        self._review(self.at)
        actions.submit(self.ticket.pk, by=self.head, now=self.at)

    def _review(self, now: datetime) -> None:
        """What a grave ticket needs before it can be handed over."""
        self.ticket.refresh_from_db(fields=["level"])
        if self.ticket.level is None or self.ticket.level.code not in levels.REVIEWED:
            return
        _cause, measure = self.dice.choice(words.MEASURES)
        actions.review(
            self.ticket.pk, review_note=self.dice.choice(words.REVIEWS), measure=measure, responsible=self.head,
            due_on=self.world.today + timedelta(days=14), submission=self.dice.submission(), by=self.head, now=now,
        )  # fmt: skip

    def _pause(self, now: datetime) -> None:
        until = self.world.today + timedelta(days=5)
        reason = "等厂家技术支持寄送充电口总成"
        actions.pause(self.ticket.pk, waiting_for="manufacturer", reason=reason, until=until, by=self.head, now=now)

    def _dissatisfied(self, now: datetime) -> None:
        """The confirming call brought it back."""
        moment = min(now + timedelta(days=1), self.world.now - timedelta(hours=1))
        actions.record_confirmation(
            self.ticket.pk, result=ConfirmResult.DISSATISFIED, response=None, by=self.specialists[0], at=moment, round=1
        )
