"""What one run of the generator knows from the start: the store, the day, its rules, calendar, forms and refusals."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property

from django.db.models import Q

from crm_site.accounts.models import Membership, Store
from crm_site.core import clock
from crm_site.worktime import calendars
from crm_site.worktime.rules import DeskCalendar
from revisits.generator import people
from revisits.models import Anchor, DeskSettings, RevisitRule, RuleVersion
from revisits.rules.due import Start
from satisfaction.models import QuestionnaireVersion


@dataclass(frozen=True)
class StoreRule:
    """One rule as it holds in a store: its own row or the company's, and all its versions in order."""

    rule: RevisitRule
    versions: tuple[RuleVersion, ...]
    #: the ids under which tasks of this code stand, from before the store had a row of its own too
    ids: tuple[int, ...]

    def on(self, day: date) -> RuleVersion | None:
        """The version in force on a day; before the first one has come into force, that."""
        begun = [version for version in self.versions if version.effective_from <= day]
        return begun[-1] if begun else next(iter(self.versions), None)

    def runs(self, roles: frozenset[str]) -> bool:
        """Whether any version makes calls in a store with these roles (DLV_D1 needs frontline logins)."""
        return any(version.is_on and self._has_role(version, roles) for version in self.versions)

    @staticmethod
    def _has_role(version: RuleVersion, roles: frozenset[str]) -> bool:
        return version.conditions.get("where_role") in {None, "", *roles}


@dataclass(frozen=True)
class Context:
    """One run: calls due by `day`, looked at on `today`."""

    store: Store
    day: date
    today: date
    now: datetime

    def ahead(self, days: int) -> Context:
        """The same run, looking some days further; what was read for one of them serves both."""
        found = replace(self, day=self.day + timedelta(days=days))
        vars(found).update({name: value for name, value in vars(self).items() if name != "day"})
        return found

    @property
    def in_hand_at(self) -> datetime:
        """When it counts whether somebody has a call in hand: a rehearsal of a day ahead disturbs nobody now."""
        return min(self.now, clock.now())

    @cached_property
    def calendar(self) -> DeskCalendar:
        """The days on which the desk calls."""
        return calendars.desk_calendar(self.store.pk)

    @cached_property
    def desk(self) -> DeskSettings:
        """The numbers of the store's desk."""
        return DeskSettings.objects.filter(store=self.store).first() or DeskSettings(store=self.store)

    @cached_property
    def start(self) -> Start:
        """When the store began to call, and over how many days it spreads what was waiting then."""
        return Start(self.store.go_live_on, self.desk.ramp_days)

    @cached_property
    def rules(self) -> list[StoreRule]:
        """The rules that make calls in this store, most urgent first."""
        roles = frozenset(
            Membership.objects.filter(store=self.store, user__is_active=True).values_list("role", flat=True)
        )
        return [rule for rule in store_rules(self.store.pk) if rule.runs(roles)]

    @cached_property
    def rework_apart(self) -> bool:
        """Whether rework has a rule of its own that is on; else it is asked like any visit."""
        return any(
            version.anchor == Anchor.REWORK and version.is_on for rule in self.rules for version in rule.versions
        )

    @cached_property
    def forms(self) -> dict[str, int]:
        """{questionnaire code: id of the version asked now}; a store's own questionnaire replaces the company's."""
        published = QuestionnaireVersion.objects.published().select_related("questionnaire")
        scope = Q(questionnaire__store=None) | Q(questionnaire__store=self.store)
        rows = sorted(published.filter(scope), key=lambda version: version.questionnaire.store_id is not None)
        return {version.questionnaire.code: version.pk for version in rows}

    @cached_property
    def employee_numbers(self) -> frozenset[str]:
        """The numbers of the store's own people."""
        return people.employee_numbers(self.store.pk, self.today)

    @cached_property
    def bans(self) -> people.Bans:
        """Who does not want to be called."""
        return people.Bans(self.store.pk, self.today)


def store_rules(store_id: int) -> list[StoreRule]:
    """Every rule as it holds in a store, most urgent first: the store's own row replaces the company's."""
    return stores_rules([store_id])[store_id]


def stores_rules(store_ids: Iterable[int], code: str = "") -> dict[int, list[StoreRule]]:
    """The rules (or only the one of a code) as they hold in several stores, with two queries for all."""
    store_ids = list(store_ids)
    found = RevisitRule.objects.filter(Q(store=None) | Q(store_id__in=store_ids))
    rows = list((found.filter(code=code) if code else found).order_by("store_id"))
    versions = _versions(row.pk for row in rows)
    return {
        store_id: _as_they_hold([row for row in rows if row.store_id in {None, store_id}], versions)
        for store_id in store_ids
    }


def _as_they_hold(rows: Iterable[RevisitRule], versions: dict[int, list[RuleVersion]]) -> list[StoreRule]:
    """One rule for each code, out of the company's rows and one store's own."""
    by_code: dict[str, list[RevisitRule]] = defaultdict(list)
    for row in rows:
        by_code[row.code].append(row)
    chosen = {code: max(same, key=lambda row: row.store_id is not None) for code, same in by_code.items()}
    found = [
        StoreRule(rule, tuple(versions.get(rule.pk, ())), tuple(row.pk for row in by_code[code]))
        for code, rule in chosen.items()
    ]
    return sorted(found, key=lambda one: (one.rule.priority, one.rule.code))


def _versions(rule_ids: Iterable[int]) -> dict[int, list[RuleVersion]]:
    found: dict[int, list[RuleVersion]] = defaultdict(list)
    rows = RuleVersion.objects.filter(rule_id__in=list(rule_ids)).select_related("questionnaire", "script")
    for version in rows.order_by("rule_id", "effective_from", "number"):
        found[version.rule_id].append(version)
    return found


def context_for(store_id: int, day: date, today: date, *, now: datetime | None = None) -> Context:
    """The context of a run for a store and day; raises Store.DoesNotExist. `now` is for a rehearsal of a day ahead."""
    return Context(Store.objects.get(pk=store_id), day, today, now or clock.now())
