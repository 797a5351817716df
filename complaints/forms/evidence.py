"""The form that asks for an evidence pack."""

from django import forms
from django.utils.translation import gettext_lazy as _

from crm_site.core.forms import SubmissionMixin


class EvidenceForm(SubmissionMixin):
    """What the pack is for."""

    reason = forms.CharField(
        label=_("What it is needed for"), max_length=200, help_text=_("such as a court file or a 12315 case; logged")
    )
