"""One small demo world for all tests of this folder, made at a fixed moment and taken back at the end."""

from unittest.mock import patch

import pytest
from django.db import connection, transaction

from crm_site.core import clock
from crm_site.demo.build import build
from tests.factories import DAY

#: a Wednesday afternoon: calls have been made today, and some are still to come
NOW = clock.at(DAY, 15, 30)
SCALE = 0.06


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """A world of a hundredth of a dealership's size; the tests of a module read it, what they write is taken back."""
    with django_db_blocker.unblock(), patch("django.utils.timezone.now", return_value=NOW), transaction.atomic():
        made = build(now=NOW, scale=SCALE)
        connection.check_constraints()  # once for all its rows, rather than at the end of every test
        yield made
        transaction.set_rollback(True)
