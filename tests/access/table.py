"""The access table: what stands behind every address that names a row, and which addresses need no sign-in.

A new address fails the build until it is entered here: `OPEN` for pages before signing in, `ROWS` for addresses that
name a row (how to build that row in a store, so that a stranger can be sent to it).
"""

import uuid
from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any

from crm_site.accounts.models import SavedView
from crm_site.files.models import StoredFile
from crm_site.imports.models import BatchState, ImportBatch, StagedRow, Verdict
from crm_site.jobs.models import Job
from crm_site.privacy.actions import merging
from crm_site.privacy.models import DataRequest, DuplicatePair
from crm_site.reports.actions import build_draft
from crm_site.reports.models import Appeal, ExportLayout
from crm_site.worktime.models import Absence, CalendarDay
from customers.models import Booking, BulkChange, Segment, ServicePlan
from revisits.actions.inspections import monday_of
from revisits.models import CallAttempt, CallResult, HandOver, Inspection, PracticeCall
from satisfaction import actions
from satisfaction.models import Alert, ImprovementMeasure, QuestionnaireVersion
from satisfaction.queries.digests import Window
from tests import factories
from tests.complaints.story import open_ticket
from tests.revisits.conftest import make_task
from tests.satisfaction.surveys import respond, short_answers
from tests.satisfaction.trees import own_tree

#: addresses that anybody may ask for
OPEN = {
    "accounts:sign_in", "accounts:sign_out", "accounts:language", "satisfaction:sitting", "satisfaction:sitting_thanks",
    "healthz", "accounts:second_step", "accounts:set_up", "accounts:set_up_picture", "accounts:link",
    "accounts:open_link",
}  # fmt: skip

#: pages that play through a case of their own and take all of it back; the fingerprint sees that they do
TAKEN_BACK = {"revisits:practice_call"}

#: address -> (how to make what it names in a store -> its arguments)
Maker = Callable[[Any], dict[str, Any]]


def _pk(factory: Any, **values: Any) -> Maker:
    return lambda store: {"pk": factory(store=store, **values).pk}


EMPLOYEE = _pk(factories.EmployeeFactory)

CUSTOMER = _pk(factories.CustomerFactory)


def _phone(store: Any) -> dict[str, Any]:
    return {"pk": factories.PhoneFactory(customer__store=store).pk}


def _contact(store: Any) -> dict[str, Any]:
    return {"pk": factories.ContactFactory(customer__store=store).pk}


def _ban(store: Any) -> dict[str, Any]:
    return {"pk": factories.ContactBanFactory(customer__store=store).pk}


def _role(store: Any) -> dict[str, Any]:
    return {"pk": factories.VehicleRoleFactory(vehicle__store=store).pk}


def _car(store: Any) -> dict[str, Any]:
    role = factories.VehicleRoleFactory(vehicle__store=store)
    return {"pk": role.vehicle_id, "customer_pk": role.customer_id}


def _pair(store: Any) -> dict[str, Any]:
    one, other = sorted(factories.CustomerFactory(store=store).pk for _ in range(2))
    row = DuplicatePair.objects.create(store=store, one_id=one, other_id=other, score=1, found_on=factories.DAY)
    return {"pk": row.pk}


def _two_cards(store: Any) -> dict[str, Any]:
    stays, goes = (factories.CustomerFactory(store=store) for _ in range(2))
    return {"survivor_pk": stays.pk, "merged_pk": goes.pk}


def _merge(store: Any) -> dict[str, Any]:
    stays, goes = (factories.CustomerFactory(store=store) for _ in range(2))
    by = factories.EmployeeFactory(store=store)
    return {"pk": merging.merge(stays.pk, goes.pk, {}, by, factories.NOON, submission=uuid.uuid4()).pk}


def _booking(store: Any) -> dict[str, Any]:
    car = factories.VehicleFactory(store=store)
    row = Booking.objects.create(store=store, vehicle=car, wanted_on=factories.DAY, created_at=factories.NOON)
    return {"pk": row.pk}


