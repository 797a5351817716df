"""Fields that a form does not have change nothing: every step is sent with and without them, and does the same."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse

from complaints.forms import FORMS
from complaints.models import CauseClass, Complaint, Kind, Presence, State
from complaints.rules.transitions import NEXT
from crm_site.core import clock
from crm_site.jobs.models import Job
from tests.complaints.pages import send, shown
from tests.complaints.story import STATES
from tests.factories import CustomerFactory, EmployeeFactory

pytestmark = pytest.mark.django_db

NEEDS = {
    "accept": lambda story: {"handler": story.head.employee.pk},
    "reassign": lambda story: {"handler": story.manager.employee.pk},
    "contact": lambda story: {"note": "已联系"},
    "investigate": lambda story: {"cause_class": CauseClass.PRODUCT, "cause": "滤芯批次"},
    "propose": lambda story: {"solution": "更换"},
    "tell": lambda story: {"accepts": "yes"},
    "act": lambda story: {"note": "已更换"},
    "review": lambda story: {"review_note": "加强终检"},
    "answer": lambda story: {"solution": "已答复"},
    "reopen": lambda story: {"reason": "未解决"},
    "change_level": lambda story: {"level_code": "L3", "reason": "客户要求索赔"},
    "pause": lambda story: {
        "waiting_for": "manufacturer", "reason": "等配件", "until": (clock.today() + timedelta(days=5)).isoformat()
    },
    "judge_validity": lambda story: {"validity": "pending", "reason": "待查"},
    "set_liability": lambda story: {"direct": "nobody"},
    "confirm_liability": lambda story: {"direct": "nobody"},
    "chase": lambda story: {"note": "客户催办"},
    "edit": lambda story: {"demand": "退款"},
}  # fmt: skip


def extras(form: dict, store_b) -> dict:
    """What nobody may set by a form, of another store where it names a row; never a field that the form has."""
    stranger, customer = EmployeeFactory(store=store_b), CustomerFactory(store=store_b)
    wanted = {
        "is_staff": "on", "is_superuser": "on", "role": "admin", "store": store_b.pk, "store_id": store_b.pk,
        "owner": stranger.pk, "created_by": stranger.pk, "by": stranger.pk, "handler": stranger.pk,
        "handler_id": stranger.pk, "accused": stranger.pk, "accused_id": stranger.pk, "approved_by": stranger.pk,
        "customer": customer.pk, "customer_id": customer.pk, "score": "100", "recovery_score": "100",
        "deadline": "2099-01-01T00:00", "due_at": "2099-01-01T00:00", "closing_due_at": "2099-01-01T00:00",
        "received_at": "2099-01-01T00:00", "closed_at": "2020-01-01T00:00", "state": "closed", "number": "X-1",
        "reopened": "9", "historical": "on", "priority_caller": stranger.pk, "now": "2020-01-01", "sequence": "1",
        "external_number": "forged", "kind": "question", "validity": "invalid", "level": "1", "override": "on",
    }  # fmt: skip
    return {name: value for name, value in wanted.items() if name not in form}


def outcome(ticket: Complaint) -> tuple:
    """What a step has made of a ticket, without what tells two tickets apart."""
    own = {"id", "number", "submission", "accepted_at", "responded_at", "proposed_at", "solved_at", "closed_at"}
    own |= {"paused_at", "response_due_at", "proposal_due_at", "closing_due_at", "due_at"}
    row = Complaint.objects.filter(pk=ticket.pk).values().get()
    steps = list(ticket.steps.order_by("sequence").values_list("action", "to_state", "by_id", "note"))
    liable = list(ticket.liabilities.values_list("kind", "party", "employee_id"))
    same = {name: value for name, value in row.items() if name not in own}
    minutes = {name: row[name] and row[name].replace(second=0, microsecond=0) for name in own if name.endswith("_at")}
    return same, minutes, steps, liable


def ready(story, client, action) -> tuple[Complaint, dict]:
    """A ticket for which the manager's page offers this step, and its form as shown."""
    if action == "answer":
        ticket = story.ticket(State.ACCEPTED, kind=Kind.QUESTION)
        return ticket, shown(client, ticket, action)
    page = {"set_liability": "confirm_liability"}.get(action, action)  # who may confirm is offered nothing less
    for state in [one for one in STATES if one in NEXT[action].starts]:
        ticket = story.ticket(state)
        found = shown_or_none(client, ticket, page)
        if found is not None:
            return ticket, found
    raise AssertionError(f"no page offers {action}")


