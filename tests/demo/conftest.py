"""One small demo world for all tests of a module here; what they write into it is gone with it."""

import pytest

from tests import worlds


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker):
    """The demo world at its moment, a Wednesday afternoon."""
    with django_db_blocker.unblock(), worlds.standing():
        yield
