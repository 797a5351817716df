"""A ticket taken through its life step by step, for tests that begin in the middle."""

import uuid
from datetime import date, datetime, timedelta

from complaints import actions
from complaints.models import CauseClass, Complaint, ConfirmResult, Kind, Source, State
from crm_site.audit.models import Entry
from crm_site.core import clock
from tests.factories import DAY

NOON = clock.at(DAY, 12)
STATES = [state for state in State.values if state not in {State.MERGED, State.RECORDED}]


def moment(hours: float = 0) -> datetime:
    """A moment so many hours after the ticket was received."""
    return NOON + timedelta(hours=hours)


def open_ticket(person, **given) -> Complaint:
    """A complaint reported by a person at noon of DAY; anything may be given otherwise."""
    values = {
        "store_id": person.store.pk,
        "kind": Kind.COMPLAINT,
        "source": Source.PHONE,
        "words": "空调清洗后仍有异味",
        "reported_by": person.employee,
        "received_at": NOON,
        "now": NOON,
        "submission": uuid.uuid4(),
        "department": "service",
    }
    return actions.open_ticket(**values | given)


class Story:
    """Takes tickets to a state: the head handles, the manager leads, a specialist confirms."""

    def __init__(self, head, manager, specialist) -> None:
        self.head, self.manager, self.specialist = head, manager, specialist

    def ticket(self, state: str = State.REGISTERED, **given) -> Complaint:
        """A ticket in this state, gone there by the ordinary way."""
        ticket = open_ticket(self.specialist, **given)
        for step in self.way_to(state):
            getattr(self, step)(ticket)
        ticket.refresh_from_db()
        assert ticket.state == state
        return ticket

    @staticmethod
    def way_to(state: str) -> list[str]:
        """The steps that lead from a new ticket to a state."""
        steps = ["accept", "investigate", "propose", "tell", "act", "submit", "close"]
        ends = [State.ACCEPTED, State.INVESTIGATING, State.PROPOSED, State.TOLD, State.ACTING, State.CONFIRMING]
        if state == State.REGISTERED:
            return []
        if state == State.REOPENED:
            return [*steps[:6], "dissatisfy"]
        return steps if state == State.CLOSED else steps[: ends.index(State(state)) + 1]

    def accept(self, ticket):
        actions.accept(ticket.pk, handler=self.head.employee, by=self.manager.employee, now=moment(0.5))

    def investigate(self, ticket):
        cause = {"cause_class": CauseClass.POOR_SERVICE, "cause": "蒸发箱没有洗到位"}
        actions.investigate(ticket.pk, **cause, by=self.head.employee, now=moment(1))
        actions.set_liability(ticket.pk, party="department", by=self.head.employee, now=moment(1))

    def propose(self, ticket):
        actions.propose(ticket.pk, solution="免费重做", by=self.head.employee, now=moment(1.5))

    def tell(self, ticket):
        actions.tell_customer(ticket.pk, accepts=True, by=self.head.employee, now=moment(2))

    def act(self, ticket):
        actions.act(ticket.pk, note="已重新清洗", by=self.head.employee, now=moment(3))

    def submit(self, ticket):
        actions.submit(ticket.pk, by=self.head.employee, now=moment(4))

    def close(self, ticket):
        self.confirm(ticket, ConfirmResult.SATISFIED)

    def dissatisfy(self, ticket):
        self.confirm(ticket, ConfirmResult.DISSATISFIED)

    def confirm(self, ticket, result, by=None, at=None):
        """The confirming call of the present round."""
        ticket.refresh_from_db()
        by = (by or self.specialist).employee
        return actions.record_confirmation(
            ticket.pk, result=result, response=None, by=by, at=at or moment(24), round=ticket.round
        )


#: steps that need more around them than a ticket; tested where they live
BESIDE = {"join", "attach", "withdraw", "judge_words", "judge_level", "recount"}


#: every action with what it needs, as a call by a manager at a given moment
def attempts(story: Story, other: Complaint) -> dict:
    """{action: call(ticket, by, now)}: each with complete arguments, so that only state and person can refuse it."""
    head = story.head.employee
    plain = {
        "accept": (actions.accept, {"handler": head}),
        "contact": (actions.note_contact, {"note": "已联系"}),
        "investigate": (actions.investigate, {"cause_class": CauseClass.PRODUCT, "cause": "配件批次问题"}),
        "propose": (actions.propose, {"solution": "更换"}),
        "approve": (actions.approve, {}),
        "tell": (actions.tell_customer, {"accepts": True}),
        "act": (actions.act, {"note": "已更换"}),
        "review": (actions.review, {"review_note": "加强终检", "submission": uuid.uuid4()}),
        "submit": (actions.submit, {}),
        "close_unreachable": (actions.close_unreachable, {"reason": "三次未接通"}),
        "answer": (actions.answer, {"solution": "已答复"}),
        "reopen": (actions.reopen, {"reason": "抽检发现未解决"}),
        "reassign": (actions.reassign, {"handler": story.manager.employee}),
        "change_level": (actions.change_level, {"level_code": "L3", "reason": "客户要求索赔"}),
        "pause": (actions.pause, {"waiting_for": "manufacturer", "reason": "等配件", "until": DAY + timedelta(days=9)}),
        "resume": (actions.resume, {}),
        "judge_validity": (actions.judge_validity, {"validity": "invalid", "ground": "false_report", "reason": "误报"}),
        "set_liability": (actions.set_liability, {"party": "nobody"}),
        "confirm_liability": (actions.confirm_liability, {"party": "nobody"}),
        "chase": (actions.chase, {"note": "客户催办"}),
        "close": (actions.close, {}),
        "rang_back": (actions.record_ring_back, {"result": ConfirmResult.SATISFIED, "note": "客户回电说满意"}),
        "count_repairs": (actions.count_repairs, {"orders": []}),
        "merge": (actions.merge, {"into": other}),
        "edit": (actions.edit, {"external_number": "12315-0815"}),
    }
    calls = {name: _call(function, given) for name, (function, given) in plain.items()}
    calls["confirm"] = lambda ticket, by, now: actions.record_confirmation(
        ticket.pk, result=ConfirmResult.VERY_SATISFIED, response=None, by=by, at=now, round=ticket.round
    )
    calls["appeal"] = lambda ticket, by, now: actions.appeal_liability(
        ticket.pk, instead_of=_answering(ticket) or head, party="nobody", why="申诉成立", by=by, now=now
    )
    return calls


def _answering(ticket: Complaint):
    """The employee who is directly liable; None where it is no employee."""
    row = ticket.liabilities.filter(kind="direct", employee__isnull=False).first()
    return row.employee if row else None


def _call(function, given):
    return lambda ticket, by, now: function(ticket.pk, **given, by=by, now=now)


def day(offset: int = 0) -> date:
    """A day so many days after DAY."""
    return DAY + timedelta(days=offset)


def snapshot(ticket: Complaint) -> tuple:
    """Everything about a ticket that a refused action could have changed."""
    row = Complaint.objects.filter(pk=ticket.pk).values().get()
    tables = (ticket.steps, ticket.clock, ticket.liabilities, ticket.confirmations)
    return row, [list(table.order_by("pk").values()) for table in tables], Entry.objects.count()
