"""Abstract pieces that tables in every room share; core itself has no table."""

from django.db import models
from django.utils.translation import get_language


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
        return self.label_en if (get_language() or "").startswith("en") else self.label_zh
