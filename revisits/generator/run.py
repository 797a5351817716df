"""One run: brings open tasks up to date, then makes the tasks of every rule, batch by batch under the store's lock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any, Protocol

from django.db import transaction

from crm_site.accounts.models import Store
from crm_site.audit import trail
from crm_site.core import clock, sql
from crm_site.jobs.models import Job
from revisits.generator import capacity, occasions, plans, upkeep
from revisits.generator.context import Context, StoreRule, context_for
from revisits.generator.decide import Decisions, Draft, SkipDraft, decide
from revisits.generator.plans import Plan
from revisits.models import GenerationRun, Revisit, RevisitOrder, Skip
from revisits.rules.codes import ENDED, Reason


class Ledger(Protocol):
    """What a run reports to between batches; both may raise to stop it. jobs.runner.Run is one."""

    def progress(self, done: int, total: int) -> None:
        """Say how far it is."""

    def hold(self) -> None:
        """Called first in every transaction: a worker thought dead writes nothing."""


class Nobody:
    """Listens to a run that belongs to no job."""

    def progress(self, done: int, total: int) -> None:
        """Nobody wants to know."""

    def hold(self) -> None:
        """Nobody can take it over."""


def generate(
    store_id: int, day: date, *, today: date | None = None, job: Job | None = None, ledger: Ledger | None = None
) -> GenerationRun:
    """Make every call of a store that is due by `day`, and bring the open ones up to date.

    `today` is the business day on which it is looked at (default `day`): lateness and new deadlines count from it.
    Safe to run again, or several at once: an occasion that has its task is left alone, writers of one store wait for
    each other, and the database refuses a second task. What was committed before a crash is found and not made again.
    """
    return carry_out(context_for(store_id, day, today or day), job=job, ledger=ledger or Nobody())


def carry_out(context: Context, *, job: Job | None, ledger: Ledger) -> GenerationRun:
    """One run in a context; see generate."""
    run = _open_run(context, job)
    with transaction.atomic():
        ledger.hold()
        _lock(context.store.pk)
        _add(run, ended=upkeep.bring_up_to_date(context))
    everything = plans.plans(context)
    for done, plan in enumerate(everything):
        ledger.progress(done, len(everything))
        _make(context, run, plan, ledger)
    with transaction.atomic():
        ledger.hold()
        _lock(context.store.pk)
        _add(run, ended={Reason.NOT_DRAWN: capacity.draw(context)})
    return _close_run(run, context)


def _make(context: Context, run: GenerationRun, plan: Plan, ledger: Ledger) -> None:
    """The tasks and skips of one plan."""
    rule, source, days = plan
    for ids in plans.batches(context, plan):
        with transaction.atomic():
            ledger.hold()
            _lock(context.store.pk)
            found = decide(context, rule, source, days, list(occasions.read(source, context.store.pk, rule.ids, ids)))
            _write(context, rule, found)
            _count(run, rule, found)


def _lock(store_id: int) -> None:
    """Let the generators of one store write one after the other; rows that refer to the store are not held up."""
    Store.objects.select_for_update(no_key=True).get(pk=store_id)


# ---- writing ---------------------------------------------------------------------------------------------------------

_TASK_COLUMNS = (
    "store", "rule", "rule_version", "anchor_key", "anchor_on", "delivery", "repair_order", "vehicle", "customer",
    "complaint", "phone", "questionnaire_version", "state", "due_on", "expires_on", "late", "priority", "tries_made",
    "reason", "created_at", "ended_at", "ended_on", "version", "not_before", "head", "joined_as",
)  # fmt: skip
_SKIP_COLUMNS = (
    "store", "rule", "anchor_key", "anchor_on", "due_on", "customer", "vehicle", "reason", "recorded_on",
)  # fmt: skip


def _write(context: Context, rule: StoreRule, found: Decisions) -> None:
    """Tasks, what they cover, and skips; a fact that was skipped before and is a task now loses its skip."""
    alone = [draft for draft in found.tasks if draft.head is None]
    sql.load_rows(Revisit, _TASK_COLUMNS, (_task_row(context, draft, None) for draft in alone))
    _write_joined(context, rule, [*(draft for draft in found.tasks if draft.head), *found.early])
    _write_covered(context, rule, found)
    _write_skips(context, rule, found)


def _write_joined(context: Context, rule: StoreRule, drafts: Sequence[Draft]) -> None:
    """The tasks that are made together with another one, once their heads stand."""
    keys = {draft.head.anchor_key for draft in drafts if draft.head and draft.head.task_id is None}
    heads = Revisit.objects.filter(store=context.store, rule_id__in=rule.ids, anchor_key__in=keys)
    task_of = dict(heads.values_list("anchor_key", "pk")) if keys else {}
    rows = ((draft, draft.head.task_id or task_of[draft.head.anchor_key]) for draft in drafts if draft.head)
    sql.load_rows(Revisit, _TASK_COLUMNS, (_task_row(context, draft, head_id) for draft, head_id in rows))


def _task_row(context: Context, draft: Draft, head_id: int | None) -> Sequence[Any]:
    occasion, timing, rule = draft.occasion, draft.timing, draft.rule.rule
    ended = draft.state in ENDED
    return (
        context.store.pk, rule.pk, draft.version.pk, occasion.anchor_key, occasion.anchor_on,
        occasion.delivery_id, occasion.repair_order_id, occasion.vehicle_id, occasion.customer_id,
        occasion.complaint_id, draft.phone_id, draft.form_id, draft.state.value, timing.due_on, timing.expires_on,
        timing.late, rule.priority, 0, draft.reason.value if draft.reason else "", context.now,
        context.now if ended else None, context.today if ended else None, 1, draft.not_before, head_id, draft.joined_as,
    )  # fmt: skip


def _write_covered(context: Context, rule: StoreRule, found: Decisions) -> None:
    """The further orders of a call, beside the one that it was made for."""
    if not found.covered:
        return
    _leave_out_ended(found)
    heads = {cover.visit for cover in found.covered.values() if cover.visit is not None}
    rows = Revisit.objects.filter(store=context.store, rule_id__in=rule.ids, repair_order_id__in=heads)
    task_of = dict(rows.values_list("repair_order_id", "pk"))
    pairs = [
        (cover.task_id if cover.visit is None else task_of[cover.visit], order_id)
        for order_id, cover in sorted(found.covered.items())
    ]
    sql.load_rows(RevisitOrder, ("revisit", "repair_order"), pairs)


def _leave_out_ended(found: Decisions) -> None:
    """A call that is being saved or has just ended covers no further order; the next run looks at the order again."""
    wanted = {cover.task_id for cover in found.covered.values() if cover.visit is None}
    still = Revisit.objects.filter(pk__in=wanted).open().order_by("pk")
    held = set(still.select_for_update(no_key=True, skip_locked=True).values_list("pk", flat=True)) if wanted else set()
    found.covered = {
        order_id: cover for order_id, cover in found.covered.items() if cover.visit is not None or cover.task_id in held
    }


def _write_skips(context: Context, rule: StoreRule, found: Decisions) -> None:
    mine = Skip.objects.filter(store=context.store, rule_id__in=rule.ids)
    mine.filter(anchor_key__in=[draft.occasion.anchor_key for draft in found.tasks]).delete()
    keys = [skip.occasion.anchor_key for skip in found.skips]
    known = set(mine.filter(anchor_key__in=keys).values_list("anchor_key", flat=True))
    found.skips = [skip for skip in found.skips if skip.occasion.anchor_key not in known]
    sql.load_rows(Skip, _SKIP_COLUMNS, (_skip_row(context, rule, skip) for skip in found.skips))


def _skip_row(context: Context, rule: StoreRule, skip: SkipDraft) -> Sequence[Any]:
    occasion = skip.occasion
    return (
        context.store.pk, rule.rule.pk, occasion.anchor_key, occasion.anchor_on, skip.due_on, occasion.customer_id,
        occasion.vehicle_id, skip.reason.value, context.today,
    )  # fmt: skip


# ---- the run's ledger ------------------------------------------------------------------------------------------------


def _open_run(context: Context, job: Job | None) -> GenerationRun:
    """The row of this run; a job that begins again after a crash goes on with its own row and counts."""
    earlier = GenerationRun.objects.filter(job=job).first() if job else None
    if earlier:
        return earlier
    return GenerationRun.objects.create(store=context.store, day=context.day, job=job, started_at=context.now)


def _count(run: GenerationRun, rule: StoreRule, found: Decisions) -> None:
    """Add a batch to the run, in the batch's own transaction: the sum is right whatever happens afterwards."""
    code = rule.rule.code
    made = [*found.tasks, *found.early]
    run.made += len(made)
    run.skipped += len(found.skips)
    _add(
        run,
        made=Counter(draft.rule.rule.code for draft in made),
        covered={code: len(found.covered)},
        skipped=Counter(skip.reason.value for skip in found.skips),
        states=Counter(draft.state.value for draft in made),
    )


def _add(run: GenerationRun, **parts: dict[str, int]) -> None:
    """Add counts to the run's ledger, leaving out zeros."""
    counts = {name: Counter(part) for name, part in run.counts.items()}
    for name, part in parts.items():
        counts[name] = counts.get(name, Counter()) + Counter(part)
    run.counts = {name: dict(part) for name, part in counts.items() if part}
    run.save(update_fields=["made", "skipped", "counts"])


@transaction.atomic
def _close_run(run: GenerationRun, context: Context) -> GenerationRun:
    run.ended_at = clock.now()
    run.save(update_fields=["ended_at"])
    trail.record(
        None, "revisits.generated", run, store_id=context.store.pk, day=run.day, made=run.made, skipped=run.skipped
    )
    return run