def _segment(store: Any) -> dict[str, Any]:
    values = {"name": "女车主", "query": "type=person", "created_at": factories.NOON}
    return {"pk": Segment.objects.create(store=store, **values).pk}


def _plan(store: Any) -> dict[str, Any]:
    intervals = {"first_km": 5000, "first_months": 6, "next_km": 7500, "next_months": 6}
    return {"pk": ServicePlan.objects.create(store=store, series="远岚", **intervals).pk}


def _report(store: Any) -> dict[str, Any]:
    return {"pk": build_draft(store, date(2026, 8, 1), None, now=factories.NOON).pk}


def _appeal(store: Any) -> dict[str, Any]:
    employee = factories.EmployeeFactory(store=store)
    appeal = Appeal.objects.create(
        store=store,
        report=build_draft(store, date(2026, 8, 1), None, now=factories.NOON),
        complaint=factories.ComplaintFactory(store=store),
        employee=employee,
        raised_by=employee,
        raised_at=factories.NOON,
        reason="当天休假",
        submission=uuid.uuid4(),
    )
    return {"pk": appeal.pk}


def _export_layout(store: Any) -> dict[str, Any]:
    layout = ExportLayout.objects.create(
        store=store,
        name="厂家回访表",
        subject="repairs",
        file=_file(store),
        created_at=factories.NOON,
        created_by=factories.EmployeeFactory(store=store),
        submission=uuid.uuid4(),
    )
    return {"pk": layout.pk}


def _draft_tree(store: Any) -> dict[str, Any]:
    return {"pk": own_tree(store, publish=False).pk}


def _call(store: Any) -> dict[str, Any]:
    return {"pk": make_task(store).pk}


def _attempt(store: Any) -> dict[str, Any]:
    task, by = make_task(store), factories.EmployeeFactory(store=store)
    made = CallAttempt.objects.create(
        store=store,
        revisit=task,
        by=by,
        started_at=factories.NOON,
        ended_at=factories.NOON,
        called_on=factories.DAY,
        result=CallResult.objects.get(store=None, code="NO_ANSWER"),
        submission=uuid.uuid4(),
    )
    return {"pk": made.pk}


def _inspection(store: Any) -> dict[str, Any]:
    attempt = CallAttempt.objects.get(**_attempt(store))
    row = Inspection.objects.create(
        store=store,
        attempt=attempt,
        caller=attempt.by,
        week=monday_of(factories.DAY),
        drawn_for="random",
        drawn_at=factories.NOON,
    )
    return {"pk": row.pk}


def _practice(store: Any) -> dict[str, Any]:
    row = PracticeCall.objects.create(
        store=store,
        employee=factories.EmployeeFactory(store=store),
        case="happy",
        made_at=factories.NOON,
        result_code="SUCCESS",
        submission=uuid.uuid4(),
    )
    return {"pk": row.pk}


def _ticket(store: Any) -> dict[str, Any]:
    by = factories.EmployeeFactory(store=store)
    return {"pk": open_ticket(SimpleNamespace(store=store, employee=by)).pk}


def _response(store: Any) -> dict[str, Any]:
    return {"pk": respond(store).pk}


def _measure(store: Any) -> dict[str, Any]:
    someone = factories.EmployeeFactory(store=store)
    return {
        "pk": ImprovementMeasure.objects.create(
            store=store,
            cause="等待久",
            measure="增加预约通道",
            responsible=someone,
            due_on=factories.DAY,
            created_at=factories.NOON,
            created_by=someone,
            submission=uuid.uuid4(),
        ).pk
    }


def _file(store: Any) -> StoredFile:
    return StoredFile.objects.create(
        store=store,
        purpose=StoredFile.Purpose.IMPORT,
        capability="imports.run",
        name="交车.csv",
        path=f"{uuid.uuid4()}",
        content_type="text/csv",
        size=1,
        sha256="0" * 64,
        created_at=factories.NOON,
    )


