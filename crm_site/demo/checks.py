"""Refuses to run a demo database in production: its passwords are known to everybody."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from crm_site.demo.marker import is_demo_database


@register(Tags.database)
def check_not_demo(databases: Sequence[str] | None = None, **_kwargs: Any) -> list[CheckMessage]:
    """An error where production settings meet a database that was filled with the demo world."""
    if settings.DEMO or not databases or not is_demo_database():
        return []
    return [
        Error(
            "This database holds the demo world, whose passwords everybody knows; production does not run on it.",
            hint="Name an empty database in DATABASE_URL, or run the demo with HUIFANG_DEMO=1.",
            id="demo.E001",
        )
    ]
