"""Abstract pieces that tables in every room share; core itself has no table."""

from typing import Protocol

from django.db import models
from django.utils.translation import get_language


class Named(Protocol):
    """Whatever carries its own name in both languages."""

    @property
    def label_zh(self) -> str: ...
    @property
    def label_en(self) -> str: ...


def label_of(row: Named) -> str:
    """The name in the active language."""
    return row.label_en if (get_language() or "").startswith("en") else row.label_zh


class Labelled(models.Model):
    """A reference row that carries its own name in both languages."""

    label_zh = models.CharField(max_length=120)
    label_en = models.CharField(max_length=120)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        """The name in the active language."""
        return label_of(self)