def _batch(store: Any) -> dict[str, Any]:
    batch = ImportBatch.objects.create(
        store=store,
        layout="deliveries",
        file=_file(store),
        uploaded_by=factories.EmployeeFactory(store=store),
        uploaded_at=factories.NOON,
        submission=uuid.uuid4(),
        state=BatchState.PREVIEW,
    )
    return {"pk": batch.pk}


def _staged(store: Any) -> dict[str, Any]:
    batch = _batch(store)["pk"]
    row = StagedRow.objects.create(batch_id=batch, sheet="", row=2, raw=["x"], verdict=Verdict.PROBLEM)
    return {"pk": batch, "row": row.pk}


def _job(store: Any) -> dict[str, Any]:
    now = factories.NOON
    job = Job.objects.create(store=store, kind="revisits.generate", key=f"x{store.pk}", created_at=now, due_at=now)
    return {"pk": job.pk}


def _store_day(store: Any) -> dict[str, Any]:
    return {"pk": CalendarDay.objects.create(store=store, day=factories.DAY, kind="closed").pk}


def _digest(store: Any) -> dict[str, Any]:
    return {"pk": actions.build_digests(store.pk, Window.month(factories.DAY.replace(day=1)), at=factories.NOON)[0].pk}


def _alert(store: Any) -> dict[str, Any]:
    row = Alert.objects.create(
        store=store, kind="service", month=factories.DAY.replace(day=1), subject="item", code="on_time", before_n=40,
        before=90, now_n=40, now=80, found_at=factories.NOON,
    )  # fmt: skip
    return {"pk": row.pk}


def _pending(store: Any) -> dict[str, Any]:
    low = short_answers(9, reception=4)
    return {"pk": respond(store, channel="tablet", answers=low, decision="pending").pk}


def _bulk(store: Any) -> dict[str, Any]:
    by = factories.EmployeeFactory(store=store)
    row = BulkChange.objects.create(store=store, change="check", created_by=by, created_at=factories.NOON)
    return {"pk": row.pk}


def _absence(store: Any) -> dict[str, Any]:
    employee = factories.EmployeeFactory(store=store)
    day = factories.DAY
    row = Absence.objects.create(store=store, employee=employee, first=day, last=day, created_at=factories.NOON)
    return {"pk": row.pk}


def _hand_over(store: Any) -> dict[str, Any]:
    giver, by = factories.EmployeeFactory(store=store), factories.EmployeeFactory(store=store)
    values = {"giver": giver, "why": "leave", "by": by, "at": factories.NOON, "submission": uuid.uuid4()}
    return {"pk": HandOver.objects.create(store=store, **values).pk}


def _itself(store: Any) -> dict[str, Any]:
    return {"pk": store.pk}


def _saved_view(store: Any) -> dict[str, Any]:
    values = {"owner": factories.UserFactory(), "page": "satisfaction:dashboard", "name": "x"}
    return {"pk": SavedView.objects.create(store=store, created_at=factories.NOON, **values).pk}


def _data_request(store: Any) -> dict[str, Any]:
    row = DataRequest.objects.create(
        store=store,
        customer=factories.CustomerFactory(store=store),
        kind="erase",
        asked_on=factories.DAY,
        due_on=factories.DAY,
        taken_by=factories.EmployeeFactory(store=store),
        taken_at=factories.NOON,
        submission=uuid.uuid4(),
    )
    return {"pk": row.pk}


