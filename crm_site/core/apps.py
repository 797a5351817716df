"""Registers the core room and its system checks."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Core has no tables; it is an app for its template tags, commands and checks."""

    name = "crm_site.core"
    label = "core"

    def ready(self) -> None:
        from crm_site.core import checks  # noqa: F401 - registers the checks
