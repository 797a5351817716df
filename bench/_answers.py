"""Fills stores with a year of answered questionnaires by SQL alone: a million responses of eight answers in minutes.

Everything hangs together as a saved response would have it: factor scores and employee scores follow from the answers.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from django.db import connection

MONTHS, EMPLOYEES, SERIES, JOB_TYPES = 12, 50, 10, ("scheduled", "general", "accident", "warranty", "body", "rework")
#: what is asked, and who is judged by it: the advisor, the technician or nobody
ASKED = {
    "clean": "", "reception_manner": "advisor", "hand_back": "advisor", "diagnosis": "technician",
    "fixed_first_time": "technician", "charges_explained": "advisor", "on_time": "", "overall": "",
}  # fmt: skip
TABLES = ("response", "answer", "answerattribution", "factorscore", "employeescore")

#: marks are 4 … 10 by the numbers of response and question
ANSWERS = """
INSERT INTO satisfaction_answer
       (response_id, question_id, state, value, text, normalised, weight, is_low, reason, department)
SELECT n, q.id, 'given', v.value, '', v.value * 10, q.weight, v.value <= 6,
       CASE WHEN v.value <= 6 THEN '等得太久' ELSE '' END,
       CASE WHEN q.code IN ('on_time', 'reception_manner', 'hand_back', 'charges_explained') THEN 'service'
            WHEN q.code IN ('diagnosis', 'fixed_first_time') THEN 'workshop' ELSE '' END
  FROM generate_series(1, %(count)s) n, satisfaction_question q, LATERAL (
       SELECT 10 - mod(mod(n::bigint * 7919 + q.id * 104729, 10007) * mod(n + q.id, 97), 13) / 2 AS value) v
 WHERE q.version_id = %(version)s AND q.code = ANY(%(codes)s)
"""
ATTRIBUTIONS = """
INSERT INTO satisfaction_answerattribution (answer_id, employee_id)
SELECT a.id, p.ids[1 + mod(a.response_id / %(stores)s, %(half)s)
                     + CASE WHEN q.code = ANY(%(advised)s) THEN 0 ELSE %(half)s END]
  FROM satisfaction_answer a
  JOIN satisfaction_question q ON q.id = a.question_id AND q.code = ANY(%(judged)s)
  JOIN bench_people p ON p.place = mod(a.response_id, %(stores)s)
"""
FACTORS = """
INSERT INTO satisfaction_factorscore (response_id, factor_id, score, weight)
SELECT a.response_id, q.factor_id, round(sum(a.normalised * a.weight) / sum(a.weight), 4), f.weight
  FROM satisfaction_answer a
  JOIN satisfaction_question q ON q.id = a.question_id AND q.factor_id IS NOT NULL
  JOIN satisfaction_factor f ON f.id = q.factor_id
 GROUP BY 1, 2, 4
"""
PEOPLE = """
INSERT INTO satisfaction_employeescore (response_id, employee_id, part, score, weight, low_count)
SELECT a.response_id, t.employee_id, CASE WHEN a.department = 'service' THEN 'service_advisor' ELSE 'technicians' END,
       round(sum(a.normalised * a.weight) / sum(a.weight), 4), sum(a.weight), count(*) FILTER (WHERE a.is_low)
  FROM satisfaction_answer a JOIN satisfaction_answerattribution t ON t.answer_id = a.id
 GROUP BY 1, 2, 3
"""
RESPONSES = """
INSERT INTO satisfaction_response
       (id, store_id, version_id, asked_by_id, channel, answered_at, called_on, score, answered_weight,
        applicable_weight, is_valid, low_count, decision, decision_reason, series, job_type, excluded_reason,
        submission)
