"""What follows from repair orders: past calls with their answers, tickets, the trail; made by PostgreSQL itself."""

from __future__ import annotations

from datetime import date, datetime
from functools import partial
from typing import Any

from bench import _answers
from bench._scale_copy import execute, insert, side_by_side

#: two of three calls bring answers; one of so many customers has complained; one ticket of so many is still open
ANSWERED, A_TICKET_OF, OPEN_OF = "mod(o.id, 3) <> 0", 40, 33
QUESTIONS = ("clean_comfortable", "reception", "fixed_first_time", "charges_transparent", "on_time")
JUDGED = {"reception": "advisor", "charges_transparent": "advisor", "fixed_first_time": "technician"}

ORDERS = "FROM customers_repairorder o WHERE o.released_on < %(today)s - 3"
#: of a store its advisors and its technicians, as lists
STAFF = """
CREATE TABLE bench_staff AS
SELECT e.store_id, array_agg(e.id ORDER BY e.id) FILTER (WHERE p.post = 'service_advisor') AS advisor,
       array_agg(e.id ORDER BY e.id) FILTER (WHERE p.post = 'technician') AS technician
  FROM accounts_employee e JOIN accounts_posting p ON p.employee_id = e.id GROUP BY 1
"""
ANSWERS = f"""
INSERT INTO satisfaction_answer
       (response_id, question_id, state, value, text, normalised, weight, is_low, reason, department)
SELECT o.id, q.id, 'given', v.value, '', v.value * 10, q.weight, v.value <= 6,
       CASE WHEN v.value <= 6 THEN '等得太久' ELSE '' END,
       CASE WHEN q.code IN ('reception', 'charges_transparent', 'on_time') THEN 'service'
            WHEN q.code = 'fixed_first_time' THEN 'workshop' ELSE '' END
  FROM customers_repairorder o, satisfaction_question q, LATERAL (
       SELECT 10 - mod(mod(o.id * 7919 + q.id * 104729, 10007) * mod(o.id + q.id, 97), 13) / 2 AS value) v
 WHERE q.version_id = %(version)s AND q.code = ANY(%(codes)s) AND {ANSWERED} AND o.released_on < %(today)s - 3
"""
ATTRIBUTIONS = """
INSERT INTO satisfaction_answerattribution (answer_id, employee_id)
SELECT a.id, w.ids[1 + mod(o.id, array_length(w.ids, 1))]
  FROM satisfaction_answer a
  JOIN satisfaction_question q ON q.id = a.question_id AND q.code = ANY(%(judged)s)
  JOIN customers_repairorder o ON o.id = a.response_id
  JOIN bench_staff s ON s.store_id = o.store_id,
       LATERAL (SELECT CASE WHEN q.code = ANY(%(advised)s) THEN s.advisor ELSE s.technician END AS ids) w
"""


def write(*, today: date, now: datetime) -> None:
    """Calls, answers, tickets and trail for every repair order that there is."""
    from revisits.models import CallResult, RevisitRule
    from satisfaction.models import QuestionnaireVersion

    rule = RevisitRule.objects.get(code="SVC_D3", store=None)
    form = QuestionnaireVersion.objects.published().get(questionnaire__code="CSI_SHORT")
    done = CallResult.objects.get(code="SUCCESS", store=None)
    values = {
        "today": today, "now": now, "version": form.pk, "codes": list(QUESTIONS), "judged": list(JUDGED),
        "advised": [code for code, who in JUDGED.items() if who == "advisor"], "result": done.pk,
    }  # fmt: skip
    task = {
        "rule": rule, "rule_version": rule.versions.get(), "priority": rule.priority, "questionnaire_version": form,
        "last_result": done,
    }  # fmt: skip
    execute("DROP TABLE IF EXISTS bench_staff")
    execute(STAFF)
    execute("ANALYZE bench_staff")
    side_by_side([
        partial(_answered, values), partial(_tasks, values, task), partial(_attempts, values),
        partial(_trail, values), partial(_tickets, values),
    ])  # fmt: skip


def _answered(values: dict[str, Any]) -> None:
    for table in ("satisfaction_answer", "customers_repairorder", "satisfaction_question"):
        execute(f"ANALYZE {table}")
    for statement in (ANSWERS, ATTRIBUTIONS, _answers.FACTORS, _answers.PEOPLE):
        execute(statement, values)
        execute("ANALYZE satisfaction_answer")
        execute("ANALYZE satisfaction_answerattribution")
    _responses(values)


def _responses(values: dict[str, Any]) -> None:
    from satisfaction.models import Response

    columns = {
        "id": "o.id", "store_id": "o.store_id", "customer_id": "o.customer_id", "vehicle_id": "o.vehicle_id",
        "repair_order_id": "o.id", "asked_by_id": "w.advisor[1 + mod(o.id, array_length(w.advisor, 1))]",
        "answered_at": "(o.released_on + 3)::timestamptz + interval '10 hours'", "called_on": "o.released_on + 3",
        "score": "s.score", "low_count": "l.low", "decision": "CASE WHEN l.low > 0 THEN 'settled' ELSE '' END",
        "series": "v.series", "job_type": "o.job_type", "submission": "gen_random_uuid()",
    }  # fmt: skip
    source = f"""
    FROM customers_repairorder o
    JOIN bench_staff w ON w.store_id = o.store_id
    JOIN customers_vehicle v ON v.id = o.vehicle_id
    JOIN (SELECT response_id, round(sum(score * weight) / sum(weight), 4) AS score
            FROM satisfaction_factorscore GROUP BY 1) s ON s.response_id = o.id
    JOIN (SELECT response_id, count(*) FILTER (WHERE is_low) AS low FROM satisfaction_answer GROUP BY 1) l
         ON l.response_id = o.id
    WHERE {ANSWERED}"""
    fixed = {"version_id": values["version"], "channel": "phone", "is_valid": True}
    insert(Response, columns, source, values, fixed | {"answered_weight": 100, "applicable_weight": 100})


