"""Correcting cells of an import that waits to be confirmed: the row is read and judged anew at once."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee
from crm_site.audit import trail
from crm_site.core.errors import RuleBroken
from crm_site.imports.models import BatchState, ImportBatch, StagedRow, Verdict
from crm_site.imports.rejudging import Rejudging, mapping_of

#: Cells of one file that may be corrected here; beyond that the file itself wants mending.
MOST = 2_000
LONGEST = 2_000


@transaction.atomic
def correct(batch_id: int, row_id: int, typed: Mapping[str, str], *, by: Employee) -> StagedRow:
    """Read a staged row with what a person has typed in some of its cells (field → text), and judge it anew.

    The texts are kept with the batch's answers, so that they hold when the file is read again. Gives the row as it is
    judged now; it may still be refused, for what is typed or as a repetition of another row. Refuses a batch that is
    not at its preview, a row that is written or no record, a field without a column, and too many corrections.
    """
    batch = ImportBatch.objects.select_related("store").select_for_update(of=("self",)).get(pk=batch_id)
    staged = StagedRow.objects.select_for_update().get(pk=row_id, batch=batch)
    _check(batch, staged, typed)
    cells = dict(batch.answers.get("cells", {}))
    place = f"{staged.sheet}!{staged.row}"
    before = cells.get(place, {})
    after = {**before, **typed}
    if after == before:
        return staged
    cells[place] = after
    if sum(len(said) for said in cells.values()) > MOST:
        raise RuleBroken(
            _("%(most)s cells of this file have been corrected here. Mend the others in the file and bring it again.")
            % {"most": MOST}
        )
    batch.answers["cells"] = cells
    staged = Rejudging(batch).judge(staged)
    batch.save(update_fields=["answers", "counts", "reading"])
    trail.record(by, "import.corrected", batch, row=staged.row, fields=sorted(typed))
    return staged


def _check(batch: ImportBatch, staged: StagedRow, typed: Mapping[str, str]) -> None:
    if batch.state != BatchState.PREVIEW:
        raise RuleBroken(_("Cells can be corrected only while an import waits to be confirmed. Reload to see it."))
    if staged.applied:
        raise RuleBroken(_("This row is written already. Correct it in the archive."))
    if staged.verdict == Verdict.SKIPPED:
        raise RuleBroken(_("This row is no record of its own. Correct the row that it belongs to."))
    known = set(mapping_of(batch, staged.sheet).values())
    if not typed or not set(typed) <= known:
        raise RuleBroken(_("The file has no such column."))
    if any(len(text) > LONGEST or "\x00" in text for text in typed.values()):
        raise RuleBroken(_("This text is too long for a cell."))
