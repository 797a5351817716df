"""What the pages of scores are looked at with: the day of the answers."""

import pytest

from crm_site.core import clock
from tests.factories import DAY


@pytest.fixture
def september(monkeypatch):
    """Today is the day of the answers."""
    monkeypatch.setattr(clock, "today", lambda: DAY)
