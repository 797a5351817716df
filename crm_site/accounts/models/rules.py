"""What a store lays down for its people: how personal data are kept and shown, and how one signs in."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from crm_site.accounts.models.people import Role, Store
from crm_site.accounts.scoping import Reference


class DataRules(models.Model):
    """How personal data are kept and shown; store NULL is the company's, a store's own row replaces it."""

    store = models.ForeignKey(Store, models.PROTECT, null=True, blank=True, related_name="+")
    #: facts that one person may look at in full on one day; from how many on the manager is told
    reveals_a_day = models.PositiveSmallIntegerField(default=30)
    reveals_told_from = models.PositiveSmallIntegerField(default=20)
    #: rows of personal data that one export may hold, and one person may export on one day
    export_rows = models.PositiveIntegerField(default=5_000)
    export_rows_a_day = models.PositiveIntegerField(default=20_000)
    #: days for which uploads, staged rows, drafts, error workbooks and exports are kept
    keep_days = models.PositiveSmallIntegerField(default=90)
    #: days for which a merge can be taken back
    unmerge_days = models.PositiveSmallIntegerField(default=365)
    #: years for which sales and user archives must be kept (domain 9)
    archive_years = models.PositiveSmallIntegerField(default=10)
    #: {fact: roles that see it in full without a look that is logged}; what is missing is as shipped
    seen_by = models.JSONField(default=dict, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = Reference.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store"], name="data_rules_once_a_store"),
            models.CheckConstraint(condition=Q(keep_days__gte=1), name="data_rules_keep_a_day"),
            models.CheckConstraint(condition=Q(archive_years__gte=1), name="data_rules_archive_a_year"),
        ]

    def __str__(self) -> str:
        return f"data rules {self.store_id}"


def roles_with_second_factor() -> list[str]:
    """Who needs a second factor as shipped: whoever decides, sees everybody's figures or sets the rules."""
    return [Role.MANAGER.value, Role.ADMIN.value, Role.DIRECTOR.value]


class SignInRules(models.Model):
    """How one signs in; store NULL is the company's, a store's own row replaces it.

    A row makes it stricter than shipped at most in the limits of a session, never looser: the bounds stand below.
    """

    #: the longest that any row may allow
    MOST_IDLE_MINUTES, MOST_HOURS = 30, 12

    store = models.ForeignKey(Store, models.PROTECT, null=True, blank=True, related_name="+")
    #: the roles that must have a second factor; for everybody else it is optional
    second_factor_roles = models.JSONField(default=roles_with_second_factor, blank=True)
    #: minutes without use after which a session ends
    idle_minutes = models.PositiveSmallIntegerField(default=MOST_IDLE_MINUTES)
    #: hours after which a session ends however busy it is
    session_hours = models.PositiveSmallIntegerField(default=MOST_HOURS)
    version = models.PositiveIntegerField(default=1)

    objects = Reference.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store"], name="sign_in_rules_once_a_store"),
            models.CheckConstraint(
                condition=Q(idle_minutes__gte=5, idle_minutes__lte=30), name="sign_in_rules_idle_in_bounds"
            ),
            models.CheckConstraint(
                condition=Q(session_hours__gte=1, session_hours__lte=12), name="sign_in_rules_hours_in_bounds"
            ),
        ]

    def __str__(self) -> str:
        return f"sign-in rules {self.store_id}"