SELECT n, p.store_id, %(version)s, p.ids[1], 'phone', %(now)s - make_interval(days => d.days), %(today)s - d.days,
       s.score, 80, 80, true, l.low, CASE WHEN l.low > 0 THEN 'settled' ELSE '' END, '', 'S' || mod(n * 31, %(series)s),
       (%(job_types)s)[1 + mod(n * 17, %(types)s)], '', gen_random_uuid()
  FROM generate_series(1, %(count)s) n
  CROSS JOIN LATERAL (SELECT (%(days)s * (%(count)s - n::bigint) / %(count)s)::int AS days) d
  JOIN bench_people p ON p.place = mod(n, %(stores)s)
  JOIN (SELECT response_id, round(sum(score * weight) / sum(weight), 4) AS score
          FROM satisfaction_factorscore GROUP BY 1) s ON s.response_id = n
  JOIN (SELECT response_id, count(*) FILTER (WHERE is_low) AS low FROM satisfaction_answer GROUP BY 1) l
       ON l.response_id = n
"""


def fill(stores: list[Any], count: int, *, now: datetime, today: date, password: str) -> None:
    """People in every store, and so many responses over the last twelve months."""
    from satisfaction.queries import current_version

    people(stores, password)
    version = current_version("CSI", stores[0].pk)
    half = EMPLOYEES // 2
    values = {
        "count": count, "version": version.pk, "stores": len(stores), "half": half, "now": now, "today": today,
        "codes": list(ASKED), "judged": [code for code, who in ASKED.items() if who], "series": SERIES,
        "advised": [code for code, who in ASKED.items() if who == "advisor"], "job_types": list(JOB_TYPES),
        "types": len(JOB_TYPES), "days": MONTHS * 30,
    }  # fmt: skip
    with without_indexes(), connection.cursor() as cursor:
        cursor.execute("SET work_mem = '128MB'")
        for statement in (ANSWERS, ATTRIBUTIONS, FACTORS, PEOPLE, RESPONSES):
            cursor.execute(statement, values)
        cursor.execute("SELECT setval(pg_get_serial_sequence('satisfaction_response', 'id'), %s)", [count])


def people(stores: list[Any], password: str) -> None:
    """Fifty posted employees a store, half advisors, half technicians; a manager of one store, a director of all."""
    from crm_site.accounts.models import Employee, Membership, Posting, User
    from tests import factories

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_people (place int PRIMARY KEY, store_id bigint, ids bigint[])")
        for place, store in enumerate(stores):
            rows = [Employee(store=store, number=f"Q{number:03d}", name=f"员工{number}") for number in range(EMPLOYEES)]
            made = Employee.objects.bulk_create(rows)
            posts = [("service_advisor", "service")] * (EMPLOYEES // 2) + [("technician", "workshop")] * (
                EMPLOYEES // 2
            )
            Posting.objects.bulk_create(
                Posting(employee=one, post=post, department=department, since=date(2015, 1, 1))
                for one, (post, department) in zip(made, posts, strict=True)
            )
            ids = [one.pk for one in made]
            cursor.execute("INSERT INTO bench_people VALUES (%s, %s, %s)", [place, store.pk, ids])
    factories.no_second_factor()
    for name, role, own in (("manager", "manager", stores[:1]), ("director", "director", stores)):
        user = User(username=f"bench-{name}", name=name)
        user.set_password(password)
        user.save()
        Membership.objects.bulk_create(Membership(user=user, store=store, role=role) for store in own)


@contextmanager
def without_indexes() -> Iterator[None]:
    """Write many rows first and their indexes and keys afterwards, each in one go."""
    tables = [f"satisfaction_{name}" for name in TABLES]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE conrelid::regclass::text = ANY(%s) AND contype IN ('u', 'f') ORDER BY contype DESC",
            [tables],
        )
        constraints = cursor.fetchall()
        for table, name, _definition in constraints:
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(%s) AND indexname NOT LIKE '%%_pkey'",
            [tables],
        )
        indexes = cursor.fetchall()
        for name, _definition in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET maintenance_work_mem = '512MB'")
        for _name, definition in indexes:
            cursor.execute(definition)
        for table, name, definition in constraints:
            cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
