"""What a person rules of rows: which customer is meant, whose value stands; the rows are judged anew with it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from django.db import transaction
from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee
from crm_site.audit import trail
from crm_site.core.errors import RuleBroken
from crm_site.core.sql import update_rows
from crm_site.imports import layout, rulings
from crm_site.imports.actions.batches import locked
from crm_site.imports.layout import Context, Layout
from crm_site.imports.models import BatchState, ImportBatch, StagedRow, Verdict
from crm_site.imports.rulings import ALL, PART, place_of
from crm_site.imports.staging import context_of, row_of

#: rows that are judged anew together
AT_ONCE = 1_000
#: answers of each part that are no key of a customer
WORDS = {"same": {"new", "one"}, "conflicts": {"file", "ours"}}
NOTED = ("findings", "verdict", "changes", "target_type", "target_id")


@transaction.atomic
def rule(batch_id: int, verdict: str, said: Mapping[int, str], *, by: Employee) -> int:
    """Keep what was said of some rows ({key of the staged row: answer}) and judge them anew; gives how many.

    `verdict` is ASK or CONFLICT. Answers that were not on offer are ignored. Refuses a batch that is being worked on.
    """
    batch = _open(batch_id, verdict)
    rows = list(_waiting(batch, verdict).filter(pk__in=[key for key, answer in said.items() if answer]))
    answers = dict(batch.answers.get(PART[Verdict(verdict)], {}))
    ruled = [row for row in rows if _is_offered(row, verdict, said[row.pk])]
    answers |= {place_of(row.sheet, row.row): said[row.pk] for row in ruled}
    return _keep(batch, verdict, answers, ruled, by)


@transaction.atomic
def rule_all(batch_id: int, verdict: str, answer: str, *, by: Employee) -> int:
    """The same answer for every row of which nothing else has been said."""
    batch = _open(batch_id, verdict)
    part = PART[Verdict(verdict)]
    if answer not in WORDS[part]:
        raise RuleBroken(_("Choose one of the answers."))
    answers = {**batch.answers.get(part, {}), ALL: answer}
    rows = _waiting(batch, verdict).order_by("pk").iterator(chunk_size=AT_ONCE)
    return _keep(batch, verdict, answers, (row for row in rows if row.verdict == verdict or is_in_conflict(row)), by)


def _keep(batch: ImportBatch, verdict: str, answers: dict[str, str], rows: Iterable[StagedRow], by: Employee) -> int:
    """Write the answers, the rows as they are judged with them, and the figures."""
    batch.answers[PART[Verdict(verdict)]] = answers
    wanted = layout.get(batch.layout).at(batch.store)
    context = context_of(batch)
    count = 0
    left = iter(rows)
    while chunk := list(islice(left, AT_ONCE)):
        _judge(context, wanted, chunk)
        count += len(chunk)
    batch.counts = {**batch.counts, **dict.fromkeys(Verdict.values, 0), **_counted(batch)}
    batch.save(update_fields=["answers", "counts"])
    if count:
        trail.record(by, "import.ruled", batch, what=PART[Verdict(verdict)], rows=count)
    return count


def _judge(context: Context, wanted: Layout, chunk: list[StagedRow]) -> None:
    rows = [row_of(wanted, staged) for staged in chunk]
    context.roster.resolve(wanted, rows)
    rulings.obey(context.batch.answers, rows)
    for staged, one in zip(chunk, wanted.compare(context, rows), strict=True):
        staged.verdict = Verdict.PROBLEM if one.row.is_refused else one.verdict
        staged.findings = rulings.refreshed(staged.findings, one.row.findings)
        staged.changes, staged.target_type, staged.target_id = one.changes, one.target_type, one.target_id
    update_rows(StagedRow, NOTED, [(staged.pk, *(getattr(staged, name) for name in NOTED)) for staged in chunk])


def _counted(batch: ImportBatch) -> dict[str, int]:
    rows = StagedRow.objects.filter(batch=batch).order_by().values("verdict").annotate(n=Count("pk"))
    return {line["verdict"]: line["n"] for line in rows}


def _waiting(batch: ImportBatch, verdict: str) -> QuerySet[StagedRow]:
    """The rows of which something can be ruled; a row in conflict may change other fields all the same."""
    kinds = [verdict, Verdict.CHANGED] if verdict == Verdict.CONFLICT else [verdict]
    return StagedRow.objects.filter(batch=batch, applied=False, verdict__in=kinds)


def is_in_conflict(row: StagedRow) -> bool:
    """Whether a field of the row was edited here and the file says otherwise."""
    return any(finding["code"] == "conflict" for finding in row.findings)


def _open(batch_id: int, verdict: str) -> ImportBatch:
    if verdict not in PART:
        raise RuleBroken(_("Of these rows there is nothing to decide."))
    batch = locked(batch_id)
    if batch.state not in {BatchState.PREVIEW, BatchState.APPLIED}:
        raise RuleBroken(_("This import is being worked on. Reload to see where it stands."))
    return batch


def _is_offered(row: StagedRow, verdict: str, answer: str) -> bool:
    """Whether the page has offered this answer for the row."""
    return answer in WORDS[PART[Verdict(verdict)]] or answer in {one["key"] for one in candidates(row)}


def candidates(row: StagedRow) -> Iterator[dict]:
    """The customers who may be meant by a row in question."""
    for finding in row.findings:
        yield from finding.get("candidates", [])
