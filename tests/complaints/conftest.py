"""Fixtures of the tests of complaints."""

import pytest

from tests.complaints.story import Story


@pytest.fixture
def story(head_a, manager_a, specialist_a):
    """Takes tickets to any state."""
    return Story(head_a, manager_a, specialist_a)
