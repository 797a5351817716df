"""One person's data in every room: gathers what settings.PERSONAL_DATA names (the shapes are in core.persons)."""

from __future__ import annotations

from crm_site.core import hooks
from crm_site.core.persons import Person, Room, Section

__all__ = ["Person", "Room", "Section", "rooms"]


def rooms() -> list[Room]:
    """Every room that knows persons, in the order of the settings."""
    return hooks.load("PERSONAL_DATA")
