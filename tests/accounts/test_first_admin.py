"""A fresh installation gets its first sign-in by a command, never by a default account."""

import io

import pytest
from django.core.management import CommandError, call_command

from crm_site.accounts.models import Membership, Role, User
from tests.accounts.codes import code_of

pytestmark = pytest.mark.django_db


def make(**more):
    out = io.StringIO()
    call_command(
        "first_admin", store="YB1", store_name="渝北一店", name="段文", stdout=out, **{"username": "duan", **more}
    )
    return out.getvalue()


def test_the_first_administrator_can_sign_in_once_with_the_printed_password(client):
    password = make().strip().rsplit(" ", 1)[1]
    user = User.objects.get(username="duan")
    assert user.check_password(password)
    assert user.must_change_password
    assert Membership.objects.get(user=user).role == Role.ADMIN
    assert client.post("/sign-in/", {"username": "duan", "password": password})["Location"] == "/sign-in/set-up/"
    assert client.get("/people/")["Location"].startswith("/sign-in/")
    code = code_of(client.session["secret"])
    assert client.post("/sign-in/set-up/", {"code": code}).status_code == 200
    assert client.get("/people/")["Location"] == "/password/"


def test_a_store_with_an_administrator_gets_no_second_one_this_way():
    make()
    with pytest.raises(CommandError):
        make(username="other")
    assert User.objects.count() == 1
