"""T63: every function that changes rows writes to the trail; what does not is listed here with the reason."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from django.conf import settings

ROOMS = ("customers", "revisits", "complaints", "satisfaction", "crm_site")
#: calls that write rows
WRITES = {
    "save",
    "create",
    "bulk_create",
    "bulk_update",
    "delete",
    "get_or_create",
    "update_or_create",
    "insert_select",
}
TRAIL = ("crm_site.audit.trail", "record")

#: who writes without an entry of its own -> why that is right
BECAUSE: dict[str, str] = {
    "a part of actions that write the entry": """
        complaints.actions.calendars.keep complaints.actions.liability.propose_from_category
        complaints.actions.ticket.add_step complaints.actions.ticket.turn_clock complaints.actions.together.save
        complaints.actions.tuning.drop_or_copy crm_site.privacy.actions.pairs.follow
        crm_site.privacy.actions.uniting.keep_refusals customers.actions.addresses.known
        customers.actions.consents.fold customers.actions.corrections.keep customers.actions.corrections.keep_of_car
        customers.actions.editing.save customers.actions.follow.follow customers.actions.plates.keep_former_plate
        customers.actions.profile.put_values customers.actions.roles.end_all
        customers.actions.roles.end_owner customers.actions.roles.put_state
        customers.actions.years.forget_merged revisits.actions.joined.settle
        crm_site.privacy.actions.leftovers.settle
        crm_site.privacy.actions.uniting.one_occasion_each crm_site.privacy.actions.uniting.unite_cards
        crm_site.files.actions.remove revisits.actions.taking.put_off
        revisits.actions.taking.follow_complaints satisfaction.actions.summing.changing
        satisfaction.actions.summing.counted""",
    "the trail has the claim of the call, with its number": "customers.actions.reveals.note_call",
    "one entry for an import batch, not one a row": """
        complaints.actions.intake.save_register customers.actions.intake.save_visits revisits.actions.past.save
        satisfaction.actions.external.save crm_site.imports.actions.batches.add_effects
        crm_site.imports.actions.batches.end_cancelled crm_site.imports.actions.batches.stop_applying
        crm_site.imports.actions.undoing.chunk_taken_back""",
    "staging: nothing of the archive changes, and it expires": """
        crm_site.imports.actions.batches.clear_rows crm_site.imports.actions.batches.forget_rows
        crm_site.imports.actions.batches.forget_texts crm_site.imports.actions.batches.set_preview
        crm_site.imports.actions.sources.remember crm_site.imports.actions.undoing.ask
        crm_site.imports.actions.undoing.clear_cases crm_site.imports.actions.undoing.leave
        crm_site.imports.actions.undoing.list_cases crm_site.imports.actions.undoing.plan_again
        crm_site.imports.actions.undoing.set_plan crm_site.imports.actions.undoing.decide
        crm_site.imports.actions.undoing.decide_all customers.actions.bulk.prepare""",
    "a draft: nobody has said it yet": """
        complaints.actions.drafts.drop complaints.actions.drafts.forget complaints.actions.drafts.keep
        revisits.actions.drafts.discard_draft revisits.actions.drafts.keep_draft
        revisits.actions.drafts.settle_draft satisfaction.actions.tablet.keep_draft""",
    "who has a page open": """
        complaints.actions.presence.enter complaints.actions.presence.forget complaints.actions.presence.leave""",
    "a file whose term has ended; who put it there and who fetched it is in the trail": """
        crm_site.files.actions.forget""",
    "one's own screen": "crm_site.accounts.actions.own.set_language crm_site.accounts.actions.own.set_theme",
    "a ledger or message of its own": """
        crm_site.jobs.actions.enqueue crm_site.jobs.actions.sweep crm_site.jobs.actions.fail
        crm_site.jobs.actions.finish crm_site.jobs.actions.hold crm_site.jobs.actions.report
        crm_site.jobs.actions.stop crm_site.jobs.actions.give_back crm_site.jobs.actions.hand_over
        crm_site.notices.actions.tell""",
    "reckoned from rows that are audited, and reckoned anew at any time": """
        crm_site.reports.actions.drafts.build_draft customers.actions.classes.set_classes
        customers.actions.quality.keep customers.actions.profile.refresh_completeness customers.actions.years.keep_years
        revisits.actions.inspections.draw_week satisfaction.actions.alerts.keep_alerts
        satisfaction.actions.digests.build_digests satisfaction.actions.folding.fold
        satisfaction.actions.folding.rebuild""",
    "an exercise: rolled back, or the learner's own": """
        revisits.actions.practice.invented revisits.actions.practice.keep""",
}
QUIET = {name: reason for reason, names in BECAUSE.items() for name in names.split()}


def modules() -> Iterator[Path]:
    for room in ROOMS:
        for path in (settings.BASE_DIR / room).rglob("*.py"):
            if "migrations" not in path.parts and "demo" not in path.parts and "management" not in path.parts:
                yield path


def name_of(path: Path) -> str:
    parts = path.relative_to(settings.BASE_DIR).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def house() -> dict[str, tuple[dict[str, ast.FunctionDef], dict[str, tuple[str, str]]]]:
    """{module: ({function: its tree}, {name here: (module, name there or '' for the module)})}"""
    found = {}
    for path in modules():
        tree = ast.parse(path.read_text())
        functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                functions |= {f"{node.name}.{one.name}": one for one in node.body if isinstance(one, ast.FunctionDef)}
        names: dict[str, tuple[str, str]] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                names |= {alias.asname or alias.name: (node.module, alias.name) for alias in node.names}
        found[name_of(path)] = (functions, names)
    return found


def calls(module: str, function: str) -> set[tuple[str, str]]:
    """(module, function) of everything of the house that a function names."""
    functions, names = house()[module]
    found = set()
    for node in ast.walk(functions[function]):
        if isinstance(node, ast.Name) and node.id in functions:
            found.add((module, node.id))
        elif isinstance(node, ast.Name) and node.id in names:
            found.add(names[node.id])
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in names:
            above, name = names[node.value.id]
            found.add((f"{above}.{name}", node.attr))
    return found


def reaches_the_trail(module: str, function: str, seen: set[tuple[str, str]]) -> bool:
    for target in calls(module, function) - seen:
        seen.add(target)
        if target == TRAIL:
            return True
        where, name = _home(*target)
        if where in house() and name in house()[where][0] and reaches_the_trail(where, name, seen):
            return True
    return False


def _home(module: str, name: str) -> tuple[str, str]:
    """Where a name that a package passes on really is."""
    while module in house() and name not in house()[module][0] and name in house()[module][1]:
        module, name = house()[module][1][name]
    return module, name


def writes(module: str, function: str) -> bool:
    """Whether a function writes rows itself, or through a private one beside it."""
    functions = house()[module][0]
    own = [functions[function], *(functions[name] for where, name in calls(module, function) if where == module)]
    return any(_is_write(node) for tree in own for node in ast.walk(tree))


def _is_write(node: ast.AST) -> bool:
    """A call that writes rows; `update` is one of a queryset, not of a dict."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
        return False
    whose = ast.unparse(node.func.value)
    return node.func.attr in WRITES or (node.func.attr == "update" and (".objects" in whose or ".filter(" in whose))


def silent() -> list[str]:
    """Public functions of the actions that write and reach no trail."""
    found = []
    for module, (functions, _names) in house().items():
        if ".actions" not in module:
            continue
        for name in functions:
            is_public = not name.startswith("_") and "." not in name
            if is_public and writes(module, name) and not reaches_the_trail(module, name, set()):
                found.append(f"{module}.{name}")
    return sorted(found)


def test_every_action_that_writes_reaches_the_trail_or_says_why_not():
    assert [name for name in silent() if name not in QUIET] == []


def test_no_reason_is_given_for_what_is_gone_or_audited():
    assert sorted(set(QUIET) - set(silent())) == []


def test_most_actions_are_audited():
    audited = [
        name
        for module, (functions, _names) in house().items()
        if ".actions" in module
        for name in functions
        if writes(module, name) and reaches_the_trail(module, name, set())
    ]
    assert len(audited) > 150
