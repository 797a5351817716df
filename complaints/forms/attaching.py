"""The field by which files come in, several at once."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from crm_site.files import kinds


class _SeveralFiles(forms.FileInput):
    """A file chooser that takes several; on a phone it offers the camera, too."""

    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[UploadedFile]:
        """All files of the field, not only the last one."""
        return files.getlist(name) if hasattr(files, "getlist") else []


class FilesField(forms.Field):
    """Any number of files as a list; what they are is judged where they are stored."""

    widget = _SeveralFiles

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Files"))
        kwargs.setdefault("help_text", _("pictures, PDF, Office, sound, film or .txt; 20 MB each, 20 a complaint"))
        super().__init__(**kwargs)
        self.widget.attrs |= {"accept": kinds.ACCEPT, "multiple": True}

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        """Every file that was chosen, in the order of the choice; the empty and the odd ones are told apart later."""
        if not data and self.required:
            raise ValidationError(self.error_messages["required"], code="required")
        return list(data or [])


class AttachForm(forms.Form):
    """Files to be added to a ticket."""

    files = FilesField(error_messages={"required": _("Choose at least one file.")})
