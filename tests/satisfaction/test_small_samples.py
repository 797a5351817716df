"""Fewer than ten answers show no score anywhere: not as the mean of a picture, not as the parts of a share."""

import io
from decimal import Decimal

import openpyxl
import pytest
from django.urls import reverse

from crm_site.accounts.models import Department, Post
from satisfaction import rules
from tests.factories import EmployeeFactory, PostingFactory
from tests.satisfaction.surveys import order_of, respond, short_answers

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("september")]


def mean(n, value):
    return rules.Mean(n, None if value is None else Decimal(value))


@pytest.mark.parametrize(
    ("means", "expected"),
    [
        ([mean(3, 73)], None),
        ([mean(4, 70), mean(5, 90)], None),
        ([mean(4, 70), mean(6, 90)], 82),
        ([mean(12, 80), mean(0, None)], 80),
        ([], None),
    ],
)
def test_what_others_are_held_against_rests_on_enough(means, expected):
    assert rules.centre_of(means) == expected


@pytest.fixture
def few(store_a):
    advisor = EmployeeFactory(store=store_a, name="罗雪")
    PostingFactory(employee=advisor, department=Department.SERVICE, post=Post.SERVICE_ADVISOR)
    for mark in (7, 8, 7):
        respond(store_a, order=order_of(store_a, advisor), answers=short_answers(mark, overall=9))


@pytest.mark.parametrize("dimension", ["employee", "series"])
@pytest.mark.parametrize("person", ["manager_a", "head_a"])
def test_the_picture_of_few_answers_draws_no_mean(as_, few, request, person, dimension):
    asked = {"by": dimension, "size": "wide", "theme": "light", "kind": "service"}
    client = as_(request.getfixturevalue(person))
    drawn = client.get(reverse("satisfaction:chart", args=["members"]), asked).content.decode()
    assert "n = 3" in drawn
    assert "73.3" not in drawn


def test_the_workbook_does_not_tell_the_parts_of_a_share_of_few(as_, manager_a, few):
    sent = as_(manager_a).post(f"{reverse('satisfaction:workbook')}?kind=service").content
    sheet = openpyxl.load_workbook(io.BytesIO(sent)).worksheets[0]
    rows = list(sheet.iter_rows(values_only=True))
    (shares,) = [row for row in rows if row[0] == "非常满意"]
    assert (shares[1], shares[4]) == (None, 3)
    assert not shares[6]
