"""Whether a complaint came back: what is the same matter, what repeats an earlier one, what was solved at once."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from datetime import datetime, timedelta

from complaints import settings
from crm_site.core import clock
from crm_site.reports import cases, rules
from crm_site.reports.cases import Ticket
from crm_site.reports.periods import Period


class Matters:
    """The complaints of a store around a period by what they are about, and its confirming calls; read once."""

    def __init__(self, store_id: int, period: Period) -> None:
        self.start, self.end = clock.day_bounds(period.start, period.last)
        self.repeat_days = repeat_days(store_id)
        self.confirmed = cases.confirmed(store_id, period)
        first = period.start - timedelta(days=self.repeat_days + 1)
        self.received: dict[tuple[str, int, int], list[tuple[datetime, int]]] = defaultdict(list)
        for matter, moment, pk in cases.every_matter(
            store_id, first, period.last + timedelta(days=rules.SOLVED_DAYS + 1)
        ):
            self.received[matter].append((moment, pk))

    def in_period(self, moment: datetime | None) -> bool:
        """Whether a moment lies in the period."""
        return moment is not None and self.start <= moment < self.end

    def is_repeat(self, ticket: Ticket) -> bool:
        """Whether another complaint on the matter was received at most `repeat_days` before."""
        since = ticket.received_at - timedelta(days=self.repeat_days)
        return self._others(ticket, since, ticket.received_at)

    def is_solved(self, ticket: Ticket) -> bool:
        """一次解决: closed, never reopened, and no further complaint on the matter within 30 days after closing."""
        return not ticket.reopened and not self.came_back(ticket)

    def came_back(self, ticket: Ticket) -> bool:
        """Whether the matter was complained about again within 30 days after closing."""
        closed = ticket.closed_at
        if closed is None:
            return False
        return self._others(ticket, closed + timedelta(microseconds=1), closed + timedelta(days=rules.SOLVED_DAYS))

    def _others(self, ticket: Ticket, since: datetime, until: datetime) -> bool:
        """Whether another complaint on the same matter was received in since…until, both included."""
        rows = self.received.get(ticket.matter, []) if ticket.matter else []
        place = bisect_right(rows, (until, 2**63))
        while place and rows[place - 1][0] >= since:
            if rows[place - 1][1] != ticket.pk:
                return True
            place -= 1
        return False


def repeat_days(store_id: int) -> int:
    """Within how many days a complaint on the same matter is a repeat, as the store has set it."""
    return settings.of(store_id).repeat_days
