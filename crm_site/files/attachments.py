"""Takes in a file that belongs to a record: looked at closely, named by what it is, kept without an end."""

from __future__ import annotations

from datetime import datetime

from django.core.files.uploadedfile import UploadedFile
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm_site.accounts.models import Employee, Store
from crm_site.core.errors import RuleBroken
from crm_site.files import actions, kinds, rules
from crm_site.files.models import StoredFile

MEGABYTE = 1024 * 1024
LARGEST = 20 * MEGABYTE

#: why a file is not taken and what to do instead, by the code of kinds.Unfit
REFUSALS: dict[str, Promise] = {
    "empty": gettext_lazy("“%(name)s” has no content (0 bytes). Save or take it again, and check that it opens."),
    "program": gettext_lazy("“%(name)s” is a program or script. Attach what it shows as a picture or PDF."),
    "archive": gettext_lazy("“%(name)s” is an archive. Unpack it and attach the files in it one by one."),
    "broken": gettext_lazy("“%(name)s” is damaged: it cannot be opened. Save it again, and check that it opens."),
    "macros": gettext_lazy("“%(name)s” holds macros or programs. Save it without macros (.docx, .xlsx) or as PDF."),
    "markup": gettext_lazy("“%(name)s” is a web page or a drawing with code (HTML, SVG). Attach it as PDF or PNG."),
    "hidden": gettext_lazy("“%(name)s” hides a second file in itself. Take a screenshot of it and attach that."),
    "not_txt": gettext_lazy(
        "The content of “%(name)s” is plain text, whatever its ending says. Name it .txt, or save it as PDF."
    ),
    "unknown": gettext_lazy(
        "“%(name)s” is of no kind that is taken. Pictures, PDF, Word, Excel, PowerPoint, sound, film and .txt are."
    ),
}


def accept(
    upload: UploadedFile, *, store: Store, owner: Employee, capability: str, now: datetime, keep_days: int | None
) -> StoredFile:
    """Store an attachment under a name of our own, with the type that its content shows.

    Refuses (RuleBroken, field "files", naming the file and what to do) one over 20 MB before reading it, an empty one,
    and everything that is no picture, paper, recording or plain text.
    """
    name = rules.safe_name(upload.name or "")
    if upload.size is None or upload.size > LARGEST:
        text = _(
            "“%(name)s” is larger than %(limit)s MB. Make it smaller: a shorter recording, a picture of less size."
        )
        raise RuleBroken(text % {"name": name, "limit": LARGEST // MEGABYTE}, code="too_big", field="files")
    try:
        kind = kinds.look(upload, name)
    except kinds.Unfit as unfit:
        raise RuleBroken(str(REFUSALS[unfit.code]) % {"name": name}, code=unfit.code, field="files") from unfit
    upload.name = kinds.fitting_name(name, kind)
    return actions.accept(
        upload,
        store=store,
        owner=owner,
        purpose=StoredFile.Purpose.ATTACHMENT,
        capability=capability,
        now=now,
        limit=LARGEST,
        keep_days=keep_days,
        content_type=kind.content_type,
    )
