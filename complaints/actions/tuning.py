"""Changes what holds for a store's tickets: numbers, levels with their stages, and phrases; each change is audited."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Model, ProtectedError, Q
from django.utils.translation import gettext as _

from complaints import settings
from complaints.models import Escalation, Level, Phrase, TicketSettings
from complaints.rules.escalation import Stage
from complaints.rules.levels import Phrases, plain
from crm_site.accounts.models import Employee, Store
from crm_site.audit import trail
from crm_site.core.errors import RuleBroken

LIMITS = ("clock", "response_minutes", "proposal_minutes", "closing_minutes", "closing_working_days")
#: nobody waits longer than this for anything that is promised
LONGEST_MINUTES = 60 * 24 * 60


@transaction.atomic
def save_numbers(store_id: int | None, values: Mapping[str, Any], *, version: int, by: Employee) -> TicketSettings:
    """Set the given numbers of the rules of a store, or (None) of the company.

    Refuses an outdated version unless nothing would change any more.
    """
    lock(store_id)
    row = settings.of(store_id)
    changed: dict[str, Any] = {
        name: (getattr(row, name), value) for name, value in values.items() if getattr(row, name) != value
    }
    if not changed:
        return row
    if version != row.version:
        raise _stale()
    for name, value in values.items():
        setattr(row, name, value)
    if row.repeats_raise < row.repeats_propose:
        raise RuleBroken(_("The ticket that raises cannot come before the one that proposes."), field="repeats_raise")
    row.version += 1
    if row.pk:
        row.save(update_fields=[*changed, "version"])
    else:
        row.save(force_insert=True)
    trail.record(by, "ticket_settings.numbers", row, **changed)
    return row


@transaction.atomic
def save_level(
    store_id: int | None, code: str, limits: Mapping[str, Any], stages: Sequence[Stage], *, seen: str, by: Employee
) -> Level:
    """Give a level limits and stages of the store's own, or (None) of the company's for all that have none.

    Tickets that are open keep what their ledgers say.

    `seen` is the mark of what the form had shown; see mark_of_level. Refuses limits that run backwards.
    """
    lock(store_id)
    level, before = _level(store_id, code), settings.stages(store_id).get(code, ())
    wanted = tuple(sorted(set(stages)))
    changed: dict[str, Any] = {
        name: (getattr(level, name), limits[name]) for name in LIMITS if getattr(level, name) != limits[name]
    }
    if not changed and wanted == before:
        return level
    if seen != mark_of_level(store_id, code):
        raise _stale()
    _check_limits(limits)
    if changed:
        level = _write_level(_own_level(level, store_id), limits)
        trail.record(by, "ticket_settings.level", level, store_id=store_id, level=code, **changed)
    if wanted != before:
        _write_stages(store_id, code, wanted)
        trail.record(
            by, "ticket_settings.stages", level, store_id=store_id, level=code, stages=(_words(before), _words(wanted))
        )
    return level


@transaction.atomic
def reset_level(store_id: int | None, code: str, *, by: Employee) -> None:
    """Let the company's limits and stages hold again for a level; what the store had goes."""
    lock(store_id)
    own = Level.objects.filter(Q(store=store_id), code=code).first()
    stages = Escalation.objects.filter(Q(store=store_id), level_code=code)
    if own is None and not stages.exists():
        return
    company = Level.objects.get(store=None, code=code)
    stages.delete()
    if own is not None:
        drop_or_copy(own, company, (*LIMITS, "label_zh", "label_en"))
    trail.record(by, "ticket_settings.reset", company, store_id=store_id, level=code)


@transaction.atomic
def save_phrases(store_id: int | None, wanted: Phrases, *, seen: str, by: Employee) -> int:
    """Let a store, or (None) the company, have these three lists; gives how many phrases changed.

    Of a store only what differs from the company's is kept.
    """
    lock(store_id)
    before = settings.phrases(store_id)
    effects = _effects(wanted)
    if effects == _effects(before):
        return 0
    if seen != mark_of_phrases(store_id):
        raise _stale()
    _write_phrases(store_id, effects)
    old, new = set(_effects(before).items()), set(effects.items())
    subject = Store.objects.filter(Q(pk=store_id)).first() or Phrase.objects.filter(store=None)[0]
    trail.record(
        by, "ticket_settings.phrases", subject, store_id=store_id,
        added=_listed(new - old), removed=_listed(old - new),
    )  # fmt: skip
    return len(old ^ new)


@transaction.atomic
def reset_phrases(store_id: int, *, by: Employee) -> None:
    """Let the company's lists of phrases hold again."""
    lock(store_id)
    if Phrase.objects.filter(store_id=store_id).delete()[0]:
        trail.record(by, "ticket_settings.reset", Store.objects.get(pk=store_id), store_id=store_id, what="phrases")


def mark_of_level(store_id: int | None | None, code: str) -> str:
    """Names what holds for a level now, so that a form notices when it is outdated."""
    level = _level(store_id, code)
    values = [str(getattr(level, name)) for name in LIMITS]
    return "|".join([*values, _words(settings.stages(store_id).get(code, ()))])


