"""Which script is read in a call, and which of its steps: branches decided, variables filled in, and what is kept.

The page shows every step that `Reading` gives. A step has its `place` in the script (what an attempt keeps), its branch
`when`, and `shown`: False only for a branch that opens during the call (LOW_ANSWER), which the page then shows itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import QuerySet, prefetch_related_objects

from complaints.models import Complaint
from crm_site.core.compiled import compiled
from customers.models import Contact
from revisits import asking, variables
from revisits.models import Revisit, Script, ScriptStep, ScriptVersion
from revisits.rules import branches
from revisits.rules.branches import CallFacts
from revisits.variables import Piece
from satisfaction.models import QuestionnaireVersion

#: read instead of the rule's own script when an open complaint turns the call into one about where the matter stands
PROGRESS = "PROGRESS"
#: more steps than that nobody reads aloud
MOST_STEPS = 30


class StepValues(NamedTuple):
    """One step of a script as it was written down or is kept."""

    label_zh: str
    label_en: str
    when: str
    body: str


class Step(NamedTuple):
    """One step of the script, ready to be read."""

    label: str
    pieces: list[Piece]
    #: its position in the version of the script
    place: int
    #: its branch, '' = always
    when: str
    #: whether it is read from the start; else the page shows it when its branch opens
    shown: bool


@dataclass(frozen=True)
class Reading:
    """What is read in one call; without a script no step."""

    version: ScriptVersion | None
    steps: list[Step]
    values: dict[str, str]

    @property
    def places(self) -> list[int]:
        """The places that are shown from the start."""
        return [step.place for step in self.steps if step.shown]


def reading(
    revisit: Revisit,
    *,
    me: str,
    contact: Contact | None,
    asked: QuestionnaireVersion | None,
    tickets: Sequence[Complaint],
    missing_facts: bool,
    joined: Sequence[Revisit],
) -> Reading:
    """The script of a call for `me`, with `contact` on the line (None for the customer).

    `asked` is the questionnaire that is really asked (asking.version_to_ask), `tickets` the customer's open ones
    (asking.open_tickets), `missing_facts` whether the page asks facts of the archive in passing, `joined` the open
    tasks that are made in the same call.
    """
    questions = asked.questions.all() if asked else ()
    values = variables.values_for(revisit, me=me, contact=contact, questions=len(questions), joined=_by_weight(joined))
    version = version_to_read(revisit, tickets)
    call = facts_of(revisit, contact, asked, bool(tickets), several=bool(joined), missing=missing_facts)
    return Reading(version, steps(version, values, call), values)


def _by_weight(tasks: Iterable[Revisit]) -> list[Revisit]:
    """Tasks as they are named to the customer, the weightiest first."""
    return sorted(tasks, key=lambda task: (task.priority, task.pk))


def version_to_read(revisit: Revisit, tickets: Sequence[Complaint]) -> ScriptVersion | None:
    """The version that is read now: the rule's script, or the one for a progress call; the store's own goes first."""
    script = revisit.rule_version.script
    code = PROGRESS if asking.is_progress_call(revisit, list(tickets)) else script.code if script else ""
    return current_version(revisit.store_id, code)


def current_version(store_id: int, code: str) -> ScriptVersion | None:
    """The version of a script that is read in a store now, with its steps at hand; None for no or an unknown code."""
    rows = _current(store=store_id, code=code) if code else []
    found = max(rows, key=lambda row: row.script.store_id is not None, default=None)
    if found is not None:
        prefetch_related_objects([found], "steps")
    return found


@compiled
def _current(*, store: int, code: str) -> QuerySet[ScriptVersion]:
    scripts = Script.objects.for_store(store).filter(code=code)
    return ScriptVersion.objects.filter(is_current=True, script__in=scripts).select_related("script").order_by()


def script_of(store_id: int, code: str) -> Script | None:
    """The script of a code as it holds in a store: its own row, else the company's."""
    rows = Script.objects.for_store(store_id).filter(code=code)
    return max(rows, key=lambda row: row.store_id is not None, default=None)


def facts_of(
    revisit: Revisit,
    contact: Contact | None,
    asked: QuestionnaireVersion | None,
    open_complaint: bool,
    *,
    several: bool,
    missing: bool,
) -> CallFacts:
    """What the branches of a script ask about a call."""
    order, customer = revisit.repair_order, revisit.customer
    return CallFacts(
        job_type=order.job_type if order else "",
        is_rework=bool(order and (order.is_rework or order.rework_of_id)),
        power=revisit.vehicle.power if revisit.vehicle else "",
        is_organisation=bool(customer and customer.customer_type == "org" and contact is None),
        open_complaint=open_complaint,
        has_consent=bool(customer and customer.marketing_consent),
        several_purposes=several,
        late_import=revisit.late,
        asks_marks=asking.is_scored(asked),
        tried_before=revisit.first_attempt_on is not None,
        promised=revisit.promised_at is not None,
        missing_facts=missing,
    )


def steps(version: ScriptVersion | None, values: dict[str, str], call: CallFacts) -> list[Step]:
    """The steps of a script that are read in a call or may come up in it, with the variables filled in."""
    rows = version.steps.all() if version else ()
    found = ((row, branches.holds(row.when, call)) for row in rows)
    return [_step(row, values, shown) for row, shown in found if shown or row.when == branches.LOW_ANSWER]


def _step(row: ScriptStep, values: dict[str, str], shown: bool) -> Step:
    return Step(row.label, variables.pieces(row.body, values), row.position, row.when, shown)


def values_of(version: ScriptVersion) -> list[StepValues]:
    """The steps of a version as they are kept."""
    return [StepValues(row.label_zh, row.label_en, row.when, row.body) for row in version.steps.all()]


# ---- what an attempt keeps -------------------------------------------------------------------------------------------


class Kept(NamedTuple):
    """Which text was read: the version, and the places of the steps that were shown."""

    version: ScriptVersion | None
    places: list[int]


def kept(revisit: Revisit, version_id: int | None, places: Iterable[int], *, low_answer: bool) -> Kept:
    """What an attempt keeps of the script, from what the page says it has shown.

    A version that is not one of this call's scripts counts as not said: then the one that is read now is kept without
    places. With a low answer the steps for it were shown too.
    """
    version = ScriptVersion.objects.filter(pk=version_id).select_related("script").first() if version_id else None
    if version is None or not _may_be_read(version.script, revisit):
        return Kept(current_version(revisit.store_id, _code(revisit)), [])
    when = dict(version.steps.order_by().values_list("position", "when"))
    shown = {place for place in places if place in when}
    if low_answer:
        shown |= {place for place, branch in when.items() if branch == branches.LOW_ANSWER}
    return Kept(version, sorted(shown))


def _may_be_read(script: Script, revisit: Revisit) -> bool:
    """Whether a script is one of a call's: the store's or the company's, the rule's own or the one on the progress."""
    return script.store_id in {None, revisit.store_id} and script.code in {_code(revisit), PROGRESS}


def _code(revisit: Revisit) -> str:
    script = revisit.rule_version.script
    return script.code if script else ""
