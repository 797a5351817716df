"""Triggers, the database's own refusals, as migration operations for both engines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.migrations.operations.base import Operation

# ---- tables that only grow ------------------------------------------------------------------------------------------

_POSTGRES_TRIGGER = """
CREATE OR REPLACE FUNCTION {table}_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{table} is append-only' USING ERRCODE = 'integrity_constraint_violation'; END $$;
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON "{table}"
FOR EACH ROW EXECUTE FUNCTION {table}_refuse();
"""
_POSTGRES_DROP = """
DROP TRIGGER IF EXISTS {table}_append_only ON "{table}";
DROP FUNCTION IF EXISTS {table}_refuse();
"""
_SQLITE_TRIGGER = (
    'CREATE TRIGGER {table}_append_only_{verb} BEFORE {verb} ON "{table}" '
    "BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
)


class AppendOnlyTrigger(Operation):
    """Migration operation: the database refuses UPDATE and DELETE on a table, on either engine."""

    reduces_to_sql = True
    reversible = True

    def __init__(self, table: str) -> None:
        self.table = table

    def deconstruct(self) -> tuple[str, list, dict]:
        return self.__class__.__qualname__, [self.table], {}

    def state_forwards(self, app_label: str, state: Any) -> None:
        """The models do not change."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        for statement in self._statements(schema_editor.connection.vendor):
            schema_editor.execute(statement, params=None)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(_POSTGRES_DROP.format(table=self.table), params=None)
            return
        for verb in ("UPDATE", "DELETE"):
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {self.table}_append_only_{verb}", params=None)

    def describe(self) -> str:
        return f"Refuse UPDATE and DELETE on {self.table}"

    def trigger_names(self, vendor: str) -> set[str]:
        """The names under which an engine knows the triggers, in small letters."""
        verbs = [""] if vendor == "postgresql" else ["_update", "_delete"]
        return {f"{self.table}_append_only{verb}".lower() for verb in verbs}

    def _statements(self, vendor: str) -> list[str]:
        if vendor == "postgresql":
            return [_POSTGRES_TRIGGER.format(table=self.table)]
        return [_SQLITE_TRIGGER.format(table=self.table, verb=verb) for verb in ("UPDATE", "DELETE")]


def append_only_trigger(table: str) -> AppendOnlyTrigger:
    """The migration operation for a table that only grows (`operations = [append_only_trigger("audit_entry")]`)."""
    return AppendOnlyTrigger(table)


# ---- rows that are frozen under a condition -------------------------------------------------------------------------

_POSTGRES_REFUSAL = """
CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
IF {condition} THEN
RAISE EXCEPTION '{message}' USING ERRCODE = 'integrity_constraint_violation';
END IF;
RETURN {row};
END $$;
CREATE TRIGGER {name} BEFORE {verb} ON "{table}" FOR EACH ROW EXECUTE FUNCTION {name}();
"""
_SQLITE_REFUSAL = """
CREATE TRIGGER {name} BEFORE {verb} ON "{table}" WHEN {condition}
BEGIN SELECT RAISE(ABORT, '{message}'); END
"""
#: how each engine says "equal, or both NULL"
_SAME = {"postgresql": "IS NOT DISTINCT FROM", "sqlite": "IS"}


class RefusedWhen(Operation):
    """Migration operation: the database refuses a change of a table's rows while a condition holds, on either engine.

    `refused` says for INSERT, UPDATE and DELETE under which SQL condition on OLD and NEW; `{same}` in it stands for
    "equal, or both NULL". SQLite loses a table's triggers when a later migration makes the table anew (it does so for
    most changes but a new column), and cannot rename a table that a trigger reads: such a migration first takes these
    operations back (`database_backwards`) and lays them again at its end.
    """

    reduces_to_sql = True
    reversible = True

    def __init__(self, table: str, name: str, refused: Mapping[str, str], message: str) -> None:
        self.table, self.name, self.refused, self.message = table, name, dict(refused), message

    def deconstruct(self) -> tuple[str, list, dict]:
        return self.__class__.__qualname__, [self.table, self.name, self.refused, self.message], {}

    def state_forwards(self, app_label: str, state: Any) -> None:
        """The models do not change."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        vendor = schema_editor.connection.vendor
        template = _POSTGRES_REFUSAL if vendor == "postgresql" else _SQLITE_REFUSAL
        for verb, name in self._names():
            condition = self.refused[verb].format(same=_SAME[vendor])
            row = "OLD" if verb == "DELETE" else "NEW"
            statement = template.format(
                name=name, verb=verb, table=self.table, condition=condition, message=self.message, row=row
            )
            schema_editor.execute(statement, params=None)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        on_postgres = schema_editor.connection.vendor == "postgresql"
        for _verb, name in self._names():
            if on_postgres:
                schema_editor.execute(f'DROP TRIGGER IF EXISTS {name} ON "{self.table}"', params=None)
                schema_editor.execute(f"DROP FUNCTION IF EXISTS {name}()", params=None)
            else:
                schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}", params=None)

    def describe(self) -> str:
        return f"Refuse {', '.join(self.refused)} on {self.table}: {self.message}"

    def trigger_names(self, vendor: str) -> set[str]:
        """The names under which an engine knows the triggers, in small letters."""
        return {name for _verb, name in self._names()}

    def _names(self) -> Iterator[tuple[str, str]]:
        return ((verb, f"{self.table}_{self.name}_{verb}".lower()) for verb in self.refused)
