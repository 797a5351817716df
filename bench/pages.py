"""How fast the main pages of each role are on the demo world, from a client's side, and how many queries they take."""

from __future__ import annotations

import http.client
import re
import statistics
import time
import urllib.parse
from typing import NamedTuple

from bench._demo import demo_world
from bench.figure import figure

REQUESTS = 20
WARM_UP = 3
GOAL_MS = 150
PASSWORD = "huifang-demo"


class PageRow(NamedTuple):
    """One page: the figure's name, who looks at it, its path, what it posts ('' for a plain look), and `part`.

    `part` is the id of the element that the answer is loaded into after its page; '' for whole pages.
    """

    name: str
    login: str
    path: str
    body: str = ""
    part: str = ""

    @property
    def headers(self) -> dict[str, str]:
        """What htmx says when it loads a part."""
        return {"HX-Request": "true", "HX-Target": self.part} if self.part else {}


#: {customer}, {ticket}, {report} and {call} are numbers of the demo world
PAGES = (
    PageRow("home.specialist", "specialist1", "/"),
    PageRow("home.manager", "manager1", "/"),
    PageRow("home.head", "head1", "/"),
    PageRow("home.director", "director1", "/"),
    PageRow("home.admin", "admin1", "/"),
    PageRow("today", "specialist1", "/revisits/"),
    PageRow("customers", "specialist1", "/customers/"),
    PageRow("find.name", "specialist1", "/customers/find/", "q=%E7%8E%8B"),
    PageRow("find.phone", "specialist1", "/customers/find/", "q=1234"),
    PageRow("card", "specialist1", "/customers/{customer}/"),
    PageRow("call", "specialist1", "/revisits/{call}/call/"),
    PageRow("complaints", "manager1", "/complaints/"),
    PageRow("complaint", "manager1", "/complaints/{ticket}/"),
    PageRow("satisfaction", "manager1", "/satisfaction/"),
    PageRow("satisfaction.heat", "manager1", "/satisfaction/heat/", part="heat"),
    PageRow("satisfaction.director", "director1", "/satisfaction/"),
    PageRow("satisfaction.heat.director", "director1", "/satisfaction/heat/", part="heat"),
    PageRow("reports", "manager1", "/reports/"),
    PageRow("report", "manager1", "/reports/{report}/"),
    PageRow("imports", "admin1", "/imports/"),
    PageRow("history", "admin1", "/history/"),
)


class Client:
    """A signed-in client that keeps one connection open."""

    def __init__(self, port: int, login: str) -> None:
        """Sign in by the form."""
        self.line = http.client.HTTPConnection("127.0.0.1", port, timeout=90)
        self.cookies: dict[str, str] = {}
        #: where the last answer led to
        self.led_to = ""
        text = self.ask("GET", "/sign-in/")[1]
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', text)
        assert token, "the sign-in page has no token"
        values = {"username": login, "password": PASSWORD, "csrfmiddlewaretoken": token[1], "next": ""}
        status, _ = self.ask("POST", "/sign-in/", urllib.parse.urlencode(values))
        assert status == 302, f"{login} could not sign in: {status}"

    def ask(self, method: str, path: str, body: str = "", more: dict[str, str] | None = None) -> tuple[int, str]:
        """Status and text of an answer; `more` are headers beside the usual ones."""
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()), **(more or {})}
        if method == "POST":
            token = self.cookies.get("csrftoken", "")
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "X-CSRFToken": token}
            headers["Origin"] = f"http://127.0.0.1:{self.line.port}"
        self.line.request(method, path, body or None, headers)
        answer = self.line.getresponse()
        text = answer.read().decode(errors="replace")
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        self.led_to = answer.headers.get("Location", "")
        return answer.status, text

    def post(self, path: str, body: str = "") -> tuple[int, str]:
        """Send a form; status and where the answer leads to."""
        status, _ = self.ask("POST", path, body)
        return status, self.led_to


def main() -> int:
    """Measure every page; 1 when one is slower than its goal."""
    met = []
    with demo_world() as (stack, _):
        import django

        django.setup()
        numbers = look_up()
        stack.start_web()
        clients: dict[str, Client] = {}
        for row in PAGES:
            client = clients.setdefault(row.login, Client(stack.port, row.login))
            asked = row._replace(path=row.path.format(**numbers))
            met.append(figure(f"pages-{row.name}-median", median_ms(client, asked), "ms", goal=GOAL_MS))
            figure(f"pages-{row.name}-queries", queries(asked), "queries")
        from django.db import connections

        connections.close_all()
    return 0 if all(met) else 1


def look_up() -> dict[str, int]:
    """The rows behind the detail pages: busy ones."""
    from django.db.models import Count

    from complaints.models import Complaint
    from crm_site.accounts.models import Employee
    from crm_site.core import clock
    from crm_site.reports.models import MonthlyReport
    from customers.models import Customer
    from revisits import actions

    now = clock.now()
    caller = Employee.objects.get(user__username="specialist1")
    call = actions.claim_next(caller, "specialist", now=now, today=clock.business_day(now))
    assert call is not None, "nothing is due"
    busy = Customer.objects.filter(store=caller.store).annotate(n=Count("repair_orders")).order_by("-n", "pk")[0]
    report = MonthlyReport.objects.filter(store=caller.store, state="published").order_by("-month")[0]
    ticket = Complaint.objects.filter(store=caller.store).annotate(n=Count("steps")).order_by("-n", "pk")[0]
    return {"customer": busy.pk, "ticket": ticket.pk, "report": report.pk, "call": call.pk}


def median_ms(client: Client, row: PageRow) -> float:
    """The median time of an answer in milliseconds; the first ones warm up and do not count."""
    times = []
    for number in range(WARM_UP + REQUESTS):
        started = time.perf_counter()
        status, _ = client.ask("POST" if row.body else "GET", row.path, row.body, row.headers)
        if status != 200:
            raise RuntimeError(f"{row.path} answered {status}")
        if number >= WARM_UP:
            times.append(1000 * (time.perf_counter() - started))
    return statistics.median(times)


def queries(row: PageRow) -> int:
    """How many queries the page takes, counted in this process."""
    from django.db import connection
    from django.test import Client as Inside
    from django.test.utils import CaptureQueriesContext

    from crm_site.accounts.models import User

    inside = Inside()
    inside.force_login(User.objects.get(username=row.login), backend="django.contrib.auth.backends.ModelBackend")
    with CaptureQueriesContext(
        connection,
    ) as found:
        if row.body:
            inside.post(row.path, row.body, content_type="application/x-www-form-urlencoded")
        else:
            inside.get(row.path, headers=row.headers)
    return len(found)
