"""The words by which customers and cars are found: one row a token, by equality or prefix, never LIKE."""

from django.db import models
from django.db.models import Q

from crm_site.accounts.models import Store
from crm_site.accounts.scoping import StoreScoped
from crm_site.core.sql import TokenField
from customers.models.people import Customer
from customers.models.vehicles import Vehicle


class SearchToken(models.Model):
    """One word (name part, pinyin, initials, reversed phone, plate, reversed VIN, number) that leads to a customer."""

    class Kind(models.TextChoices):
        """Which fact the word was taken from."""

        NAME = "n"
        PINYIN = "p"
        INITIALS = "i"
        PHONE = "t"
        PLATE = "l"
        VIN = "v"
        NUMBER = "o"

    store = models.ForeignKey(Store, models.PROTECT, related_name="+", db_index=False)
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="tokens")
    vehicle = models.ForeignKey(Vehicle, models.CASCADE, null=True, blank=True, related_name="tokens")
    kind = models.CharField(max_length=1, choices=Kind.choices)
    token = TokenField(max_length=80)

    #: written anew from the other tables whenever those change
    IS_DERIVED = True
    objects = StoreScoped.as_manager()

    class Meta:
        indexes = [
            # holds all that a search reads, so that PostgreSQL need not look up fifty scattered rows
            models.Index(
                fields=["store", "kind", "token", "customer"], include=["vehicle"], name="token_store_kind_token"
            )
        ]
        constraints = [models.CheckConstraint(condition=~Q(token=""), name="token_not_empty")]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
