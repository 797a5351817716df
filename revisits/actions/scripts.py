"""Changing a script: a new version of the store's own row, read from the next call on; and back to an earlier one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee, Store
from crm_site.audit import trail
from crm_site.core.errors import RuleBroken
from revisits import variables
from revisits.models import Script, ScriptStep, ScriptVersion
from revisits.rules import branches
from revisits.scripts import MOST_STEPS, StepValues, script_of, values_of


@transaction.atomic
def save_script(
    store_id: int, code: str, steps: Sequence[StepValues], *, shown: int, by: Employee, now: datetime
) -> ScriptVersion:
    """Give a store's script a new version; the calls made so far keep the one that was read.

    `shown` is the id of the version that the user had before them. The company's script is copied to a row of the
    store first. Refuses (RuleBroken, `field` is the place of the step from 0 on) unknown variables and branches, when
    somebody else changed it meanwhile, and when nothing would change.
    """
    current = _locked(store_id, code, shown)
    _check(steps)
    if list(steps) == values_of(current):
        raise RuleBroken(_("Nothing was changed, so no new version was made."), code="unchanged")
    version = _next_version(_own(current.script, store_id), steps, by=by, now=now)
    trail.record(by, "script.changed", version.script, store_id=store_id, script=code, version=version.number)
    return version


@transaction.atomic
def restore_script(store_id: int, code: str, number: int, *, shown: int, by: Employee, now: datetime) -> ScriptVersion:
    """Make an earlier version the newest one again; refuses the current one, and when somebody was faster."""
    current = _locked(store_id, code, shown)
    earlier = current.script.versions.filter(number=number).prefetch_related("steps").first()
    if earlier is None or earlier.is_current:
        raise RuleBroken(_("Choose an earlier version."), code="version")
    version = _next_version(_own(current.script, store_id), values_of(earlier), by=by, now=now)
    trail.record(
        by, "script.restored", version.script, store_id=store_id, script=code, version=version.number, like=number
    )
    return version


def _locked(store_id: int, code: str, shown: int) -> ScriptVersion:
    """The current version, with the store's rules held still; refuses another one than was shown."""
    Store.objects.select_for_update(no_key=True).get(pk=store_id)
    script = script_of(store_id, code)
    if script is None:
        raise Script.DoesNotExist(code)
    current = script.versions.select_related("script").prefetch_related("steps").get(is_current=True)
    if current.pk != shown:
        text = _("Somebody changed this script meanwhile. Compare with the present version and save again.")
        raise RuleBroken(text, code="stale")
    return current


def _check(steps: Sequence[StepValues]) -> None:
    if not steps:
        raise RuleBroken(_("A script has at least one step."), code="empty")
    if len(steps) > MOST_STEPS:
        raise RuleBroken(_("A script has at most %(count)s steps.") % {"count": MOST_STEPS}, code="long")
    for place, step in enumerate(steps):
        odd = variables.unknown(step.body)
        if odd:
            text = _("Nobody knows what %(names)s stands for. Use the variables of the list.")
            raise RuleBroken(text % {"names": _(", ").join(odd)}, code="variable", field=str(place))
        if branches.unknown([step.when]):
            raise RuleBroken(_("Choose from the list when the step is read."), code="branch", field=str(place))


def _own(script: Script, store_id: int) -> Script:
    """The store's own row; the company's is copied with its versions, so that one can go back to them."""
    if script.store_id is not None:
        return script
    own = Script.objects.create(store_id=store_id, code=script.code, label_zh=script.label_zh, label_en=script.label_en)
    for version in script.versions.order_by("number").prefetch_related("steps"):
        copy = ScriptVersion.objects.create(
            script=own, number=version.number, created_at=version.created_at, made_by=version.made_by,
            is_current=version.is_current,
        )  # fmt: skip
        _write_steps(copy, values_of(version))
    return own


def _next_version(own: Script, steps: Sequence[StepValues], *, by: Employee, now: datetime) -> ScriptVersion:
    last = own.versions.order_by("-number")[0]
    own.versions.filter(is_current=True).update(is_current=False)
    version = ScriptVersion.objects.create(script=own, number=last.number + 1, created_at=now, made_by=by)
    _write_steps(version, steps)
    return version


def _write_steps(version: ScriptVersion, steps: Sequence[StepValues]) -> None:
    ScriptStep.objects.bulk_create(
        ScriptStep(version=version, position=position, **step._asdict()) for position, step in enumerate(steps, start=1)
    )
