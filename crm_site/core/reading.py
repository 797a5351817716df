"""Reading that the ORM has no words for and both engines know: many limited queries at once, the texts of a column."""

from collections.abc import Sequence

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections, models


def union_all(querysets: Sequence[models.QuerySet]) -> list[tuple]:
    """The rows of several queries in one statement, each with its own order and limit; `values_list` of one shape.

    Django joins limited queries on PostgreSQL alone.
    """
    if not querysets:
        return []
    connection = connections[querysets[0].db]
    parts, params = [], []
    for number, rows in enumerate(querysets):
        try:
            select, values = rows.query.get_compiler(connection=connection).as_sql()
        except EmptyResultSet:
            continue
        parts.append(f"SELECT * FROM ({select}) AS part_{number}")  # noqa: S608 - compiled by Django
        params += values
    if not parts:
        return []
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), params)
        return cursor.fetchall()


def distinct_values(
    model: type[models.Model], name: str, store_ids: Sequence[int], most: int, *, using: str = DEFAULT_DB_ALIAS
) -> list[str]:
    """The texts, not empty, that a column of these stores' rows holds, in order and at most so many of each store.

    One step of an index on (store, column) for each text, where DISTINCT would read every row.
    """
    if not store_ids:
        return []
    connection = connections[using]
    store = model._meta.get_field("store")
    names = [store.related_model._meta.db_table, model._meta.db_table, store.column, model._meta.get_field(name).column]
    stores, table, key, column = map(connection.ops.quote_name, names)
    least = f"(SELECT MIN({column}) FROM {table} WHERE {key} = %s AND {column} > %s)"  # noqa: S608 - quoted names of models
    first, following = least % ("one.id", "''"), least % ("steps.store", "steps.found")
    statement = (
        "WITH RECURSIVE steps(store, found, number) AS ("  # noqa: S608 - quoted names of models
        f"SELECT one.id, {first}, 1 FROM {stores} AS one WHERE one.id IN ({', '.join(['%s'] * len(store_ids))}) "
        f"UNION ALL SELECT steps.store, {following}, steps.number + 1 FROM steps "
        "WHERE steps.found IS NOT NULL AND steps.number < %s) "
        "SELECT DISTINCT found FROM steps WHERE found IS NOT NULL ORDER BY found"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [*store_ids, most])
        return [found for (found,) in cursor.fetchall()]