def mark_of_phrases(store_id: int | None) -> str:
    """Names the phrases that hold now."""
    effects = sorted(_effects(settings.phrases(store_id)).items())
    return hashlib.sha256(repr(effects).encode()).hexdigest()


def drop_or_copy(own: Model, company: Model, names: Sequence[str]) -> None:
    """Take a store's own row away; one that tickets point to stays and says what the company's says."""
    try:
        with transaction.atomic():
            own.delete()
    except ProtectedError:
        for name in names:
            setattr(own, name, getattr(company, name))
        own.save(update_fields=list(names))


def lock(store_id: int | None) -> None:
    """One change of a store's settings at a time; of the company's (None) no other in any store."""
    rows = Store.objects.select_for_update(no_key=True).order_by("pk")
    list(rows.filter(pk=store_id) if store_id is not None else rows)


def _stale() -> RuleBroken:
    return RuleBroken(
        _("Somebody changed this meanwhile. What you typed is still here; compare it with what holds and save again."),
        code="stale",
    )


def _level(store_id: int | None, code: str) -> Level:
    level = settings.level(store_id, code)
    if level is None:
        raise RuleBroken(_("Choose one of the levels L1 to L4."), code="level")
    return level


def _check_limits(limits: Mapping[str, Any]) -> None:
    """Each limit is at least a minute, and none ends after the next."""
    minutes, days = limits["closing_minutes"], limits["closing_working_days"]
    if (minutes is None) == (days is None):
        raise RuleBroken(_("Closing has one limit: hours, or working days by law."), field="closing_minutes")
    steps = [("response_minutes", limits["response_minutes"]), ("proposal_minutes", limits["proposal_minutes"])]
    steps += [("closing_minutes", minutes)] if minutes is not None else []
    for (_name, one), (name, other) in zip(steps, steps[1:], strict=False):
        if other < one:
            raise RuleBroken(_("This limit ends before the one above it."), field=name)
    if steps[0][1] < 1 or steps[-1][1] > LONGEST_MINUTES:
        raise RuleBroken(_("A limit is at least a minute and at most 60 days."), field=steps[0][0])


def _own_level(level: Level, store_id: int | None) -> Level:
    if level.store_id == store_id:
        return level
    names = ("code", "rank", "label_zh", "label_en", *LIMITS)
    return Level(store_id=store_id, **{name: getattr(level, name) for name in names})


def _write_level(level: Level, limits: Mapping[str, Any]) -> Level:
    for name in LIMITS:
        setattr(level, name, limits[name])
    if level.pk:
        level.save(update_fields=list(LIMITS))
    else:
        level.save(force_insert=True)
    return level


def _write_stages(store_id: int | None, code: str, stages: Sequence[Stage]) -> None:
    """The store's rows of a level; where nobody is to hear of it, one that is switched off says so."""
    Escalation.objects.filter(Q(store=store_id), level_code=code).delete()
    rows = [Escalation(store_id=store_id, level_code=code, percent=one.percent, role=one.role) for one in stages]
    off = Escalation(store_id=store_id, level_code=code, percent=100, role="head", is_active=False)
    Escalation.objects.bulk_create(rows or [off])


def _effects(phrases: Phrases) -> dict[str, str]:
    """{phrase: effect}; refuses one that stands in two lists."""
    found: dict[str, str] = {}
    for effect, texts in zip(Phrase.Effect.values, phrases, strict=True):
        for text in texts:
            if not plain(text) or len(text) > 40:
                raise RuleBroken(_("A phrase has 1 to 40 characters: “%(text)s”.") % {"text": text[:60]}, field=effect)
            if found.setdefault(text, effect) != effect:
                raise RuleBroken(_("“%(text)s” stands in two lists. Keep it in one.") % {"text": text}, field=effect)
    return found


def _write_phrases(store_id: int | None, wanted: Mapping[str, str]) -> None:
    company = {row.text: row for row in Phrase.objects.filter(store=None)}
    if store_id is None:
        _write_company_phrases(wanted, company)
        return
    Phrase.objects.filter(store_id=store_id).delete()
    rows = [
        Phrase(store_id=store_id, text=text, effect=effect)
        for text, effect in wanted.items()
        if text not in company or not company[text].is_active or company[text].effect != effect
    ]
    off = [
        Phrase(store_id=store_id, text=text, effect=row.effect, is_active=False)
        for text, row in company.items()
        if row.is_active and text not in wanted
    ]
    Phrase.objects.bulk_create([*rows, *off])


def _write_company_phrases(wanted: Mapping[str, str], company: Mapping[str, Phrase]) -> None:
    """The company's lists: what is taken out stays as a row that is off, so that no installation brings it back."""
    Phrase.objects.bulk_create(Phrase(text=text, effect=one) for text, one in wanted.items() if text not in company)
    for text, row in company.items():
        row.is_active, row.effect = text in wanted, wanted.get(text, row.effect)
    Phrase.objects.bulk_update(company.values(), ["is_active", "effect"])


def _words(stages: Sequence[Stage]) -> str:
    return ", ".join(f"{one.percent}% {one.role}" for one in stages)


def _listed(pairs: set[tuple[str, str]]) -> str:
    return ", ".join(f"{effect}: {text}" for text, effect in sorted(pairs))[:500]
