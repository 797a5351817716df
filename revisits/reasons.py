"""Puts into words why somebody is on today's list or not: the verdict, each rule, each fact with what holds it up."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from crm_site.accounts.models import Role
from crm_site.core import formats
from revisits.lines import origin, overdue_by, state_status
from revisits.models import Anchor, Revisit, RuleVersion, State
from revisits.queries.why import Kind, Line, RuleStory, Verdict, when
from revisits.rules.codes import Reason
from revisits.rules.due import is_reminder
from revisits.wording import reason_word

#: icon and colour of each kind of line
_MARKS = {
    Kind.ON_LIST: ("now", "telephone"),
    Kind.WAITS: ("", "clock"),
    Kind.NO_NUMBER: ("warn", "telephone-x"),
    Kind.NEXT_RUN: ("", "arrow-repeat"),
    Kind.COMES: ("line", "calendar-event"),
    Kind.LEFT_OUT: ("pause", "slash-circle"),
    Kind.COVERED: ("pause", "link-45deg"),
    Kind.ENDED: ("", "check2"),
}


def verdict(found: Verdict, now: datetime, today: date) -> dict[str, str]:
    """The answer in one sentence, and what comes next in a second one."""
    line = found.line
    if found.on_list and line is not None:
        words = {"day": _day(line.due_on, today), "rule": line.rule.rule.label}
        text = _("On today's list since %(day)s: %(rule)s.") % words
        held = _held_up(line, now, today)
        return {"kind": "now", "title": text, "text": _("%(words)s.") % {"words": _("; ").join(held)} if held else ""}
    coming = _coming(found.coming, today)
    if line is None and found.coming is not None:
        return {"kind": "", "title": coming, "text": _("Until then no fact gives a reason to call.")}
    why = against(line, now, today) if line else _("no fact gives a reason to call")
    return {"kind": "", "title": _("Not on the list because %(why)s.") % {"why": why}, "text": coming}


def _coming(line: Line | None, today: date) -> str:
    """When a call comes onto the list; '' for never, as things stand."""
    if line is None:
        return ""
    day, rule = when(line)[0], line.rule.rule.label
    if day <= today:
        return _("Comes with the next run of the list: %(rule)s.") % {"rule": rule}
    return _("Comes on %(day)s: %(rule)s.") % {"day": _day(day, today), "rule": rule}


def _day(day: date, today: date) -> str:
    return f"{day:%m-%d}" if day.year == today.year else f"{day:%Y-%m-%d}"


def against(line: Line, now: datetime, today: date) -> str:
    """Why a line puts nobody on today's list, as the end of a sentence."""
    if line.stop:
        return reason_word(line.stop)
    if line.kind is Kind.NEXT_RUN:
        return _("the list has not been made since the fact came")
    task = line.task
    if task is None:
        return reason_word(line.reason)
    if line.kind is Kind.ENDED and not line.reason:
        return _ended(task)
    if line.kind is Kind.WAITS:
        return _("; ").join(_held_up(line, now, today)) or _("its time has passed")
    return reason_word(line.reason) or str(task.get_state_display())


def _ended(task: Revisit) -> str:
    words = {"rule": task.rule.label, "day": f"{task.ended_on:%m-%d}" if task.ended_on else ""}
    if task.last_result is None:
        return _("%(rule)s ended on %(day)s") % words
    return _("%(rule)s ended on %(day)s: %(result)s") % (words | {"result": task.last_result.label})


def _held_up(line: Line, now: datetime, today: date) -> list[str]:
    """What holds an open call up right now, the weightiest first."""
    task = line.task
    if task is None or not task.is_open:
        return []
    found = [
        _("ends when it is taken: %(why)s") % {"why": reason_word(line.stop)} if line.stop else "",
        _("made together with %(rule)s") % {"rule": task.head.rule.label} if task.head else "",
        _("the car is in the workshop; it waits for the release") if line.in_workshop else "",
        _promised(task, now),
        _put_off(task, now, today),
        _in_hands(task, now),
        _("due only on %(day)s") % {"day": f"{task.due_on:%m-%d}"} if task.due_on > today else "",
    ]
    return [words for words in found if words]


def _promised(task: Revisit, now: datetime) -> str:
    if task.promised_at is None:
        return ""
    words = {"at": formats.when(task.promised_at), "name": task.promised_by.name if task.promised_by else ""}
    if task.promised_by is None:
        return _("a call back is promised for %(at)s") % words
    return _("%(name)s promised a call back for %(at)s") % words


def _put_off(task: Revisit, now: datetime, today: date) -> str:
    """Left alone until a moment: another time of day, the next day, or contact pressure."""
    if task.promised_at is not None or task.not_before is None or task.not_before <= now:
        return ""
    words = {"at": formats.when(task.not_before, today)}
    if task.last_attempt_at is None:
        return _("not before %(at)s: the number was called often enough lately") % words
    return _("not before %(at)s, in another part of the day or on another day") % words


