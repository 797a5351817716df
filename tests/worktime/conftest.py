"""Calendars and weeks that the tests of this room share."""

from datetime import time

import pytest

from crm_site.worktime.rules import Segment

SPLIT = (Segment(time(8, 30), time(12)), Segment(time(13, 30), time(18)))


@pytest.fixture
def split_week():
    """Monday to Saturday in two shifts."""
    return dict.fromkeys(range(6), SPLIT)
