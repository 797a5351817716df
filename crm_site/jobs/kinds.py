"""What a kind of job is called, and which function does it (setting JOB_KINDS: kind → dotted path)."""

from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.utils.functional import Promise

from crm_site.core import hooks

Words = str | Promise


def described(label: Words, stages: Mapping[str, Words] | None = None) -> Callable[[Callable], Callable]:
    """Decorator of a job's function: its name for people, and the words of the stages that it reports."""

    def mark(work: Callable) -> Callable:
        work.label = label  # type: ignore[attr-defined]
        work.stages = dict(stages or {})  # type: ignore[attr-defined]
        return work

    return mark


def function_of(kind: str) -> Callable[..., dict[str, Any] | None]:
    """The function that does a kind of job; raises KeyError for an unknown kind."""
    return hooks.load_one("JOB_KINDS", kind)


def is_known(kind: str) -> bool:
    """Whether this version knows the kind (a job may outlive the version that asked for it)."""
    return kind in settings.JOB_KINDS


def label_of(kind: str) -> Words:
    """The kind in words; the bare kind where nobody has named it."""
    return getattr(function_of(kind), "label", kind) if is_known(kind) else kind


def stage_label(kind: str, stage: str) -> Words:
    """A stage of a kind in words; the bare code where nobody has named it."""
    return getattr(function_of(kind), "stages", {}).get(stage, stage) if is_known(kind) else stage
