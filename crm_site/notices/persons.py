"""Notices name nobody by design; any that holds a number of a person is told, and goes (settings.PERSONAL_DATA)."""

from django.utils.translation import gettext_lazy as _

from crm_site.core.persons import Holding, naming, room

ROOM = room(
    _("Notices"),
    (
        Holding(
            "notices.Notice",
            _("Notices"),
            lambda person: naming("notices.Notice", ("params", "url", "key"), person.words),
            dropped=True,
        ),
    ),
)
