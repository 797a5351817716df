"""System checks at start-up: every dotted path in the hook settings resolves, every job kind is known."""

from collections.abc import Iterator

from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from crm_site.core import hooks


@register()
def check_hooks(**_kwargs: object) -> list[CheckMessage]:
    """Report each hook path that cannot be imported and each job kind without a function."""
    return [*_broken_paths(), *_unknown_kinds()]


def _broken_paths() -> Iterator[CheckMessage]:
    for name in hooks.PATH_SETTINGS:
        named = getattr(settings, name, [])
        for path in named.values() if isinstance(named, dict) else named:
            try:
                hooks.resolve(path)
            except ImportError as error:
                yield Error(f"{name}: {path!r} cannot be imported: {error}", id="core.E001")


def _unknown_kinds() -> Iterator[CheckMessage]:
    kinds = getattr(settings, "JOB_KINDS", {})
    for name in hooks.KIND_SETTINGS:
        for kind in getattr(settings, name, []):
            if kind not in kinds:
                yield Error(f"{name}: {kind!r} is not one of JOB_KINDS.", id="core.E002")
