"""Registers the room of upkeep: commands, no tables."""

from django.apps import AppConfig


class UpkeepConfig(AppConfig):
    """An app without models, so that its commands are found."""

    name = "crm_site.upkeep"
    label = "upkeep"