def _in_hands(task: Revisit, now: datetime) -> str:
    if task.claimed_by and task.lease_until and task.lease_until >= now:
        return _("%(name)s is making it now") % {"name": task.claimed_by.name}
    if task.assigned_to and task.assigned_to == task.promised_by:
        return ""
    if task.assigned_to and task.override_by_id:
        return _("given to %(name)s with a permission") % {"name": task.assigned_to.name}
    if task.assigned_to:
        return _("given to %(name)s") % {"name": task.assigned_to.name}
    if task.rule_version.owner_role == Role.MANAGER:
        return _("waits until the manager gives it to somebody")
    return ""


# ---- the rules -------------------------------------------------------------------------------------------------------


def rule_story(told: RuleStory, now: datetime, today: date) -> dict[str, Any]:
    """One rule with its lines, or why it has none."""
    versions = told.rule.versions
    version = next(
        (one for one in reversed(versions) if one.effective_from <= today), versions[-1] if versions else None
    )
    return {
        "rule": told.rule.rule,
        "number": version.number if version else None,
        "terms": terms(version) if version else "",
        "anchor": Anchor(version.anchor).label if version else "",
        "is_on": told.is_on,
        "lines": [_line(one, now, today) for one in told.lines],
        "empty": _empty(told, version),
    }


def terms(version: RuleVersion) -> str:
    """How the rule counts: from which fact, how many days before or after it."""
    days = abs(version.offset_days)
    words = {"anchor": str(Anchor(version.anchor).label), "days": days}
    if version.offset_days == 0:
        return _("on the day: %(anchor)s") % words
    if is_reminder(version):
        return ngettext("%(days)d day before: %(anchor)s", "%(days)d days before: %(anchor)s", days) % words
    return ngettext("%(days)d day after: %(anchor)s", "%(days)d days after: %(anchor)s", days) % words


def _empty(told: RuleStory, version: RuleVersion | None) -> str:
    """Why a rule says nothing of somebody."""
    if not told.is_on or version is None:
        return _("switched off in this store")
    if told.lacks_role:
        return _("does not run: nobody in the store has the role %(role)s") % {"role": Role(told.lacks_role).label}
    return _("no such fact: %(anchor)s") % {"anchor": Anchor(version.anchor).label}


def _line(line: Line, now: datetime, today: date) -> dict[str, Any]:
    """One fact: where it comes from, its days, how far it is, what holds it up."""
    task = line.task
    kind, icon = _MARKS[line.kind]
    if task is not None and line.kind is Kind.ENDED:
        kind, icon = state_status(task, today)["kind"], ""
    return {
        "fact": origin(task) if task else "",
        "anchor_on": line.anchor_on,
        "due_on": line.due_on,
        "expires_on": line.expires_on,
        "shift": _shift(line),
        "url": reverse("revisits:detail", args=[task.pk]) if task else "",
        "tries": f"{task.tries_made} / {task.rule_version.tries}" if task else "",
        "result": task.last_result.label if task and task.last_result else "",
        "word": _word(line, today),
        "kind": kind,
        "icon": icon,
        "notes": _notes(line, now, today),
    }


def _word(line: Line, today: date) -> str:
    """The state of a line in a word or two."""
    task = line.task
    if line.kind is Kind.ON_LIST and task is not None:
        return overdue_by(task, today) if task.expires_on < today else _("On today's list")
    if task is not None and line.kind in {Kind.ENDED, Kind.NO_NUMBER}:
        return str(State(task.state).label)
    words = {
        Kind.WAITS: _("Waits"),
        Kind.NEXT_RUN: _("With the next run"),
        Kind.COMES: pgettext("call", "Comes later"),
        Kind.LEFT_OUT: _("No call"),
        Kind.COVERED: _("Covered by another call"),
    }
    return words.get(line.kind, "")


def _notes(line: Line, now: datetime, today: date) -> list[str]:
    """Reasons and what holds it up."""
    found = _held_up(line, now, today)
    if line.reason and line.reason != line.stop:
        found.append(reason_word(line.reason))
    if line.reason == Reason.PROGRESS_CALL:
        found.append(_("asks how the complaint stands instead of scores"))
    return found


def _shift(line: Line) -> str:
    """By how much closed desk days moved the due day."""
    days = abs(line.shift)
    if not days or line.kind is Kind.COVERED:
        return ""
    if line.shift < 0:
        text = ngettext("%(days)d day earlier: nobody calls then", "%(days)d days earlier: nobody calls then", days)
    else:
        text = ngettext("moved by %(days)d day: nobody calls then", "moved by %(days)d days: nobody calls then", days)
    return text % {"days": days}
