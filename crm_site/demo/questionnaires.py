"""The first store's own service questionnaires: last year's version, one with other weights since, a draft to try."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from crm_site.accounts.models import Employee
from crm_site.core import clock
from crm_site.demo import words
from crm_site.demo.world import World
from satisfaction.actions import trees
from satisfaction.models import Questionnaire, QuestionnaireVersion
from satisfaction.queries import current_version
from satisfaction.queries.designs import design_of
from satisfaction.rules.designs import Design

#: days since the weights were changed
CHANGED = 150
#: code -> (item that loses weight, item that gains it, points)
REWEIGHED = {
    "CSI": ("charges_explained", "fixed_first_time", 4),
    "CSI_SHORT": ("charges_transparent", "fixed_first_time", 4),
}
TRIED = ("reception", "fixed_first_time", 10)


def make(world: World) -> None:
    """Copy the company's, publish twice, and leave a draft; the calls before the change asked the first version."""
    house = world.houses[0]
    by = house.staff["manager"][0]
    began, changed = clock.at(world.first_day, 9), clock.at(world.today - timedelta(days=CHANGED), 9)
    own: dict[str, Questionnaire] = {}
    for code, (loses, gains, points) in REWEIGHED.items():
        company = current_version(code, house.store.pk)
        own[code] = trees.own_questionnaire(company.questionnaire, house.store.pk, by=by)
        first = trees.copy_version(company, to=own[code], by=by, at=began)
        trees.publish_version(first.pk, by=by, at=began)
        second = _reweighed(first, loses, gains, points, by=by, at=changed, note=words.REWEIGHED)
        trees.publish_version(second.pk, by=by, at=changed)
        world.former[second.pk] = (first.pk, world.today - timedelta(days=CHANGED))
    Questionnaire.objects.filter(pk=own["CSI_SHORT"].pk).update(short_of=own["CSI"])
    asked = current_version("CSI_SHORT", house.store.pk)
    _reweighed(asked, *TRIED, by=by, at=world.now - timedelta(days=1), note=words.TO_BE_TRIED)


def _reweighed(
    version: QuestionnaireVersion, loses: str, gains: str, points: int, *, by: Employee, at, note: str
) -> QuestionnaireVersion:
    """A draft of the same tree with some weight moved from one item and its factor to another."""
    design = _moved(_moved(design_of(_loaded(version)), loses, -points), gains, points)
    return trees.create_draft(version.questionnaire, design, by=by, at=at, note=note, based_on=version)


def _moved(design: Design, code: str, points: int) -> Design:
    item = next(one for one in design.items if one.code == code)
    return replace(
        design,
        items=tuple(replace(one, weight=one.weight + points) if one is item else one for one in design.items),
        factors=tuple(
            replace(one, weight=one.weight + Decimal(points)) if one.code == item.factor else one
            for one in design.factors
        ),
    )


def _loaded(version: QuestionnaireVersion) -> QuestionnaireVersion:
    rows = QuestionnaireVersion.objects.select_related("questionnaire")
    return rows.prefetch_related("factors", "questions__factor").get(pk=version.pk)
