"""T58: what the lock pins has no known way from a look-up's name into a statement (CVE-2025-64459, Django 5.2.8)."""

import re
from pathlib import Path

import pytest
from django.conf import settings

LOCKS = ["requirements.txt", "requirements-dev.txt"]


@pytest.mark.parametrize("lock", LOCKS)
def test_the_locked_django_takes_no_connector_from_a_look_up(lock):
    text = (Path(settings.BASE_DIR) / lock).read_text(encoding="utf-8")
    pinned = re.search(r"^django==(\d+)\.(\d+)\.(\d+)", text, re.MULTILINE | re.IGNORECASE)
    assert pinned is not None
    assert tuple(map(int, pinned.groups())) >= (5, 2, 8)
