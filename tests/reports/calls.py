"""Thousands of calls about the work of a store's people, answered and not, and tickets that were handled; for T51."""

import uuid
from datetime import date, timedelta
from decimal import Decimal

from complaints.models import Complaint, Confirmation, ConfirmResult
from crm_site.core import clock, sql
from customers.models import RepairOrder
from revisits.models import CallAttempt, CallResult, Revisit, RevisitRule
from satisfaction.models import Answer, EmployeeScore, Question, QuestionKind, Response
from satisfaction.queries import current_version

ANSWERED = 0.75


def call_everybody(world) -> int:
    """A call about every repair order of the world, two days after check-in; three of four are answered."""
    chance, store = world.random, world.store
    rule = RevisitRule.objects.get(store=None, code="SVC_D3")
    version, caller = rule.versions.get(), world.staff[3]
    results = {code: CallResult.objects.get(store=None, code=code) for code in ("SUCCESS", "NO_ANSWER")}
    orders = RepairOrder.objects.filter(store=store).select_related("customer", "vehicle", "service_advisor")
    orders = list(orders.prefetch_related("technicians__technician").order_by("order_number"))
    revisits = [
        Revisit(
            store=store, rule=rule, rule_version=version, customer=one.customer, vehicle=one.vehicle, repair_order=one,
            anchor_key=f"order:{one.pk}", anchor_on=one.checked_in_on, due_on=one.checked_in_on,
            expires_on=one.checked_in_on + timedelta(days=5), priority=rule.priority,
            created_at=clock.at(date(2026, 6, 1)),
            state="due",
        )
        for one in orders
    ]  # fmt: skip
    sql.insert_rows(revisits)
    answered = {one.pk: chance.random() < ANSWERED for one in orders}
    responses = _answer(world, [one for one in orders if answered[one.pk]])
    sql.insert_rows([
        CallAttempt(
            store=store, revisit=revisit, by=caller, called_on=(day := order.checked_in_on + timedelta(days=2)),
            started_at=clock.at(day, 10), ended_at=clock.at(day, 10, 5), submission=uuid.UUID(int=10**7 + order.pk),
            result=results["SUCCESS" if answered[order.pk] else "NO_ANSWER"], response=responses.get(order.pk),
        )
        for revisit, order in zip(revisits, orders, strict=True)
    ])  # fmt: skip
    return len(orders)


def _answer(world, orders) -> dict[int, Response]:
    """Responses with what they say about the advisor and the technicians, written straight into the tables."""
    chance, version = world.random, current_version("CSI_SHORT", world.store.pk)
    overall = Question.objects.get(version=version, kind=QuestionKind.OVERALL)
    rows, scores, answers = {}, [], []
    for order in orders:
        day = order.checked_in_on + timedelta(days=2)
        low = chance.random() < 0.1
        response = Response(
            store=world.store, version=version, customer=order.customer, vehicle=order.vehicle, repair_order=order,
            asked_by=world.staff[3], answered_at=clock.at(day, 10), called_on=day, is_valid=chance.random() < 0.95,
            score=Decimal(chance.randrange(600000, 1000000)) / 10000, low_count=int(low),
            decision="settled" if low else "", submission=uuid.UUID(int=order.pk),
            excluded_at=clock.at(day, 12) if chance.random() < 0.02 else None, excluded_reason="x",
        )  # fmt: skip
        if response.excluded_at is None:
            response.excluded_reason = ""
        rows[order.pk] = response
    sql.insert_rows(list(rows.values()))
    for order in orders:
        people = [order.service_advisor, *(work.technician for work in order.technicians.all())]
        for number, who in enumerate(dict.fromkeys(one for one in people if one)):
            scores.append(EmployeeScore(
                response=rows[order.pk], employee=who, part="technicians" if number else "service_advisor",
                score=Decimal(chance.randrange(500000, 1000000)) / 10000 if chance.random() < 0.9 else None,
                weight=Decimal(20), low_count=rows[order.pk].low_count,
            ))  # fmt: skip
        if chance.random() < 0.9:
            value = chance.randrange(4, 11)
            answers.append(Answer(response=rows[order.pk], question=overall, state="given", value=value,
                                  normalised=value * 10))  # fmt: skip
    sql.insert_rows(scores)
    sql.insert_rows(answers)
    return rows


def handle_tickets(world) -> None:
    """Give the world's tickets cars, limits, first contacts, confirming calls, money and reopenings."""
    chance = world.random
    tickets = list(Complaint.objects.filter(store=world.store).order_by("number"))
    for place, one in enumerate(tickets):
        one.vehicle = chance.choice([*world.cars, None])
        one.customer = world.customer if one.vehicle is None and chance.random() < 0.5 else None
        one.response_due_at = one.received_at + timedelta(minutes=chance.choice([30, 120, 1440, 1800]))
        one.responded_at = (
            one.received_at + timedelta(minutes=chance.randrange(3000)) if chance.random() < 0.9 else None
        )
        one.closing_due_at = one.received_at + timedelta(hours=chance.choice([72, 100, 168]))
        # before every promise, or when all were broken already
        since = (one.received_at, one.closing_due_at + timedelta(hours=1))[place % 2]
        one.paused_at = since if one.state != "closed" and chance.random() < 0.1 else None
        one.reopened = int(chance.random() < 0.2)
        if chance.random() < 0.2:
            one.compensation = Decimal(chance.randrange(100, 200000)) / 100
            one.claim_amount = Decimal(chance.randrange(100, 200000)) / 100
    Complaint.objects.bulk_update(tickets, [
        "vehicle", "customer", "response_due_at", "responded_at", "closing_due_at", "paused_at", "reopened",
        "compensation", "claim_amount",
    ])  # fmt: skip
    Confirmation.objects.bulk_create(
        Confirmation(store=world.store, complaint=one, round=number, by=world.staff[3],
                     at=one.received_at + timedelta(days=4 * number, minutes=chance.randrange(5000)),
                     result=chance.choice(ConfirmResult.values))
        for one in tickets
        for number in range(1, chance.randrange(1, 4))
    )  # fmt: skip
