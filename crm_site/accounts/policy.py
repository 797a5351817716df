"""Who may do what: the one table that views, templates and docs ask."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q

SPECIALIST, FRONTLINE, HEAD, MANAGER, ADMIN, DIRECTOR = (
    "specialist",
    "frontline",
    "head",
    "manager",
    "admin",
    "director",
)
EVERYBODY = frozenset({SPECIALIST, FRONTLINE, HEAD, MANAGER, ADMIN, DIRECTOR})

#: capability -> the roles that have it in their own store
POLICY: dict[str, frozenset[str]] = {
    "home": EVERYBODY,
    "profile": EVERYBODY,
    "notices": EVERYBODY,
    # people and stores
    "people.view": frozenset({MANAGER, ADMIN, DIRECTOR}),
    "people.edit": frozenset({ADMIN}),
    "people.second_factor": frozenset({ADMIN}),  # take away a lost one; never one's own
    "people.sign_in_rules": frozenset({ADMIN}),  # who must have one, and when sessions end
    "audit.view": frozenset({MANAGER, ADMIN}),
    "worktime.view": frozenset({MANAGER, ADMIN, DIRECTOR}),
    "worktime.edit": frozenset({MANAGER, ADMIN}),
    "worktime.company": frozenset({ADMIN}),  # holidays, targets of all stores; of an admin of every one
    "worktime.absences": frozenset({MANAGER}),
    "jobs.view": frozenset({MANAGER, ADMIN}),
    "jobs.manage": frozenset({MANAGER, ADMIN}),
    "jobs.room": frozenset({ADMIN, DIRECTOR}),  # the schedule, the queue, backups: how the installation is
    "jobs.machine": frozenset({ADMIN}),  # disk, database, queue; of an admin of every store
    # spreadsheets
    "imports.run": frozenset({ADMIN, MANAGER}),
    "files.download": EVERYBODY,
    # the archive
    "customers.view": EVERYBODY,
    "customers.edit": frozenset({SPECIALIST, MANAGER, ADMIN}),
    "customers.reveal": frozenset({SPECIALIST, HEAD, MANAGER}),
    "customers.bookings": frozenset({SPECIALIST, FRONTLINE, MANAGER}),
    "customers.phone_checks": frozenset({SPECIALIST, FRONTLINE, MANAGER}),  # reception asks for the number
    "customers.plans": frozenset({MANAGER, ADMIN}),
    "customers.restrict": frozenset({MANAGER, ADMIN}),  # and see the cards that are restricted
    "customers.bulk": frozenset({MANAGER, ADMIN}),  # one change for all that a filter leaves
    "customers.care": frozenset({SPECIALIST, MANAGER, ADMIN, DIRECTOR}),  # how good the archive is, and what to mend
    "customers.care_people": frozenset({MANAGER, ADMIN, DIRECTOR}),  # compare people; anybody else sees the own line
    "customers.merge": frozenset({MANAGER, ADMIN}),  # duplicates: merge, take back, tell apart
    "customers.fields": frozenset({MANAGER, ADMIN}),  # which facts a card holds and what is asked in calls
    "customers.classes": frozenset({MANAGER, ADMIN, DIRECTOR}),  # definitions, screening, who fell, who to win back
    "customers.set_classes": frozenset({MANAGER, ADMIN}),
    "customers.company_classes": frozenset({ADMIN}),  # the definitions of all stores; of an admin of every one
    "customers.segments": frozenset({MANAGER, ADMIN}),
    "customers.export": frozenset({MANAGER, ADMIN}),  # personal data as a file, with a reason and a cap
    "customers.export_full": frozenset({ADMIN}),  # telephones, VINs and addresses unmasked in it
    # what people entrusted to us
    "privacy.requests": frozenset({MANAGER, ADMIN}),
    "privacy.log": frozenset({MANAGER, ADMIN}),  # looks at full numbers, and exports
    "privacy.rules": frozenset({ADMIN}),
    # calls
    "revisits.desk": frozenset({SPECIALIST, FRONTLINE, MANAGER}),
    "revisits.call": frozenset({SPECIALIST, FRONTLINE, MANAGER, DIRECTOR}),  # a director only what is assigned to him
    "revisits.view": EVERYBODY,
    "revisits.why": frozenset({SPECIALIST, HEAD, MANAGER, ADMIN, DIRECTOR}),
    "revisits.manage": frozenset({MANAGER}),
    "revisits.rules": frozenset({MANAGER, ADMIN}),
    # how well calls are made; who does not see everybody's inspections sees the results of their own calls
    "revisits.inspections": frozenset({SPECIALIST, FRONTLINE, MANAGER, DIRECTOR}),
    "revisits.inspections_all": frozenset({MANAGER, DIRECTOR}),
    "revisits.inspect": frozenset({MANAGER}),
    "revisits.practice": frozenset({SPECIALIST, FRONTLINE, MANAGER}),
    # the desk's figures
    "indicators.view": frozenset({MANAGER, DIRECTOR}),
    "indicators.targets": frozenset({MANAGER, ADMIN}),
    "indicators.sheets": frozenset({HEAD, MANAGER, DIRECTOR}),  # a head of service or workshop: one line a repair call
    # satisfaction
    "satisfaction.view": frozenset({HEAD, MANAGER, DIRECTOR}),
    "satisfaction.export": frozenset({HEAD, MANAGER, DIRECTOR}),  # a dashboard as a workbook or a page; no customers
    "satisfaction.targets": frozenset({HEAD, MANAGER, ADMIN, DIRECTOR}),
    "satisfaction.set_targets": frozenset({MANAGER, ADMIN}),
    "satisfaction.trees": frozenset({MANAGER, ADMIN}),  # read, and design a store's own questionnaires
    "satisfaction.company_trees": frozenset({ADMIN}),  # the company's hold for every store; of an admin of every one
    "satisfaction.exclude": frozenset({MANAGER}),
    "satisfaction.decide": frozenset({SPECIALIST, HEAD, MANAGER}),  # about low answers entered by customers themselves
    "satisfaction.whatif": frozenset({MANAGER, DIRECTOR}),  # scores of people under another version
    "satisfaction.not_counted": frozenset({MANAGER, DIRECTOR}),
    "satisfaction.ask": frozenset({SPECIALIST, FRONTLINE, MANAGER}),  # face to face; never about one's own work
    "satisfaction.measures": frozenset({HEAD, MANAGER}),
    "satisfaction.check": frozenset({MANAGER, DIRECTOR}),  # whether a measure worked; never whoever answers for it
    # complaints
    "complaints.view": frozenset({SPECIALIST, FRONTLINE, HEAD, MANAGER, DIRECTOR}),
    "complaints.report": frozenset({SPECIALIST, FRONTLINE, HEAD, MANAGER}),
    "complaints.handle": frozenset({SPECIALIST, HEAD, MANAGER}),
    "complaints.evidence": frozenset({MANAGER, DIRECTOR}),  # names and numbers in full, for courts and authorities
    "complaints.assign": frozenset({HEAD, MANAGER}),  # many at once, from the list
    "complaints.learn": frozenset({HEAD, MANAGER, DIRECTOR}),  # figures and Pareto; a head those of the department
    "complaints.settings": frozenset({MANAGER, ADMIN}),
    "complaints.company": frozenset({ADMIN}),  # the defaults of all stores; of whoever is it in every one of them
    "complaints.recount": frozenset({MANAGER}),  # let open complaints count by a changed calendar or changed limits
    # the month
    "reports.view": frozenset({HEAD, MANAGER, DIRECTOR}),
    "reports.publish": frozenset({MANAGER}),
    "reports.own": frozenset({SPECIALIST, FRONTLINE, HEAD, MANAGER}),  # the own line of a month that is shown
    "reports.appeal": frozenset({SPECIALIST, FRONTLINE, HEAD, MANAGER}),  # for oneself, a head for the own people
    "reports.appeals": frozenset({SPECIALIST, FRONTLINE, HEAD, MANAGER, DIRECTOR}),  # whoever has a part in one
    "reports.decide": frozenset({MANAGER, DIRECTOR}),  # a director where it is the manager's own
    "reports.settings": frozenset({MANAGER, ADMIN}),
    "reports.director": frozenset({MANAGER, DIRECTOR}),
    "reports.layouts": frozenset({MANAGER, ADMIN}),  # a manufacturer's sheets, filled with numbers in full
}


def roles_for(capability: str) -> frozenset[str]:
    """The roles that have a capability; raises KeyError for one that is not in the table."""
    return POLICY[capability]


def allows(user: Any, capability: str, store_id: int | None = None) -> bool:
    """Whether a user has a capability: in the given store, or in any of the visible stores."""
    roles = roles_for(capability)
    if user is None or not user.is_authenticated or not user.is_active:
        return False
    if store_id is not None:
        return store_id in user.store_ids and user.role_in(store_id) in roles
    return bool(user.stores_with(roles))


def stores_allowing(user: Any, capability: str) -> list[int]:
    """The visible stores in which the user has the capability."""
    return user.stores_with(roles_for(capability)) if user is not None and user.is_authenticated else []


def open_to(user: Any, capability: str, path: str = "store") -> Q:
    """The rows of stores in which the user has the capability, and of no store; `path` leads from a row to its store.

    For lists: who has the capability in one store may be somebody with less in another.
    """
    return Q((path, None)) | Q((f"{path}__in", stores_allowing(user, capability)))


def any_of(user: Any, capabilities: Iterable[str]) -> bool:
    """Whether the user has at least one of the capabilities anywhere."""
    return any(allows(user, capability) for capability in capabilities)
