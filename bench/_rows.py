"""What each further row of the customer list costs beside a bare Django view of the same facts, and what is fixed."""

from __future__ import annotations

import statistics
import time
from typing import Any
from unittest import mock

GOAL_RATIO, GOAL_FIXED_MS = 2, 60
FEW, MANY, ROUNDS = 10, 100, 15

#: the same facts in the same cells
BARE = """<table>{% for row in rows %}<tr>
<td><a href="/customers/{{ row.pk }}/">{{ row.name }}</a> {{ row.get_customer_type_display }} {{ row.number }}</td>
<td>{% for phone in row.phones.all %}{{ phone.number|slice:":3" }}****{{ phone.number|slice:"-4:" }}{% endfor %}</td>
<td>{% for role in row.vehicle_roles.all %}{{ role.vehicle.plate_no }} {{ role.vehicle.series }}
{{ role.vehicle.last_visit_on|date:"Y-m-d" }}{% endfor %}</td>
<td>{{ row.store.short_name }}</td><td>{{ row.created_at|date:"Y-m-d" }}</td></tr>{% endfor %}</table>"""


def measure(goals: Any) -> list[bool]:
    """Whether a further row and the fixed part meet their goals; both views in turns, in this process."""
    ours, bare = Ours(), Bare()
    times: dict[tuple[str, int], list[float]] = {}
    worked: list[float] = []
    for turn in range(ROUNDS + 2):
        for name, view in (("ours", ours), ("bare", bare)):
            for rows in (FEW, MANY):
                had, began = time.process_time(), time.perf_counter()
                view.look(rows)
                if view is ours and rows == FEW:
                    worked.append(1000 * (time.process_time() - had))
                if turn > 1:
                    times.setdefault((name, rows), []).append(1000 * (time.perf_counter() - began))
    few, many = (statistics.median(times["ours", rows]) for rows in (FEW, MANY))
    bare_few, bare_many = (statistics.median(times["bare", rows]) for rows in (FEW, MANY))
    goals.figure("list-of-few-cpu", statistics.median(worked[2:]))
    row, bare_row = ((many - few) / (MANY - FEW), (bare_many - bare_few) / (MANY - FEW))
    return [
        goals.figure("list-further-row", row, other=bare_row, goal=GOAL_RATIO),
        goals.figure("list-fixed-part", few - FEW * row, goal=goals.fixed),
    ]


class Ours:
    """The list as the director sees it."""

    def __init__(self) -> None:
        from django.test import Client

        from crm_site.accounts.models import User

        self.client = Client(headers={"accept-language": "zh-hans"})
        user = User.objects.get(username="bench-director")
        self.client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

    def look(self, rows: int) -> None:
        """The page with so many rows."""
        with mock.patch("customers.views.lists.ROWS", rows):
            answer = self.client.get("/customers/")
        assert answer.status_code == 200
        assert answer.content.count(b"<tr>") >= rows


class Bare:
    """A view of a dozen lines: a queryset and a template."""

    def __init__(self) -> None:
        from django.template import engines
        from django.test import RequestFactory

        self.template = engines["django"].from_string(BARE)
        self.request = RequestFactory().get("/")

    def look(self, rows: int) -> None:
        """The page with so many rows."""
        from django.http import HttpResponse

        from customers.models import Customer

        found = Customer.objects.select_related("store").order_by("-created_at", "-pk")
        found = found.prefetch_related("phones", "vehicle_roles__vehicle")
        HttpResponse(self.template.render({"rows": found[:rows]}, self.request))
