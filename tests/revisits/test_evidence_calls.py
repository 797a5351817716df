"""The calls in the evidence pack of a complaint: all about the matter, and of a restricted card no number."""

import pytest

from revisits.evidence import for_complaint
from tests.factories import ComplaintFactory
from tests.revisits.calls import save, service_task

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticket(store_a, specialist_a):
    task = service_task(store_a)
    ticket = ComplaintFactory(store=store_a, customer=task.customer)
    call = save(task, specialist_a, "NO_ANSWER", phone_id=task.customer.phones.get().pk)
    call.complaint = ticket
    call.save(update_fields=["complaint"])
    return ticket


def numbers(ticket):
    [section] = for_complaint(ticket)
    place = [code for code, _words in section.columns].index("number")
    return [row[place] for row in section.rows]


def test_a_call_tells_its_number_unless_the_card_is_restricted(ticket):
    number = ticket.customer.phones.get().number
    assert numbers(ticket) == [number]
    type(ticket.customer).objects.filter(pk=ticket.customer_id).update(restricted=True)
    assert numbers(ticket) == [f"{number[:3]}****{number[-4:]}"]
