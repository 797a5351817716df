"""Registers the demo world: commands and a check, no tables."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """An app without models, so that its commands are found."""

    name = "crm_site.demo"
    label = "demo"

    def ready(self) -> None:
        """Register the check."""
        from crm_site.demo import checks  # noqa: F401