def _tasks(values: dict[str, Any], task: dict[str, Any]) -> None:
    from revisits.models import Revisit

    ended = "(o.released_on + 3)::timestamptz + interval '10 hours'"
    columns = {
        "id": "o.id", "store_id": "o.store_id", "anchor_key": "'order:' || o.id", "anchor_on": "o.released_on",
        "repair_order_id": "o.id", "vehicle_id": "o.vehicle_id", "customer_id": "o.customer_id",
        "due_on": "o.released_on + 3", "expires_on": "o.released_on + 5", "created_at": f"{ended} - interval '9 hours'",
        "ended_at": ended, "ended_on": "o.released_on + 3", "first_attempt_on": "o.released_on + 3",
        "last_attempt_at": ended,
        "phone_id": "(SELECT min(p.id) FROM customers_phone p WHERE p.customer_id = o.customer_id AND p.rank = 1)",
    }  # fmt: skip
    execute("CREATE INDEX bench_phone ON customers_phone (customer_id) WHERE rank = 1")
    insert(Revisit, columns, ORDERS, values, task | {"state": "done", "tries_made": 1})
    execute("DROP INDEX bench_phone")


def _attempts(values: dict[str, Any]) -> None:
    from revisits.models import CallAttempt

    at = "(o.released_on + 3)::timestamptz + interval '10 hours'"
    columns = {
        "id": "o.id", "store_id": "o.store_id", "revisit_id": "o.id", "started_at": at,
        "ended_at": f"{at} + interval '3 minutes'", "called_on": "o.released_on + 3",
        "by_id": "w.advisor[1 + mod(o.id, array_length(w.advisor, 1))]",
        "response_id": f"CASE WHEN {ANSWERED} THEN o.id END", "submission": "gen_random_uuid()",
    }  # fmt: skip
    source = "FROM customers_repairorder o JOIN bench_staff w ON w.store_id = o.store_id"
    source += " WHERE o.released_on < %(today)s - 3"
    insert(CallAttempt, columns, source, values, {"result_id": values["result"], "channel": "phone"})


def _trail(values: dict[str, Any]) -> None:
    """Of each call that it was taken and that it was saved."""
    from crm_site.audit.models import Entry

    columns = {
        "at": "(o.released_on + 3)::timestamptz + interval '10 hours'", "store_id": "o.store_id",
        "actor_id": "w.advisor[1 + mod(o.id, array_length(w.advisor, 1))]", "action": "t.action", "subject_id": "o.id",
    }  # fmt: skip
    source = """
    FROM customers_repairorder o JOIN bench_staff w ON w.store_id = o.store_id,
         (VALUES ('revisit.claimed'), ('revisit.logged')) AS t (action)
    WHERE o.released_on < %(today)s - 3"""
    fixed = {"actor_type": "employee", "actor_name": "员工", "subject_type": "revisits.revisit"}
    insert(Entry, columns, source, values, fixed)


def _tickets(values: dict[str, Any]) -> None:
    """One of so many customers has complained about an order; the newest of these are still open."""
    from complaints.models import Complaint, Level

    at = "(o.released_on + 1)::timestamptz + interval '9 hours'"
    is_open = f"o.released_on > %(today)s - {900 // OPEN_OF}"
    closed = f"CASE WHEN NOT {is_open} THEN {at} + interval '40 hours' END"
    columns = {
        "store_id": "o.store_id", "number": "'TS' || lpad(o.id::text, 8, '0')", "customer_id": "o.customer_id",
        "vehicle_id": "o.vehicle_id", "repair_order_id": "o.id", "received_at": at, "received_on": "o.released_on + 1",
        "state": f"CASE WHEN {is_open} THEN 'accepted' ELSE 'closed' END", "closed_at": closed,
        "closed_on": f"({closed})::date", "submission": "gen_random_uuid()", "reported_by_id": "w.advisor[1]",
        "handler_id": "w.advisor[2]", "response_due_at": f"{at} + interval '2 hours'",
        "responded_at": f"{at} + interval '1 hour'", "proposed_at": f"{at} + interval '20 hours'",
        "proposal_due_at": f"{at} + interval '24 hours'", "closing_due_at": f"{at} + interval '72 hours'",
        "due_at": f"CASE WHEN {is_open} THEN {at} + interval '72 hours' END",
        "category_id": "c.ids[1 + mod(o.id, array_length(c.ids, 1))]",
        "cause_class": f"CASE WHEN {is_open} THEN '' ELSE 'poor_service' END",
        "result": f"CASE WHEN {is_open} THEN '' ELSE 'satisfied' END",
    }  # fmt: skip
    source = f"""
    FROM customers_repairorder o JOIN bench_staff w ON w.store_id = o.store_id,
         (SELECT array_agg(id) AS ids FROM complaints_category WHERE store_id IS NULL AND parent_id IS NOT NULL) c
    WHERE mod(o.id, {A_TICKET_OF}) = 0 AND o.released_on < %(today)s"""
    fixed: dict[str, Any] = {"kind": "complaint", "source": "phone", "department": "service", "words": "空调异响" * 12}
    insert(Complaint, columns, source, values, fixed | {"level": Level.objects.get(code="L2", store=None)})
