"""No page, file, chart or notice shows the full number of a customer to anybody without a look that is logged."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from complaints.models import Complaint
from crm_site.accounts import policy
from crm_site.accounts.models import Membership, Role, User
from crm_site.audit.models import Entry
from crm_site.core.errors import RuleBroken
from crm_site.notices.models import Notice
from customers.models import Customer, Phone, Reveal
from revisits.models import CallAttempt
from tests import worlds
from tests.access.routes import routes
from tests.access.table import ROWS
from tests.fingerprint import unchanged
from tests.privacy import crawling, planted

pytestmark = [pytest.mark.django_db, pytest.mark.long]

#: pages of one kind that somebody opens; one, unless told: who sees most opens more
OF_A_KIND = {Role.MANAGER: 2}
#: whose card is restricted
HIDDEN = "甪直隐"


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """The demo world with canaries in all that people wrote."""
    with django_db_blocker.unblock(), worlds.standing():
        with transaction.atomic():  # in which keys are looked at once, at its end
            assert planted.plant() >= 15, "the canaries must stand in many columns"
            kept_back()
        yield


def kept_back() -> None:
    """Restrict every fifth card, under a name that stands nowhere else."""
    keys = list(Customer.objects.standing().order_by("pk").values_list("pk", flat=True)[::5])
    assert CallAttempt.objects.filter(revisit__customer__in=keys).exists()
    assert Complaint.objects.filter(customer__in=keys).exists()
    Customer.objects.filter(pk__in=keys).update(name=HIDDEN, restricted=True)


def somebody(role: str) -> User:
    """A user of the large store with a role, who has an employee row there."""
    rows = Membership.objects.filter(role=role, user__employees__store__isnull=False)
    return rows.order_by("store_id", "pk").first().user


def addresses(store) -> list[str]:
    """An address of every kind that names a row, with a row of the store made for it; the world has some already."""
    found = []
    for route in routes():
        if route.arguments and route.name in ROWS:
            with suppress(IntegrityError, IndexError, RuleBroken), transaction.atomic():
                found.append(reverse(route.name, kwargs=ROWS[route.name](store)))
    return found


def written_down(user: User) -> set[str]:
    """The numbers at which the user has looked."""
    keys = Reveal.objects.filter(employee__user=user, fact__startswith="phone:").values_list("fact", flat=True)
    return set(Phone.objects.filter(pk__in=[int(fact[6:]) for fact in keys]).values_list("number", flat=True))


@pytest.mark.parametrize("role", list(Role))
def test_nobody_sees_a_full_number_without_a_look_and_reading_changes_nothing(role, world):
    """T63, and T57: nobody's reading writes; an admin asks for everything twice, and every row is as it was."""
    user = somebody(role)
    hidden = planted.numbers_of_customers()  # before rows are made whose numbers stand as examples in templates
    more = addresses(worlds.first_store())
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    seen, leaks, asked = set(), [], 0
    may_see = policy.stores_allowing(user, "customers.restrict")
    walk = crawling.walk(client, more, of_a_kind=OF_A_KIND.get(role, 1))
    with as_it_was(role):
        for url, answer, writes in crawling.watched(asked_twice(client, walk) if role == Role.ADMIN else walk):
            seen.add(crawling.name_of(url))
            asked += 1
            leaks += [(url, "wrote", *one) for one in writes]
            said = planted.texts_in(answer)
            found = (planted.numbers_in(said) & hidden) - written_down(user)
            if found:
                leaks.append((url, answer.status_code, sorted(found)[:3]))
            if not may_see and any(HIDDEN in text for text in said):
                leaks.append((url, answer.status_code, HIDDEN))
    assert not leaks, "\n".join(map(str, leaks))
    assert len(seen) > 250, "the walk must reach the house"
    assert asked > 300


def asked_twice(client: Client, walk: Iterator[tuple[str, object]]) -> Iterator[tuple[str, object]]:
    """Every page of a walk, and a second time by HEAD, which is the same page without its body."""
    for url, answer in walk:
        yield url, answer
        client.head(url)


@contextmanager
def as_it_was(role: str) -> Iterator[None]:
    """For an admin: what is written past the eyes of a walk is found as well."""
    if role != Role.ADMIN:
        yield
        return
    with unchanged("reading"):
        yield


def test_no_notice_and_no_entry_of_the_trail_holds_a_number(world):
    hidden = planted.numbers_of_customers()
    texts = [str(one) for one in Notice.objects.values_list("params", flat=True)]
    texts += [str(one) for one in Entry.objects.values_list("detail", flat=True)]
    texts += list(Notice.objects.values_list("url", flat=True))
    assert len(texts) > 100
    assert not [text for text in texts if planted.numbers_written(text) & hidden]
