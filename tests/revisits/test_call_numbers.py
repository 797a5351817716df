"""What a call teaches of the number that was dialled: good on the day on which the customer was reached."""

import pytest

from customers.models import Phone
from tests.revisits.calls import DAY, save, service_task

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("result", "channel", "good_on"),
    [
        ("SUCCESS", "phone", DAY),
        ("LATER", "phone", DAY),
        ("WRONG_NO", "phone", None),
        ("NO_ANSWER", "phone", None),
        ("LATER", "incoming", None),
    ],
)
def test_only_who_was_reached_on_a_number_we_dialled_shows_that_it_is_good(
    store_a, specialist_a, result, channel, good_on
):
    task = service_task(store_a)
    dialled = task.phone_id
    save(task, specialist_a, result, channel=channel)
    assert Phone.objects.get(pk=dialled).good_on == good_on
