"""Makes the whole demo world, part after part, and says how far it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db import transaction

from crm_site.accounts.models import Store, User
from crm_site.core import clock, sql
from crm_site.core.errors import RuleBroken
from crm_site.core.i18n import gettext_noop
from crm_site.demo import (
    aims,
    archive,
    brought,
    classed,
    cleaning,
    events,
    hands,
    ladder,
    leads,
    looks,
    marker,
    measures,
    months,
    open_tickets,
    people,
    profile,
    quality,
    questionnaires,
    recent,
    rights,
    satisfied,
    service,
    spreadsheets,
    team,
    twins,
    weighty,
)
from crm_site.demo.answers import forms
from crm_site.demo.calls import Desk
from crm_site.demo.history import Year, technicians_of
from crm_site.demo.tickets import Tickets, subjects_of
from crm_site.demo.world import World
from customers import search
from customers.models import Customer
from satisfaction.actions import folding

#: customers whose search words are written in one go
BATCH = 500


class NotEmpty(RuleBroken):
    """The database holds stores or users already."""


def build(*, now: datetime, scale: float = 1.0, say: Callable[[str], None] = lambda line: None) -> World:
    """Fill an empty database with the demo world of this day; `scale` 0.1 makes a tenth of the customers.

    Raises NotEmpty where there is a store or a user.
    """
    if Store.objects.exists() or User.objects.exists():
        text = gettext_noop("The database is not empty: the demo world is only loaded into an empty one.")
        raise NotEmpty(text)
    world = World(now, clock.business_day(now), scale, say)
    with transaction.atomic():
        desk = make_year(world)
    _search_words(world)
    spreadsheets.bring(world)
    world.say(gettext_noop("files of this morning"))
    weighty.class_customers(world)
    ladder.set_phrases(world)
    open_tickets.open_tickets(world)
    brought.bring(world)
    ladder.close_for_stocktaking(world)
    world.say(gettext_noop("open complaints"))
    hands.make(world)
    _last_days(world, desk)
    months.make(world)
    world.say(gettext_noop("monthly reports"))
    leads.make(world)
    looks.make(world)
    world.say(gettext_noop("alerts and digests"))
    classed.make(world)
    world.say(gettext_noop("classes of customers"))
    profile.make(world)
    cleaning.make(world)
    rights.make(world)
    world.say(gettext_noop("requests about data, and the log of exports"))
    twins.make(world)
    cleaning.score(world)
    world.say(gettext_noop("numbers, addresses and the score of the archive"))
    folding.rebuild([house.store.pk for house in world.houses], now=now)
    world.say(gettext_noop("sums of the scores"))
    sql.refresh_statistics()
    return world


def make_year(world: World) -> Desk:
    """The stores with their people and a year of facts, calls, answers and tickets, written in one go."""
    people.make_people(world)
    marker.mark(world.houses[0].store)
    questionnaires.make(world)
    archive.make_archive(world)
    events.make_events(world)
    world.say(gettext_noop("customers, deliveries and repair orders"))
    tickets = Tickets(world)
    desk = Desk.of(world, forms(), tickets.heard)
    for house in world.houses:
        Year(desk, house).make()
    world.say(gettext_noop("calls and answers"))
    technicians = technicians_of(world)
    for house in world.houses:
        tickets.by_hand(house, list(subjects_of(house, technicians)))
    tickets.make(desk)
    measures.make(world)
    world.say(gettext_noop("complaints"))
    world.rows.write()
    world.say(gettext_noop("all of it written"))
    team.stayed_away(world)
    service.make(world)
    return desk


def _last_days(world: World, desk: Desk) -> None:
    """What the generator and the desk did in the last days, and what waits today."""
    satisfied.face_to_face(world)
    recent.generate_days(world)
    world.say(gettext_noop("due calls of the last days"))
    desks = recent.Desks(world, desk)
    desks.make()
    desks.interrupt(world.houses[0])
    open_tickets.from_low_answers(world, desks.lows)
    world.say(gettext_noop("calls of the last days"))
    quality.make(world)
    world.say(gettext_noop("inspections and practice"))
    satisfied.taken_out(world)
    satisfied.surveys(world)
    aims.make(world)
    world.say(gettext_noop("satisfaction beside the calls"))
    team.make(world)
    world.say(gettext_noop("absences, hand-overs and the days ahead"))


def _search_words(world: World) -> None:
    """The words by which customers are found."""
    ids = list(Customer.objects.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(ids), BATCH):
        search.refresh(ids[start : start + BATCH])
    world.say(gettext_noop("search words"))