def shown_or_none(client, ticket, action) -> dict | None:
    try:
        return shown(client, ticket, action)
    except KeyError:
        return None


@pytest.mark.parametrize("action", sorted(NEEDS))
def test_extra_fields_change_nothing(as_, story, store_b, action):
    client = as_(story.manager)
    plain, form = ready(story, client, action)
    forged, same_form = ready(story, client, action)
    given = {name: str(value) for name, value in NEEDS[action](story).items()}
    assert set(given) <= set(FORMS[action].base_fields), "the table names a field that the form does not have"
    name = "complaints:chase" if action == "chase" else None
    for ticket, fields in ((plain, form | given), (forged, same_form | given | extras(form, store_b))):
        if name:
            assert client.post(reverse(name, args=[ticket.pk]), fields).status_code == 302
        else:
            assert send(client, ticket, action, fields).status_code == 302, action
    assert outcome(plain) == outcome(forged)


def test_a_ticket_that_was_closed_stays_as_it_is(as_, story, store_b):
    ticket = story.ticket(State.CLOSED)
    before = outcome(ticket)
    client = as_(story.manager)
    fields = shown(client, ticket, "edit") | extras({}, store_b)
    fields.pop("external_number")
    client.post(reverse("complaints:do", args=[ticket.pk, "edit"]), fields)
    assert outcome(ticket) == before


def test_extra_fields_of_a_merge_change_nothing(as_, story, store_b):
    client = as_(story.manager)
    outcomes = []
    for forged in (False, True):
        ticket, main = story.ticket(State.ACCEPTED), story.ticket(State.ACCEPTED)
        form = shown(client, ticket, "merge")
        fields = form | {"into": str(main.pk), "note": "同一件事"} | (extras(form, store_b) if forged else {})
        assert send(client, ticket, "merge", fields).status_code == 302
        ticket.refresh_from_db()
        assert ticket.merged_into == main
        same, minutes, steps, liable = outcome(ticket)
        outcomes.append(({**same, "merged_into_id": None}, minutes, steps, liable, outcome(main)[3]))
    assert outcomes[0] == outcomes[1]


def test_extra_fields_of_presence_make_nobody_else_present(as_, story, specialist_a, store_b):
    ticket = story.ticket(State.ACCEPTED)
    fields = {"writing": "propose", "employee": story.manager.employee.pk, "complaint": "1", "seen_at": "2099-01-01"}
    before = outcome(ticket)
    as_(story.head).post(reverse("complaints:presence", args=[ticket.pk]), fields | extras(fields, store_b))
    found = Presence.objects.get()
    assert (found.employee, found.complaint, found.store) == (story.head.employee, ticket, ticket.store)
    assert found.seen_at < clock.now() + timedelta(minutes=5)
    assert outcome(ticket) == before


def test_extra_fields_of_an_evidence_pack_change_neither_whose_it_is_nor_what_of(as_, story, store_b):
    ticket, other = story.ticket(State.ACCEPTED), story.ticket(State.ACCEPTED)
    fields = {
        "reason": "法院调取", "submission": str(uuid.uuid4()), "complaint": other.pk, "by": story.head.employee.pk,
        "language": "en", "capability": "home", "keep_days": "9999", "lane": "x", "payload": "{}", "key": "1:x",
        "requested_by": story.head.employee.pk,
    }  # fmt: skip
    client = as_(story.manager)
    url = reverse("complaints:evidence", args=[ticket.pk])
    assert client.post(url, fields | extras(fields, store_b)).status_code == 302
    job = Job.objects.get(kind="complaints.evidence")
    assert job.payload == {"complaint": ticket.pk, "language": "zh-hans", "reason": "法院调取"}
    assert (job.requested_by, job.store, job.lane) == (story.manager.employee, ticket.store, f"evidence:{ticket.pk}")