ROWS: dict[str, Maker] = {
    "privacy:request_new": CUSTOMER,
    **dict.fromkeys(
        ("privacy:request", "privacy:request_decide", "privacy:request_finish", "privacy:request_anonymise"),
        _data_request,
    ),
    "accounts:view_change": _saved_view,
    "accounts:view_delete": _saved_view,
    "complaints:detail": _ticket,
    "complaints:chase": _ticket,
    "complaints:presence": _ticket,
    "complaints:evidence": _ticket,
    **dict.fromkeys(
        (
            "complaints:texts",
            "complaints:slip",
            "complaints:lead",
            "complaints:quick",
            "complaints:number",
            "complaints:attach",
        ),
        _ticket,
    ),
    "complaints:quick_take": lambda store: {**_ticket(store), "step": "contact"},
    "complaints:withdraw": lambda store: {**_ticket(store), "attachment_pk": 1},
    "complaints:do": lambda store: {**_ticket(store), "action": "accept"},
    "satisfaction:response": _response,
    "satisfaction:exclude": _response,
    "satisfaction:include": _response,
    "satisfaction:decide": _pending,
    "satisfaction:alert_seen": _alert,
    "satisfaction:tree_edit": _draft_tree,
    "satisfaction:tree_copy": _draft_tree,
    "satisfaction:tree_shorten": _draft_tree,
    "satisfaction:tree_publish": _draft_tree,
    "satisfaction:tree_end": _draft_tree,
    "satisfaction:tree_workbook": _draft_tree,
    "satisfaction:digest": _digest,
    "satisfaction:digest_rows": _digest,
    "satisfaction:tablet_delivery": _pk(factories.DeliveryFactory),
    "satisfaction:tablet_order": _pk(factories.RepairOrderFactory),
    "satisfaction:measure": _measure,
    "satisfaction:measure_check": _measure,
    "satisfaction:measure_rows": _measure,
    "satisfaction:measure_finish": _measure,
    "imports:batch": _batch,
    "imports:progress": _batch,
    "imports:confirm": _batch,
    "imports:abandon": _batch,
    "imports:stop": _batch,
    "imports:read_again": _batch,
    "imports:columns": _batch,
    "imports:answer": _batch,
    **dict.fromkeys(
        (
            "imports:rule",
            "imports:undo",
            "imports:undo_progress",
            "imports:undo_ask",
            "imports:undo_plan_again",
            "imports:undo_decide",
            "imports:undo_confirm",
            "imports:undo_stop",
            "imports:undo_leave",
        ),
        _batch,
    ),
    "imports:row": _staged,
    "imports:workbook": _batch,
    "imports:ask_workbook": _batch,
    "imports:workbook_progress": _batch,
    "files:download": lambda store: {"pk": _file(store).pk},
    "jobs:cancel": _job,
    "jobs:retry": _job,
    "worktime:opening_hours": _itself,
    "worktime:desk_rota": _itself,
    "worktime:change_day": _store_day,
    "worktime:absence_cancel": _absence,
    "revisits:detail": _call,
    "revisits:open": _call,
    "revisits:give_back": _call,
    "revisits:end": _call,
    "revisits:call": _call,
    "revisits:renew": _call,
    "revisits:story": _call,
    "revisits:draft": _call,
    "revisits:afresh": _call,
    "revisits:amend": _attempt,
    "revisits:inspect_call": _attempt,
    "revisits:inspection": _inspection,
    "revisits:practice_done": _practice,
    "revisits:rang": CUSTOMER,
    "revisits:desk_settings": _itself,
    "revisits:give": _call,
    "revisits:leave": _absence,
    "revisits:why_customer": CUSTOMER,
    "revisits:why_vehicle": _pk(factories.VehicleFactory),
    "revisits:leaver": EMPLOYEE,
    "revisits:undo_hand_over": _hand_over,
    "reports:report": _report,
    "reports:print": _report,
    "reports:object": _report,
    "reports:appeals": _report,
    "reports:appeal": _appeal,
    "reports:decide": _appeal,
    "reports:settings": _itself,
    "reports:chart": _report,
    "reports:tickets": _report,
    "reports:answers": _report,
    "reports:visits": _report,
    "reports:workbook": _report,
    **dict.fromkeys(
        ("reports:layout", "reports:map_layout", "reports:fill_layout", "reports:put_away_layout"), _export_layout
    ),
    "reports:publish": _report,
    "reports:reopen": _report,
    "customers:segment_count": _segment,
    "customers:segment_retire": _segment,
    "customers:defection": CUSTOMER,
    "customers:bulk_change": _bulk,
    "customers:bulk_confirm": _bulk,
    "customers:card": CUSTOMER,
    "customers:edit": CUSTOMER,
    "customers:restrict": CUSTOMER,
    "customers:phone_new": CUSTOMER,
    "customers:contact_new": CUSTOMER,
    "customers:ban_new": CUSTOMER,
    "customers:vehicle_new": CUSTOMER,
    "privacy:decide": _pair,
    "privacy:two_cards": _two_cards,
    "privacy:partner": CUSTOMER,
    "privacy:merge": _merge,
    "privacy:merge_undo": _merge,
    "customers:car": _pk(factories.VehicleFactory),
    "customers:handover": _pk(factories.VehicleFactory),
    "customers:fleet": CUSTOMER,
    "customers:keeper": CUSTOMER,
    "customers:consent_new": CUSTOMER,
    "customers:wishes": CUSTOMER,
    "customers:vehicle": _car,
    "customers:vehicle_state": _car,
    "customers:role_new": _car,
    "customers:role_end": _role,
    "customers:booking_new": _car,
    "customers:booking_step": _booking,
    "customers:phone_checked": CUSTOMER,
    "customers:asked": CUSTOMER,
    "customers:address_state": CUSTOMER,
    "customers:correct": CUSTOMER,
    "customers:not_theirs": _phone,
    "revisits:correct": _call,
    "customers:plan": _plan,
    "customers:plan_remove": _plan,
    "customers:paper": CUSTOMER,
    "customers:phone": _phone,
    "customers:reveal": CUSTOMER,
    "customers:phone_state": _phone,
    "customers:phone_remove": _phone,
    "customers:contact": _contact,
    "customers:ban_lift": _ban,
    "accounts:person": EMPLOYEE,
    "accounts:person_change": EMPLOYEE,
    "accounts:person_post": EMPLOYEE,
    "accounts:person_left": EMPLOYEE,
    "accounts:person_sign_in": EMPLOYEE,
    "accounts:person_role": EMPLOYEE,
    "accounts:person_active": EMPLOYEE,
    "accounts:person_link": EMPLOYEE,
    "accounts:person_second_factor": EMPLOYEE,
    "accounts:person_unlock": EMPLOYEE,
}

