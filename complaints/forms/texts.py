"""The form of one text of the desk, in both languages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from complaints.models import Text


class TextForm(forms.Form):
    """What is said in Chinese and in English; `seen` names what the form showed."""

    seen = forms.CharField(widget=forms.HiddenInput)
    text_zh = forms.CharField(label=_("In Chinese"), max_length=2000, widget=forms.Textarea(attrs={"rows": 9}))
    text_en = forms.CharField(label=_("In English"), max_length=2000, widget=forms.Textarea(attrs={"rows": 9}))

    def __init__(self, *args: Any, row: Text, seen: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial |= {"text_zh": row.text_zh, "text_en": row.text_en, "seen": seen}
