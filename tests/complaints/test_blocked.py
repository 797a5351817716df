"""Who may take which step: every action against everybody with a part in the matter, and what refusals leave alone."""

from contextlib import contextmanager

import pytest
from django.db import transaction

from complaints import actions
from complaints.models import Complaint, ConfirmResult, Kind, State
from complaints.rules import conflict
from complaints.rules.transitions import NEXT
from crm_site.accounts.models import Role
from crm_site.core.errors import RuleBroken
from tests.cast import keep, make_person
from tests.complaints.story import BESIDE, Story, attempts, day, moment, open_ticket
from tests.factories import PostingFactory, RepairOrderFactory, VehicleFactory
from tests.fingerprint import unchanged

store_a, store_b, head_a, manager_a, specialist_a = keep("store_a", "store_b", "head_a", "manager_a", "specialist_a")
#: action -> the state of a ticket that can take it
AT = {
    "accept": State.REGISTERED, "contact": State.ACCEPTED, "investigate": State.ACCEPTED,
    "propose": State.INVESTIGATING, "approve": State.PROPOSED, "tell": State.PROPOSED, "act": State.TOLD,
    "review": State.ACTING, "submit": State.ACTING, "confirm": State.CONFIRMING, "close": State.CONFIRMING,
    "rang_back": State.CONFIRMING, "close_unreachable": State.CONFIRMING, "answer": State.REGISTERED,
    "reopen": State.CLOSED, "reassign": State.ACCEPTED, "change_level": State.ACCEPTED, "pause": State.ACCEPTED,
    "resume": State.ACCEPTED, "judge_validity": State.ACCEPTED, "set_liability": State.INVESTIGATING,
    "confirm_liability": State.INVESTIGATING, "chase": State.ACCEPTED, "count_repairs": State.ACCEPTED,
    "edit": State.ACCEPTED, "merge": State.ACCEPTED,
}  # fmt: skip
EVERY = frozenset(AT)
ABOUT = EVERY - {"chase"}

#: how a manager may be involved -> what they then may not do
INVOLVED = {
    "clear": frozenset(),
    "accused": ABOUT,
    "liable": ABOUT,
    "accused in what was merged into it": ABOUT,
    "joint": conflict.NOT_BY_JOINT,
    "served": conflict.NOT_BY_SERVED,
    "handler": conflict.NOT_BY_HANDLER,
}
#: somebody without a part in the matter -> what they may do to an ordinary complaint
ROLES = {
    "specialist": {"confirm", "rang_back", "chase", "edit"},
    "specialist of a question": EVERY,
    "frontline": {"chase"},
    "director": {"confirm"},
    "admin": set(),
    "head of the department": EVERY
    - {"approve", "confirm", "rang_back", "close_unreachable", "reopen", "judge_validity"},
    "head of another department": set(),
    "manager of another store": set(),
}


class Undone(Exception):
    """Takes back what an allowed action did."""


@contextmanager
def taken_back():
    """Whatever happens inside is as if it had not been."""
    try:
        with transaction.atomic():
            yield
            raise Undone
    except Undone:
        pass


@pytest.fixture(scope="module", autouse=True)
def scene(head_a, manager_a, specialist_a):
    return Scene(Story(head_a, manager_a, specialist_a))


@pytest.fixture(scope="module", params=sorted(EVERY))
def brink(request, scene):
    """(action, a ticket at its brink): all tests of an action ask about one ticket."""
    return request.param, scene.ticket(request.param)


@pytest.fixture(scope="module", autouse=True)
def people(scene, store_b):
    """Somebody of every role, none of whom has a part in the matter."""
    found = {
        "specialist": scene.story.specialist,
        "specialist of a question": make_person(scene.store, Role.SPECIALIST, "专员二"),
        "frontline": make_person(scene.store, Role.FRONTLINE, "顾问"),
        "director": make_person(scene.store, Role.DIRECTOR, "总经理"),
        "admin": make_person(scene.store, Role.ADMIN, "信息员"),
        "head of the department": make_person(scene.store, Role.HEAD, "服务主管"),
        "head of another department": make_person(scene.store, Role.HEAD, "销售主管"),
        "manager of another store": make_person(store_b, Role.MANAGER, "别店经理"),
    }
    sales = found["head of another department"].employee
    sales.postings.all().delete()
    PostingFactory(employee=sales, department="sales", post="head")
    return found