#: addresses whose arguments name nothing of a store: a chart of one's own stores, a company default, a year
SHARED: dict[str, Callable[[], dict[str, Any]]] = {
    "complaints:learn_chart": lambda: {"name": "days"},
    "customers:field": lambda: {"code": "birthday"},
    "customers:field_reset": lambda: {"code": "birthday"},
    "satisfaction:chart": lambda: {"name": "trend"},
    "satisfaction:breakdown": lambda: {"dimension": "employee"},
    "satisfaction:item": lambda: {"code": "on_time"},
    "satisfaction:tree": lambda: {"pk": QuestionnaireVersion.objects.published().first().pk},
    "revisits:rule": lambda: {"code": "DLV_D3"},
    "revisits:class_definition": lambda: {"scheme": "value"},
    "revisits:indicator": lambda: {"code": "called"},
    "revisits:covered": lambda: {"kind": "sales"},
    "revisits:result": lambda: {"code": "NO_ANSWER"},
    "revisits:script": lambda: {"code": "DLV_SAT"},
    "revisits:script_preview": lambda: {"code": "DLV_SAT"},
    "revisits:script_restore": lambda: {"code": "DLV_SAT"},
    "revisits:script_compare": lambda: {"code": "DLV_SAT"},
    "revisits:practice_call": lambda: {"code": "happy"},
    "complaints:settings_level": lambda: {"code": "L2"},
    "complaints:settings_text": lambda: {"code": "dispatch"},
    "complaints:settings_category": lambda: {"code": "sales"},
    "complaints:settings_category_add": lambda: {"code": "sales"},
    "imports:template": lambda: {"code": "customers"},
    "worktime:enter_list": lambda: {"shown": 2027},
    "worktime:load_list": lambda: {"shown": 2026},
}
