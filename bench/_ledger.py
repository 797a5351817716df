"""The clients' own list of every answer that they were given, and how it differs from what the database says later.

Whoever was told "saved" must find one row of it, whoever was refused none; an answer that never came promises nothing.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple
from uuid import UUID

from bench._line import Answer

SAVED, REFUSED, UNKNOWN = "saved", "refused", "unknown"
CALL, TICKET = "call", "ticket"

#: what was written after the row `first`
_CALLS = """SELECT a.submission, a.revisit_id, a.by_id, r.code, a.response_id, a.complaint_id
FROM revisits_callattempt a JOIN revisits_callresult r ON r.id = a.result_id WHERE a.id > {first}"""
_TICKETS = "SELECT submission, customer_id, reported_by_id FROM complaints_complaint WHERE id > {first}"
_BARE_TICKETS = """SELECT c.id FROM complaints_complaint c WHERE c.id > {first}
AND NOT EXISTS (SELECT 1 FROM complaints_step s WHERE s.complaint_id = c.id)"""
_CLAIMS = "SELECT actor_id, subject_id FROM audit_entry WHERE action = 'revisit.claimed' AND id > {first}"

#: gives all rows of a query, straight from the engine (tests.stack.Stack.rows)
Rows = Callable[[str], list[tuple]]


class Heard(NamedTuple):
    """One answer: of which kind of page, its status, when it was asked for, how long it took, who asked."""

    kind: str
    status: int
    began: float
    seconds: float
    login: str


@dataclass
class Sent:
    """One form that was sent, again and again until an answer came: what it says, and what its sender was told."""

    kind: str
    submission: UUID
    login: str
    #: the call, or the customer of a ticket
    about: int
    #: the result of a call
    result: str = ""
    #: whether answers go with it, and whether one of them is low
    is_answered: bool = False
    is_low: bool = False
    told: str = UNKNOWN
    tries: int = 0


class Claim(NamedTuple):
    """A call was handed to somebody, or let go of again."""

    at: float
    call: int
    login: str
    is_taken: bool


@dataclass
class Ledger:
    """Everything that any client was told; safe to write from many threads."""

    heard: list[Heard] = field(default_factory=list)
    sent: dict[UUID, Sent] = field(default_factory=dict)
    claims: list[Claim] = field(default_factory=list)
    #: answers after which a call may be held without its holder knowing
    unheard_claims: int = 0
    #: what refused forms were told, and how often
    refusals: Counter[str] = field(default_factory=Counter)
    #: what no client should ever see, in words
    odd: list[str] = field(default_factory=list)
    #: texts of failures, for looking at afterwards
    failures: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    marks: dict[str, int] = field(default_factory=dict)

    # ---- while it runs -----------------------------------------------------------------------------------------------

    def hear(self, kind: str, login: str, answer: Answer) -> None:
        """Write down that an answer came, or broke."""
        with self.lock:
            self.heard.append(Heard(kind, answer.status, answer.began, answer.seconds, login))
            if answer.is_failure:
                self.failures.append(f"{kind} {login}: {answer.status} {answer.text[:300]}")

    def send(self, sent: Sent) -> Sent:
        """Write down that a form is sent, before any answer to it."""
        with self.lock:
            return self.sent.setdefault(sent.submission, sent)

    def take(self, call: int, login: str) -> None:
        """Somebody was told to hold a call."""
        with self.lock:
            self.claims.append(Claim(time.time(), call, login, is_taken=True))

    def let_go(self, call: int, login: str) -> None:
        """Somebody was told that a call is saved, or is theirs no more."""
        with self.lock:
            self.claims.append(Claim(time.time(), call, login, is_taken=False))

    def refuse(self, kind: str, why: Iterable[str]) -> None:
        """A form was refused, for reasons as its page tells them."""
        with self.lock:
            self.refusals.update(f"{kind}: {words}" for words in why)

    def miss_claim(self) -> None:
        """An answer broke that may have handed out a call."""
        with self.lock:
            self.unheard_claims += 1

    def wonder(self, what: str) -> None:
        """Something that nobody should see."""
        with self.lock:
            self.odd.append(what)

    def mark(self, rows: Rows) -> None:
        """Remember which rows stand before the first question: only later ones are compared."""
        for table in ("revisits_callattempt", "complaints_complaint", "audit_entry"):
            self.marks[table] = rows(f"SELECT coalesce(max(id), 0) FROM {table}")[0][0]

    # ---- figures -----------------------------------------------------------------------------------------------------

    def seconds(self, kind: str = "", since: float = 0.0) -> list[float]:
        """How long answers took, sorted; of one kind of page or of all."""
        rows = list(self.heard)
        return sorted(one.seconds for one in rows if (not kind or one.kind == kind) and one.began >= since)

    def kinds(self) -> list[str]:
        """The kinds of pages that were asked for."""
        return sorted({one.kind for one in self.heard})

    def broken(self, since: float = 0.0) -> list[Heard]:
        """Answers that broke or failed, oldest first."""
        return sorted((one for one in self.heard if one.began >= since and not 0 < one.status < 500), key=_began)

    def count(self, told: str, kind: str = CALL) -> int:
        """How many forms of a kind ended with their sender being told this."""
        return sum(one.told == told and one.kind == kind for one in self.sent.values())

    # ---- compared with the database ----------------------------------------------------------------------------------

    def differences(self, rows: Rows, lease: float = 900.0) -> list[str]:
        """Each way in which the database contradicts what was told, as a sentence; empty when the ledger is equal.

        `lease`: after so many seconds a claimed call may rightly be handed to another.
        """
        people = dict(rows("SELECT u.username, e.id FROM accounts_employee e JOIN accounts_user u ON u.id = e.user_id"))
        found = [*self.odd, *self._calls(rows, people), *self._tickets(rows, people), *self._claims(rows, people)]
        return [*found, *self._held_by_two(lease)]

    def _of(self, kind: str) -> Iterator[Sent]:
        return (one for one in self.sent.values() if one.kind == kind)

    def _calls(self, rows: Rows, people: dict[str, int]) -> Iterator[str]:
        query = _CALLS.format(first=self.marks["revisits_callattempt"])
        kept: dict[UUID, list[tuple]] = defaultdict(list)
        for submission, *row in rows(query):
            kept[UUID(str(submission))].append(tuple(row))
        yield from self._told_and_kept(CALL, kept)
        for one in self._of(CALL):
            for about, by, result, response, ticket in kept[one.submission]:
                if (about, by, result) != (one.about, people[one.login], one.result):
                    yield f"call {one.submission} was kept as {about, by, result}, not as it was sent"
                if (response is not None) != one.is_answered:
                    yield f"call {one.submission} should have answers: {one.is_answered}; it has response {response}"
                if one.is_low and ticket is None:
                    yield f"call {one.submission} has no ticket for its low answer"

    def _tickets(self, rows: Rows, people: dict[str, int]) -> Iterator[str]:
        first = self.marks["complaints_complaint"]
        query = _TICKETS.format(first=first)
        calls = {one.submission for one in self._of(CALL)}  # a low answer's ticket has the submission of its call
        kept: dict[UUID, list[tuple]] = defaultdict(list)
        for submission, *row in rows(query):
            if UUID(str(submission)) not in calls:
                kept[UUID(str(submission))].append(tuple(row))
        yield from self._told_and_kept(TICKET, kept)
        for one in self._of(TICKET):
            if any(row != (one.about, people[one.login]) for row in kept[one.submission]):
                yield f"ticket {one.submission} was kept of another customer or by another person"
        yield from (f"ticket {pk} has no history" for (pk,) in rows(_BARE_TICKETS.format(first=first)))

    def _told_and_kept(self, kind: str, kept: dict[UUID, list[tuple]]) -> Iterator[str]:
        """Saved: one row; refused: none; unknown: at most one; and no row of which nobody knows."""
        bounds = {SAVED: (1, 1), REFUSED: (0, 0), UNKNOWN: (0, 1)}
        for one in self._of(kind):
            least, most = bounds[one.told]
            if not least <= len(kept[one.submission]) <= most:
                yield f"{kind} {one.submission} of {one.login} was told {one.told}: {len(kept[one.submission])} rows"
        known = {one.submission for one in self._of(kind)}
        yield from (f"{kind} {submission} was never sent" for submission in kept if submission not in known)

    def _claims(self, rows: Rows, people: dict[str, int]) -> Iterator[str]:
        """Every call that was handed out is in the trail; what the trail has more is explained by broken answers."""
        query = _CLAIMS.format(first=self.marks["audit_entry"])
        written = Counter((int(by), int(call)) for by, call in rows(query))
        told = Counter((people[one.login], one.call) for one in self.claims if one.is_taken)
        yield from (f"call {call} was handed to {by}, and the trail knows nothing of it" for by, call in told - written)
        unexplained = (written - told).total() - self.unheard_claims
        if unexplained > 0:
            yield f"{unexplained} calls were claimed of which nobody was told: {list(written - told)[:5]}"

    def _held_by_two(self, lease: float) -> Iterator[str]:
        """No call is handed to somebody while another still holds it."""
        holders: dict[int, Claim] = {}
        for one in sorted(self.claims, key=lambda claim: claim.at):
            before = holders.pop(one.call, None)
            if not one.is_taken:
                continue
            if before is not None and before.login != one.login and one.at - before.at < lease:
                yield f"call {one.call} was handed to {one.login} while {before.login} held it"
            holders[one.call] = one


def _began(one: Heard) -> float:
    return one.began


def quantile(values: list[float], share: float) -> float:
    """The value below which a share of the sorted values lies; 0 for none."""
    return values[min(int(len(values) * share), len(values) - 1)] if values else 0.0
