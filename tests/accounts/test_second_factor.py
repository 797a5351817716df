"""A code beside the password: who must give one, that it counts once, and that nothing opens before it (T60)."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from crm_site.accounts import actions, second_factor, sign_in_rules
from crm_site.accounts.models import Membership, Role, Session, SignInRules, User
from crm_site.accounts.sessions import VERIFIED
from crm_site.audit.models import Entry
from crm_site.core import clock
from crm_site.notices.models import Notice
from tests.access.routes import routes
from tests.accounts.codes import code_of, with_app
from tests.factories import PASSWORD, MembershipFactory, StoreFactory, no_second_factor

pytestmark = pytest.mark.django_db


def begin(client: Client, person, **more):
    return client.post("/sign-in/", {"username": person.user.username, "password": PASSWORD, **more})


def give(client: Client, code: str):
    return client.post("/sign-in/code/", {"code": code})


def rested(user) -> None:
    """The pause after a wrong code is over."""
    TOTPDevice.objects.filter(user=user).update(throttling_failure_timestamp=None, throttling_failure_count=0)


@pytest.mark.parametrize(
    ("person", "led_to"),
    [
        ("admin_a", "/sign-in/set-up/"),
        ("manager_a", "/sign-in/set-up/"),
        ("director_a", "/sign-in/set-up/"),
        ("specialist_a", "/"),
        ("frontline_a", "/"),
        ("head_a", "/"),
    ],
)
def test_who_must_have_a_second_factor_sets_it_up_before_anything_else(client, request, person, led_to):
    assert begin(client, request.getfixturevalue(person))["Location"] == led_to


def test_the_set_up_asks_for_a_code_and_gives_ten_codes_for_the_worst_day(client, manager_a):
    begin(client, manager_a, next="/people/")
    page = client.get("/sign-in/set-up/")
    secret = client.session["secret"]
    assert second_factor.as_text(secret) in page.content.decode()
    assert client.post("/sign-in/set-up/", {"code": "000000"}).status_code == 422
    assert not TOTPDevice.objects.exists()
    given = client.post("/sign-in/set-up/", {"code": code_of(secret)})
    assert len(set(given.context["codes"])) == 10
    assert given.context["next"] == "/people/"
    assert client.get("/people/").status_code == 200
    kept = set(StaticToken.objects.values_list("token", flat=True))
    assert not kept & {code.replace("-", "") for code in given.context["codes"]}
    assert Entry.objects.filter(action="user.second_factor_set", subject_id=manager_a.user.pk).exists()


def test_the_picture_is_svg_without_script_and_is_kept_nowhere(client, manager_a):
    assert client.get("/sign-in/set-up.svg").status_code == 404
    begin(client, manager_a)
    answer = client.get("/sign-in/set-up.svg")
    assert answer["Content-Type"] == "image/svg+xml"
    assert "no-store" in answer["Cache-Control"]
    assert b"<script" not in answer.content
    assert "style-src 'self'" in client.get("/sign-in/set-up/")["Content-Security-Policy"]


@pytest.mark.parametrize("has_app", [True, False])
def test_between_password_and_code_nothing_opens(client, manager_a, has_app):
    if has_app:
        with_app(manager_a.user)
    begin(client, manager_a)
    guarded = [route for route in routes() if route.capability not in (None, "unguarded") and not route.arguments]
    assert len(guarded) > 50
    for route in guarded:
        for ask in (client.get, client.post):
            answer = ask(reverse(route.name))
            assert answer.status_code in (302, 405), route.name
            assert answer.get("Location", "/sign-in/").startswith("/sign-in/"), route.name
    assert client.get("/people/", headers={"HX-Request": "true"}).status_code == 401
    assert client.post("/language/", {"language": "en"}).status_code == 302
    assert client.post("/sign-out/").status_code == 302
    assert client.get("/sign-in/code/")["Location"] == "/sign-in/"


def test_every_step_has_an_id_of_its_own(client, manager_a):
    secret = with_app(manager_a.user)
    client.get("/sign-in/")
    begin(client, manager_a)
    between = client.session.session_key
    assert give(client, code_of(secret)).status_code == 302
    assert client.session.session_key != between
    assert not Session.objects.filter(pk=between).exists()
    assert client.get("/people/").status_code == 200


def test_who_takes_too_long_over_the_code_is_told_so(client, manager_a, monkeypatch):
    with_app(manager_a.user)
    begin(client, manager_a)
    later = clock.now() + timedelta(minutes=11)
    monkeypatch.setattr(clock, "now", lambda: later)
    for step in ("code", "set-up"):
        assert client.get(f"/sign-in/{step}/")["Location"] == "/sign-in/?ended=code"
    assert "十分钟" in client.get("/sign-in/?ended=code").content.decode()


def test_a_wrong_recovery_code_is_not_told_to_wait_for_the_next_one_in_the_app(client, manager_a):
    with_app(manager_a.user)
    begin(client, manager_a)
    wrong = client.post("/sign-in/code/?recovery=1", {"code": "abcde-23456"})
    assert wrong.status_code == 422
    assert "恢复码不对" in wrong.content.decode()
    assert "换出下一个" not in wrong.content.decode()


def test_a_code_counts_once(client, manager_a):
    secret = with_app(manager_a.user)
    code = code_of(secret)
    begin(client, manager_a)
    assert give(client, code)["Location"] == "/"
    other = Client()
    begin(other, manager_a)
    assert give(other, code).status_code == 422


@pytest.mark.parametrize(("steps", "fits"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_the_clock_of_the_phone_may_be_half_a_minute_off(client, manager_a, steps, fits, monkeypatch):
    secret = with_app(manager_a.user)
    monkeypatch.setattr("time.time", lambda: 1_790_000_010.0)  # amid a step
    assert bool(second_factor.matches(manager_a.user, code_of(secret, steps=steps))) is fits


def test_digits_of_a_chinese_keyboard_are_digits(manager_a):
    secret = with_app(manager_a.user)
    wide = "".join(chr(ord(digit) - ord("0") + ord("０")) for digit in code_of(secret))
    assert second_factor.matches(manager_a.user, wide) == "app"


def test_after_a_wrong_code_the_next_one_waits(manager_a):
    secret = with_app(manager_a.user)
    for _try in range(3):
        assert not second_factor.matches(manager_a.user, "000000")
    assert not second_factor.matches(manager_a.user, code_of(secret))
    rested(manager_a.user)
    assert second_factor.matches(manager_a.user, code_of(secret)) == "app"


def test_wrong_codes_count_for_the_lock_and_a_right_password_does_not_help_then(client, manager_a):
    secret = with_app(manager_a.user)
    begin(client, manager_a)
    answers = [give(client, "000000").status_code for _try in range(21)]
    assert answers == [422] * 20 + [429]
    rested(manager_a.user)
    assert give(client, code_of(secret)).status_code == 429
    assert begin(Client(), manager_a).status_code == 429


def test_unlocking_ends_the_pause_after_wrong_codes_too(admin_a, manager_a):
    secret = with_app(manager_a.user)
    for _try in range(3):
        second_factor.matches(manager_a.user, "000000")
    actions.unlock(manager_a.employee.pk, by=admin_a.employee)
    assert second_factor.matches(manager_a.user, code_of(secret)) == "app"


def test_a_recovery_code_lets_in_once(client, manager_a):
    with_app(manager_a.user)
    code, *_others = actions.renew_codes(manager_a.user)
    begin(client, manager_a)
    assert give(client, f" {code.upper()} ")["Location"] == "/"
    assert second_factor.state_of(manager_a.user).codes_left == 9
    assert Entry.objects.filter(action="user.recovery_code_used").count() == 1
    other = Client()
    begin(other, manager_a)
    assert give(other, code).status_code == 422


def test_new_codes_replace_the_old_ones(manager_a):
    old = actions.renew_codes(manager_a.user)
    new = actions.renew_codes(manager_a.user)
    assert not second_factor.matches(manager_a.user, old[0])
    rested(manager_a.user)
    from django_otp.plugins.otp_static.models import StaticDevice

    StaticDevice.objects.update(throttling_failure_timestamp=None, throttling_failure_count=0)
    assert second_factor.matches(manager_a.user, new[0]) == "recovery"


def test_the_strictest_of_the_rules_of_somebodys_stores_holds(manager_a):
    no_second_factor()
    assert not sign_in_rules.for_user(manager_a.user).needs_second_factor
    strict = StoreFactory()
    SignInRules.objects.create(store=strict, second_factor_roles=["specialist"], idle_minutes=10, session_hours=4)
    MembershipFactory(user=manager_a.user, store=strict, role=Role.MANAGER)
    terms = sign_in_rules.for_user(User.objects.get(pk=manager_a.user.pk))
    assert (terms.needs_second_factor, terms.idle.seconds, terms.longest.seconds) == (False, 600, 4 * 3600)
    Membership.objects.filter(user=manager_a.user, store=strict).update(role=Role.SPECIALIST)
    assert sign_in_rules.for_user(User.objects.get(pk=manager_a.user.pk)).needs_second_factor


def test_a_session_without_the_code_that_a_new_rule_asks_for_ends_at_once(as_, manager_a):
    no_second_factor()
    client = as_(manager_a)
    session = client.session
    del session[VERIFIED]
    session.save()
    assert client.get("/people/").status_code == 200
    SignInRules.objects.all().delete()
    assert client.get("/people/")["Location"].startswith("/sign-in/")
    assert not Session.objects.filter(user=manager_a.user).exists()


def test_who_need_not_have_one_may_set_one_up_and_remove_it_with_the_password(as_, specialist_a):
    client = as_(specialist_a)
    change = reverse("accounts:change_second_factor")
    assert client.post(change, {"do": "begin", "password": "wrong"}).status_code == 422
    client.post(change, {"do": "begin", "password": PASSWORD})
    given = client.post(reverse("accounts:own_set_up"), {"code": code_of(client.session["secret"])})
    assert len(given.context["codes"]) == 10
    again = Client()
    assert begin(again, specialist_a)["Location"] == "/sign-in/code/"
    assert client.post(change, {"do": "remove", "password": "wrong"}).status_code == 422
    assert second_factor.state_of(specialist_a.user).is_set
    client.post(change, {"do": "remove", "password": PASSWORD})
    assert not second_factor.state_of(specialist_a.user).is_set
    assert begin(Client(), specialist_a)["Location"] == "/"


def test_who_must_have_one_cannot_remove_it(as_, manager_a):
    with_app(manager_a.user)
    client = as_(manager_a)
    client.post(reverse("accounts:change_second_factor"), {"do": "remove", "password": PASSWORD})
    assert second_factor.state_of(manager_a.user).is_set


def test_an_administrator_resets_a_lost_one_and_its_owner_is_told(as_, admin_a, manager_a, specialist_a):
    with_app(manager_a.user)
    theirs = as_(manager_a)
    address = reverse("accounts:person_second_factor", args=[manager_a.employee.pk])
    assert as_(specialist_a).post(address).status_code == 403
    as_(admin_a).post(address)
    assert not second_factor.state_of(manager_a.user).is_set
    assert theirs.get("/")["Location"].startswith("/sign-in/")
    assert Notice.objects.filter(user=manager_a.user, code="account.second_factor_reset").exists()
    assert Entry.objects.get(action="user.second_factor_reset").actor_id == admin_a.employee.pk
    assert begin(Client(), manager_a)["Location"] == "/sign-in/set-up/"


def test_a_password_that_is_changed_meanwhile_ends_the_wait_for_the_code(client, manager_a):
    secret = with_app(manager_a.user)
    begin(client, manager_a)
    actions.change_own_password(manager_a.user, "kx7-vvm2-qpl9")
    assert give(client, code_of(secret))["Location"] == "/sign-in/"


def test_the_rules_are_set_by_an_administrator_within_their_bounds(as_, admin_a, manager_a):
    address = reverse("accounts:sign_in_rules")
    assert as_(manager_a).get(address).status_code == 403
    client = as_(admin_a)
    values = {"second_factor_roles": ["specialist", "admin"], "idle_minutes": 10, "session_hours": 8, "version": 1}
    assert client.post(address, {**values, "idle_minutes": 31}).status_code == 422
    assert client.post(address, {**values, "session_hours": 13}).status_code == 422
    assert client.post(address, values).status_code == 302
    row = SignInRules.objects.get(store=admin_a.store)
    assert (row.second_factor_roles, row.idle_minutes, row.session_hours) == (["specialist", "admin"], 10, 8)
    assert Entry.objects.get(action="sign_in_rules.changed").detail["idle_minutes"] == [30, 10]
    assert client.post(address, {**values, "idle_minutes": 20}).status_code == 422  # somebody changed it meanwhile
    client.post(address, {"reset": "1"})
    assert not SignInRules.objects.exists()
