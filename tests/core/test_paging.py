"""Keyset pages: every row once, in order, forwards and back; counts that stop counting."""

import pytest
from django.contrib.auth.models import Group
from django.db.models import F, IntegerField, Value
from django.db.models.functions import Cast, Length, NullIf

from crm_site.core import paging


@pytest.fixture
def groups(db):
    Group.objects.all().delete()
    Group.objects.bulk_create([Group(name=f"{number % 7}{'x' * (number % 3)}-{number}") for number in range(23)])
    return Group.objects.annotate(size=NullIf(Length("name"), Value(4)), one=Cast(F("pk") * 0, IntegerField()))


@pytest.mark.parametrize(
    "order", [["name"], ["-name"], ["size"], ["-size"], ["-size", "name"], ["one"], ["one", "-size"]]
)
def test_walking_there_and_back_meets_every_row_once(groups, order):
    page = paging.paginate(groups, order=order, size=4)
    assert page.previous == ""
    there = [row.pk for row in page]
    while page.next:
        page = paging.paginate(groups, order=order, cursor=page.next, size=4)
        there += [row.pk for row in page]
    assert sorted(there) == sorted(groups.values_list("pk", flat=True))
    back = [row.pk for row in page]
    while page.previous:
        page = paging.paginate(groups, order=order, cursor=page.previous, size=4)
        back = [row.pk for row in page] + back
    assert back == there


@pytest.mark.django_db
@pytest.mark.parametrize("cursor", ["", "x", "n999999999", "n'--", "n" + "9" * 40])
def test_an_unknown_cursor_gives_the_first_page(cursor, groups):
    first = paging.paginate(groups, order=["name"], size=3)
    assert [row.pk for row in paging.paginate(groups, order=["name"], cursor=cursor, size=3)] == [
        row.pk for row in first
    ]


def test_a_row_that_left_the_list_still_marks_the_place(groups):
    page = paging.paginate(Group.objects.all(), order=["name"], size=5)
    rest = Group.objects.exclude(pk=page.rows[-1].pk)
    following = paging.paginate(rest, order=["name"], cursor=page.next, size=5)
    assert following.rows[0].name > page.rows[-1].name
    assert len({row.pk for row in [*page, *following]}) == 10


@pytest.mark.parametrize("seal", ["", "-0123456789abcdef"])
def test_a_number_that_somebody_made_up_does_not_tell_where_a_row_out_of_sight_stands(groups, seal):
    page = paging.paginate(Group.objects.all(), order=["name"], size=5)
    rest = Group.objects.exclude(pk=page.rows[-1].pk)
    found = paging.paginate(rest, order=["name"], cursor=f"n{page.rows[-1].pk}{seal}", size=5)
    assert [row.pk for row in found] == [row.pk for row in paging.paginate(rest, order=["name"], size=5)]


@pytest.mark.django_db
def test_no_rows_are_one_empty_page():
    page = paging.paginate(Group.objects.none(), order=["name"])
    assert (len(page), page.next, page.previous, page.has_neighbours) == (0, "", "", False)


def test_a_cursor_holds_no_personal_data(groups):
    number, seal = paging.paginate(groups, order=["name"], size=3).next[1:].split("-")
    assert number.isdecimal()
    assert len(seal) == 16


def test_counts_stop_at_the_cap(groups):
    assert str(paging.capped_count(groups, cap=10)) == "10+"
    assert str(paging.capped_count(groups, cap=23)) == "23"
    assert str(paging.Count(10_000, capped=True)) == "10,000+"
