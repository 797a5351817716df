"""Reads the filters of an address: each code is checked against what the user may see, and gets its chip's words.

An unknown code, or one out of reach, is 404. A code that exists but says nothing about the kind looked at (a job type
while sales are shown) is left out, so that changing the kind of a narrowed page leads somewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.http import Http404
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from crm_site.accounts.models import Department, Employee, Post
from crm_site.core.figures import Scope
from customers.models import JobType
from satisfaction import queries
from satisfaction.models import Attribution, Factor, Question, Questionnaire, QuestionnaireVersion
from satisfaction.queries import TreeLine

#: the filters that narrow a page besides month, span, kind and basis, in the order of their chips
FILTERS = (
    "store", "department", "series", "job_type", "version", "employee", "part", "factor", "question",
)  # fmt: skip
#: what the people of a part are called
PART_WORDS: dict[str, str | Promise] = {
    Attribution.SALES_CONSULTANT: Post.SALES_CONSULTANT.label,
    Attribution.DELIVERY_SPECIALIST: Post.DELIVERY_SPECIALIST.label,
    Attribution.SERVICE_ADVISOR: Post.SERVICE_ADVISOR.label,
    Attribution.TECHNICIANS: Post.TECHNICIAN.label,
}
#: how an address writes a series or job type that is not known, which the rows keep as ''
UNKNOWN = "-"
_SALES_PARTS = (Attribution.SALES_CONSULTANT, Attribution.DELIVERY_SPECIALIST)
LONGEST_SERIES = 60


@dataclass(frozen=True)
class Found:
    """The filters as a scope takes them, and the words of each."""

    filters: dict[str, Any] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """An address, the scope it narrows, and which kind judges which department."""

    sent: Mapping[str, str]
    scope: Scope
    kind_of: Mapping[Any, Any]

    @property
    def kind(self) -> str:
        """The kind that is looked at."""
        return self.scope.get("kind", "")

    @cached_property
    def tree(self) -> list[TreeLine]:
        """The factors and items within reach, of whatever version, read once for both filters."""
        return [*queries.tree_of(self.scope, every=True), *queries.tree_of(self.scope)]  # last: the words of the time


def read_filters(asked: Asked) -> Found:
    """Every filter that the address sets and that says something here; raises Http404."""
    found = Found()
    for name, reader in _READERS.items():
        written = asked.sent.get(name)
        if not written:
            continue
        read = reader(asked, written)
        if read is not None:
            found.filters[name], found.words[name] = read
    if "employee" not in found.filters:  # a part alone narrows nobody's score; the page of people reads it itself
        found.filters.pop("part", None)
        found.words.pop("part", None)
    return found


#: the value for the scope and its words; None where it says nothing about this kind
Read = tuple[Any, str] | None


def _department(asked: Asked, written: str) -> Read:
    if written not in Department.values:
        raise Http404
    if asked.kind_of.get(Department(written)) != asked.kind:
        return None
    reach = asked.scope.get("departments")
    if reach is not None and written not in reach:
        raise Http404
    return written, str(Department(written).label)


def _series(_asked: Asked, written: str) -> Read:
    """A model series is text of the stores' own files: one that nobody answered about shows an empty page."""
    if len(written) > LONGEST_SERIES or not written.isprintable():
        raise Http404
    return ("", _("Series not known")) if written == UNKNOWN else (written, written)


def _job_type(asked: Asked, written: str) -> Read:
    if written == UNKNOWN:
        return "", _("Job type not known")
    if written not in JobType.values:
        raise Http404
    return (written, str(JobType(written).label)) if asked.kind == Questionnaire.Kind.SERVICE else None


def _version(asked: Asked, written: str) -> Read:
    """A version of one of the questionnaires that these stores ask."""
    versions = QuestionnaireVersion.objects.exclude(state=QuestionnaireVersion.State.DRAFT)
    row = versions.filter(pk=_key(written)).select_related("questionnaire").first()
    if row is None or row.questionnaire.store_id not in (None, *asked.scope.stores):
        raise Http404
    if row.questionnaire.kind != asked.kind:
        return None
    return row.pk, version_words(row)


def version_words(version: QuestionnaireVersion) -> str:
    """A version as a chip and a choice name it."""
    return _("%(questionnaire)s version %(number)s") % {
        "questionnaire": version.questionnaire.code,
        "number": version.number,
    }


def _employee(asked: Asked, written: str) -> Read:
    """Somebody of the stores, and of a head's departments."""
    people = Employee.objects.filter(store_id__in=asked.scope.stores)
    if asked.scope.get("departments") is not None:
        people = people.in_department(asked.scope.get("departments"), asked.scope.last)
    row = people.filter(pk=_key(written)).first()
    if row is None:
        raise Http404
    return row.pk, row.name


def parts_of(kind: str) -> list[str]:
    """The parts whose people a kind of questionnaire judges."""
    if kind == Questionnaire.Kind.CONFIRMATION:
        return []
    return [part for part in PART_WORDS if (part in _SALES_PARTS) == (kind == Questionnaire.Kind.SALES)]


def _part(asked: Asked, written: str) -> Read:
    if written not in PART_WORDS:
        raise Http404
    return (written, str(PART_WORDS[written])) if written in parts_of(asked.kind) else None


def _factor(asked: Asked, written: str) -> Read:
    labels = {line.code: line.label for line in asked.tree}
    return _known(asked, written, labels, Factor.objects.exclude(version__questionnaire__kind=asked.kind))


def _question(asked: Asked, written: str) -> Read:
    labels = {code: question.label for line in asked.tree for code, question in line.items.items()}
    if asked.sent.get("figure") == queries.EXECUTION.code:
        labels |= queries.execution_labels(asked.scope)
    return _known(asked, written, labels, Question.objects.exclude(version__questionnaire__kind=asked.kind))


def _known(asked: Asked, written: str, labels: Mapping[str, str], of_other_kinds: Any) -> Read:
    """A code of the tree with its label; None for one of another kind's tree; else 404."""
    if written in labels:
        return written, labels[written]
    if len(written) <= 40 and of_other_kinds.filter(code=written).exists():
        return None
    raise Http404


def _key(written: str) -> int:
    """A row's key; 404 for what cannot be one."""
    if not written.isdecimal() or len(written) > 18:
        raise Http404
    return int(written)


_READERS = {
    "department": _department,
    "series": _series,
    "job_type": _job_type,
    "version": _version,
    "employee": _employee,
    "part": _part,
    "factor": _factor,
    "question": _question,
}
