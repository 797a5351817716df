"""The form in which an important customer is given somebody who looks after them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from crm_site.accounts.models import Employee
from crm_site.core.forms import ScopedChoiceField


class KeeperForm(forms.Form):
    """Who of the store looks after the customer."""

    keeper = ScopedChoiceField(
        Employee, label=_("Looked after by"), required=False, empty_label=_("Nobody in particular")
    )

    def __init__(self, *args: Any, people: QuerySet[Employee], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["keeper"].queryset = people  # type: ignore[attr-defined]