class Scene:
    """A ticket at the brink of an action, and people who stand to it in different ways."""

    def __init__(self, story) -> None:
        self.story, self.store = story, story.manager.store
        self.person = make_person(self.store, Role.MANAGER, "涉事经理")
        self.other = open_ticket(story.specialist)

    def ticket(self, action: str) -> Complaint:
        """A ticket that can take the action, about a repair that somebody else did."""
        order = RepairOrderFactory(vehicle=VehicleFactory(store=self.store))
        kind = Kind.QUESTION if action == "answer" else Kind.COMPLAINT
        ticket = self.story.ticket(AT[action], repair_order=order, kind=kind)
        if action in {"rang_back", "close_unreachable"}:
            self.story.confirm(ticket, ConfirmResult.UNREACHABLE)
        elif action == "close":
            self.confirmed_too_early(ticket)
        elif action == "resume":
            pause = {"waiting_for": "customer", "reason": "出差", "until": day(5), "now": moment(1)}
            actions.pause(ticket.pk, **pause, by=self.story.manager.employee)
        ticket.refresh_from_db()
        return ticket

    def confirmed_too_early(self, ticket) -> None:
        """The customer is content, but the cause class is missing; then somebody adds it."""
        Complaint.objects.filter(pk=ticket.pk).update(cause_class="")
        self.story.confirm(ticket, ConfirmResult.SATISFIED)
        Complaint.objects.filter(pk=ticket.pk).update(cause_class="product")

    def involve(self, ticket: Complaint, how: str) -> None:
        """Give the manager a part in the matter."""
        employee = self.person.employee
        if how == "accused":
            Complaint.objects.filter(pk=ticket.pk).update(accused=employee)
        elif how in {"liable", "joint"}:
            kind = "direct" if how == "liable" else "joint"
            ticket.liabilities.filter(kind=kind).delete()
            ticket.liabilities.create(store=self.store, kind=kind, party="employee", employee=employee)
        elif how == "served":
            type(ticket.repair_order).objects.filter(pk=ticket.repair_order_id).update(final_inspector=employee)
        elif how == "handler":
            Complaint.objects.filter(pk=ticket.pk).update(handler=employee)
        elif how.startswith("accused in"):
            merged = open_ticket(self.story.specialist, accused=employee)
            Complaint.objects.filter(pk=merged.pk).update(state=State.MERGED, merged_into=ticket)

    def attempt(self, action: str, ticket: Complaint, by) -> None:
        """Take the step, whole and in time."""
        attempts(self.story, self.other)[action](ticket, by.employee, moment(30))


def test_the_table_knows_every_step():
    assert set(NEXT) - BESIDE - {"appeal"} == EVERY


def test_a_part_in_the_matter_bars_from_the_step(db, scene, brink):
    action, ticket = brink
    for how, barred in INVOLVED.items():
        with taken_back():
            scene.involve(ticket, how)
            if action not in barred:
                scene.attempt(action, ticket, scene.person)
                continue
            with unchanged(f"{action} by {how}"), pytest.raises(RuleBroken) as refused:
                scene.attempt(action, ticket, scene.person)
            assert refused.value.code == "conflict", (action, how, refused.value.message)
            assert scene.person.employee.name in refused.value.message


def test_a_role_takes_only_its_own_steps(db, scene, people, brink):
    action, ticket = brink
    is_question = ticket.kind == Kind.QUESTION
    for who, person in people.items():
        if who == "specialist of a question" and not is_question:
            continue
        may = ROLES[who] | ({"answer"} if who == "specialist" else set())
        with taken_back():
            if action in may:
                scene.attempt(action, ticket, person)
                continue
            with unchanged(f"{action} by {who}"), pytest.raises(RuleBroken):
                scene.attempt(action, ticket, person)


@pytest.mark.parametrize("override", [False, True])
@pytest.mark.parametrize("how", ["accused", "liable", "joint", "served", "handler"])
def test_a_permission_lets_who_served_confirm_but_never_whom_it_is_about(db, scene, how, override):
    ticket = scene.ticket("confirm")
    scene.involve(ticket, how)
    call = {"result": "satisfied", "response": None, "by": scene.person.employee, "at": moment(30), "round": 1}
    if override and how in {"served", "handler"}:
        assert actions.record_confirmation(ticket.pk, **call, override=True).state == State.CLOSED
    else:
        with unchanged(how), pytest.raises(RuleBroken):
            actions.record_confirmation(ticket.pk, **call, override=override)
