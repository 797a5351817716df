"""What an old register says of a complaint and no row of ours stands for: people, car and subject as text."""

from __future__ import annotations

from django.db import models

from crm_site.imports.models import Attribution


class FromRegister(Attribution):
    """Abstract: the part of a ticket that only an imported complaint fills.

    Where a name, a car or a customer is known for certain the ticket's keys say so too; the text stays beside them.
    """

    reported_by_name = models.CharField(max_length=60, blank=True)
    handler_name = models.CharField(max_length=60, blank=True)
    liable_name = models.CharField(max_length=60, blank=True)
    customer_name = models.CharField(max_length=80, blank=True)
    customer_phone = models.CharField(max_length=30, blank=True)
    order_number = models.CharField(max_length=40, blank=True)
    plate_no = models.CharField(max_length=12, blank=True)
    vin = models.CharField(max_length=17, blank=True)
    brand = models.CharField(max_length=40, blank=True)
    series = models.CharField(max_length=60, blank=True)
    model = models.CharField(max_length=80, blank=True)
    #: the subject in the register's own words, whatever category it was mapped to
    topic = models.CharField(max_length=400, blank=True)
    note = models.CharField(max_length=1000, blank=True)
    #: when the register's own confirming call was made, and its result as written there
    confirmed_at = models.DateTimeField(null=True, blank=True)
    result_words = models.CharField(max_length=200, blank=True)
    #: the moments of which the register says the day only: ["received_at", "closed_at"]; they stand at 0:00 of it
    day_only = models.JSONField(default=list, blank=True)

    class Meta:
        abstract = True

    @property
    def car_words(self) -> str:
        """The car as the register describes it, the brand once."""
        words = list(dict.fromkeys(word for word in (self.brand, self.series, self.model) if word))
        if len(words) > 1 and words[1].startswith(words[0]):
            words = words[1:]
        return " ".join(words)
