"""Whether the time of a refused sign-in tells which names exist (T60): 200 wrong passwords for each kind, in turn."""

from __future__ import annotations

import os
import statistics

from bench._line import Line
from bench._night import archive
from bench.figure import figure

ROUNDS = int(os.environ.get("ROUNDS") or 200)
WARM_UP = 5
GOAL_MS = 20


def main() -> int:
    """Ask over HTTP on real processes; 1 when the medians lie further apart than the bound, or the texts differ."""
    with archive(embedded=False) as stack:
        names = fill()
        stack.start_web()
        took, texts = ask(stack.port, names)
    medians = {kind: 1000 * statistics.median(times) for kind, times in took.items()}
    for kind, median in medians.items():
        figure(f"sign-in-{kind}-median", median, "ms")
    apart = [abs(medians[kind] - medians["unknown"]) for kind in names if kind != "unknown"]
    met = figure("sign-in-names-apart", max(apart), "ms", goal=GOAL_MS)
    return 0 if met and len(texts) == 1 else 1


def fill() -> dict[str, str]:
    """Somebody who may sign in, somebody switched off, somebody of no store; {kind: name}."""
    from crm_site.accounts.models import Membership, Store, User
    from crm_site.core import clock

    store = Store.objects.create(code="B1", name="B1", short_name="B1", go_live_on=clock.today())
    for name in ("known", "disabled", "roleless"):
        user = User(username=f"bench-{name}", name=name, is_active=name != "disabled")
        user.set_password("amber-lantern-kite")
        user.save()
        if name != "roleless":
            Membership.objects.create(user=user, store=store, role="specialist")
    return {name: f"bench-{name}" for name in ("known", "disabled", "roleless", "unknown")}


def ask(port: int, names: dict[str, str]) -> tuple[dict[str, list[float]], set[str]]:
    """{kind: seconds of each answer} and the messages; one kind after the other, so that a busy moment meets all."""
    from axes.models import AccessFailureLog
    from django.db import connection

    line, took, texts = Line(port), {kind: [] for kind in names}, set()
    line.get("/sign-in/")
    for number in range(WARM_UP + ROUNDS):
        AccessFailureLog.objects.all().delete()  # else the lock would answer
        for kind, name in names.items():
            answer = line.post("/sign-in/", {"username": name, "password": "wrong-wrong-wrong", "next": ""})
            assert answer.status == 422, f"{kind}: {answer.status}"
            texts.add(answer.text.partition('role="alert"')[2].partition("</div>")[0])
            if number >= WARM_UP:
                took[kind].append(answer.seconds)
    connection.close()
    return took, texts
