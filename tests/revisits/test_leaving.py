"""What a customer answers to the loss question stands on the card as kind and reason, with the day."""

import uuid

import pytest

from revisits.actions import leaving
from satisfaction.models import Answer, QuestionnaireVersion, Response
from satisfaction.models.trees import Question
from tests.factories import DAY, NOON, CustomerFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("words", "told"), [
    ("配件太贵", ("price", "fees", DAY)),
    ("不想说", ("", "", DAY)),
    ("", ("", "", None)),
])  # fmt: skip
def test_the_reason_is_read_from_the_answer(store_a, specialist_a, words, told):
    customer = CustomerFactory(store=store_a)
    version = QuestionnaireVersion.objects.published().get(questionnaire__code="LOSS")
    response = Response.objects.create(
        store=store_a, version=version, customer=customer, called_on=DAY, answered_at=NOON,
        asked_by=specialist_a.employee, submission=uuid.uuid4(),
    )  # fmt: skip
    question = Question.objects.get(version=version, code="loss_reason")
    if words:
        Answer.objects.create(response=response, question=question, state=Answer.State.GIVEN, text=words)
    leaving.note(customer.pk, response, by=specialist_a.employee, today=DAY)
    customer.refresh_from_db()
    assert (customer.defection_type, customer.defection_reason, customer.defection_told_on) == told
