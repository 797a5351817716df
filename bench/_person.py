"""A specialist at work: lists, customers, calls, tickets, with a pause between; faults are noted and lived with.

Whatever was sent and not answered is sent again as it was, as somebody does who presses the button once more.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from bench._ledger import CALL, REFUSED, SAVED, TICKET, Ledger, Sent
from bench._line import Answer, Line, alerts, hidden_fields, value_of_field

PASSWORD = "huifang-demo"
#: of a hundred actions (T09)
MIX = {"list": 40, "customer": 25, "save": 20, "claim": 10, "ticket": 5}
PAUSE_SECONDS = 3.0
#: how long somebody goes on pressing the button of a form that brings no answer, and how often
PATIENCE_SECONDS, AGAIN_SECONDS = 120.0, 0.5
#: whoever holds so many calls goes back to the list after saving, instead of taking the next one
MANY_HELD = 4
CALL_PAGE = re.compile(r"^/revisits/(\d+)/call/")
LISTS = (
    ("home", "/"),
    ("due list", "/revisits/"),
    ("customers", "/customers/"),
    ("customers filtered", "/customers/?away=12"),
    ("all calls", "/revisits/all/"),
    ("complaints", "/complaints/"),
    ("bookings", "/customers/bookings/"),
)
WORDS = ("空调异响，上次保养时说过一次", "等了两个小时没有人理我", "交车时车没有洗干净", "账单和说好的不一样")


@dataclass(frozen=True)
class Said:
    """What a customer said in a call, as the form sends it."""

    result: str
    fields: Mapping[str, str]
    is_answered: bool = False
    is_low: bool = False


def contented(page: str) -> Said:
    """What a customer says who gives every question of a call page a 9."""
    names = set(re.findall(r'name="(answer_[^"]+)"[^>]*value="9"', page))
    fields = {"result": "SUCCESS", "channel": "phone"} | dict.fromkeys(names, "9")
    return Said("SUCCESS", fields, is_answered=bool(names))


class Person:
    """One signed-in specialist with a line of their own, who writes every answer into the ledger."""

    def __init__(
        self,
        port: int,
        login: str,
        ledger: Ledger,
        *,
        customers: Sequence[int] = (),
        pause: float = PAUSE_SECONDS,
        mix: Mapping[str, int] = MIX,
        password: str = PASSWORD,
    ) -> None:
        """Nobody is signed in yet. `customers`: whose cards are opened and whose complaints are written down."""
        self.line, self.login, self.ledger, self.password = Line(port), login, ledger, password
        self.customers, self.pause, self.mix = customers, pause, mix
        self.dice = random.Random(login)
        self.held: list[int] = []
        self.patience = PATIENCE_SECONDS
        self.is_over: Callable[[], bool] = lambda: False

    # ---- one after another -------------------------------------------------------------------------------------------

    def work(self, until: float, *, is_over: Callable[[], bool] = lambda: False) -> None:
        """Do one thing after another until a moment (time.monotonic) or until told that it is over."""
        self.is_over = is_over
        time.sleep(self.dice.random() * min(self.pause, max(until - time.monotonic(), 0)))
        while time.monotonic() < until and not is_over():
            self.act()
            time.sleep(max(min(self.pause, until - time.monotonic()), 0))

    def act(self) -> None:
        """One thing of the mix."""
        acts = {
            "list": self.look_at_a_list, "customer": self.open_a_customer, "save": self.save_a_call,
            "claim": self.take_the_next_call, "ticket": self.report,
        }  # fmt: skip
        acts[self.dice.choices(list(self.mix), list(self.mix.values()))[0]]()

    # ---- asking ------------------------------------------------------------------------------------------------------

    def look(self, kind: str, path: str) -> Answer:
        """Look at a page, signing in first where the server asks for it."""
        answer = self._heard(kind, self.line.get(path))
        if answer.asks_to_sign_in and self.sign_in():
            answer = self._heard(kind, self.line.get(path))
        return answer

    def press(self, kind: str, path: str, fields: Mapping[str, str] | None = None) -> Answer:
        """Send a form once, signing in first where the server asks for it."""
        answer = self._heard(kind, self.line.post(path, fields))
        if answer.asks_to_sign_in and self.sign_in():
            answer = self._heard(kind, self.line.post(path, fields))
        return answer

    def sign_in(self) -> bool:
        """By the form; whether the server let us in."""
        page = self._heard("sign-in page", self.line.get("/sign-in/"))
        values = {"username": self.login, "password": self.password, "next": ""}
        values["csrfmiddlewaretoken"] = value_of_field(page.text, "csrfmiddlewaretoken")
        answer = self._heard("sign-in", self.line.post("/sign-in/", values))
        return answer.status == 302 and not answer.asks_to_sign_in

    def _heard(self, kind: str, answer: Answer) -> Answer:
        self.ledger.hear(kind, self.login, answer)
        if "database is locked" in answer.text:
            self.ledger.wonder(f"{self.login} saw that the database is locked at {kind}")
        return answer

    # ---- looking -----------------------------------------------------------------------------------------------------

    def look_at_a_list(self) -> None:
        """One of the lists that a specialist lives in."""
        self._expect_page(*self.dice.choice(LISTS))

    def open_a_customer(self) -> None:
        """A card of one's own store."""
        if self.customers:
            self._expect_page("customer", f"/customers/{self.dice.choice(self.customers)}/")

    def _expect_page(self, kind: str, path: str) -> None:
        answer = self.look(kind, path)
        if not answer.is_failure and answer.status != 200:
            self.ledger.wonder(f"{self.login} got {answer.status} for {kind}")

    # ---- calls -------------------------------------------------------------------------------------------------------

    def take_the_next_call(self) -> int | None:
        """Press next; the call that was handed out, None when nothing waits or the answer broke."""
        answer = self.press("claim", "/revisits/next/")
        if answer.is_failure:
            self.ledger.miss_claim()
            return None
        if answer.status != 302:
            self.ledger.wonder(f"{self.login} got {answer.status} for the next call")
        return self._taken(answer)

    def save_a_call(self) -> Sent | None:
        """Open the oldest call that one holds, fill the form in and save it."""
        if not self.held and self.take_the_next_call() is None:
            return None
        call = self.held[0]
        page = self.look("call page", f"/revisits/{call}/call/")
        if page.is_failure:
            return None
        if page.status != 200:
            self._forget(call)  # it ended, or is somebody else's by now
            return None
        return self.save(call, page.text)

    def save(self, call: int, page: str, said: Said | None = None, *, go_on: bool | None = None) -> Sent:
        """Send the form of a call page until an answer comes; what its sender was told."""
        said = said or self.hear_out(page)
        fields = hidden_fields(page) | dict(said.fields)
        fields["note"] = f"{self.login} {fields['submission'][:8]} {self.dice.choice(WORDS)}"
        wants_next = len(self.held) < MANY_HELD if go_on is None else go_on
        fields["go"] = "next" if wants_next else "back"
        sent = Sent(CALL, UUID(fields["submission"]), self.login, call, said.result, said.is_answered, said.is_low)
        answer = self._insist("save", f"/revisits/{call}/call/", fields, self.ledger.send(sent))
        if sent.told in {SAVED, REFUSED}:
            self._forget(call)
        if sent.told == SAVED:
            self._taken(answer)
        return sent

    def hear_out(self, page: str) -> Said:
        """Six of eight are content with everything, one has something to complain about, one does not answer."""
        throw, said = self.dice.randrange(8), contented(page)
        if throw == 0:
            return Said("NO_ANSWER", {"result": "NO_ANSWER", "channel": "phone"})
        # whether we are recommended is no mark for work done: such an answer is never low and has no reason
        answers = (name for name in said.fields if name.startswith("answer_"))
        marked = sorted(name for name in answers if f'name="{name.replace("answer_", "reason_")}"' in page)
        if throw > 1 or not marked:
            return said
        low = {marked[0]: "4", marked[0].replace("answer_", "reason_"): "等得太久", "decision": "grievance"}
        return Said("SUCCESS", {**said.fields, **low}, is_answered=True, is_low=True)

    def _taken(self, answer: Answer) -> int | None:
        """The call to which an answer leads, if it is a new one."""
        found = CALL_PAGE.match(answer.led_to)
        if found is None or int(found[1]) in self.held:
            return None
        self.held.append(int(found[1]))
        self.ledger.take(self.held[-1], self.login)
        return self.held[-1]

    def _forget(self, call: int) -> None:
        self.held.remove(call)
        self.ledger.let_go(call, self.login)

    # ---- tickets -----------------------------------------------------------------------------------------------------

    def report(self) -> Sent | None:
        """Write down what a customer is unhappy about."""
        if not self.customers:
            return None
        customer = self.dice.choice(self.customers)
        page = self.look("ticket page", f"/complaints/new/?customer={customer}")
        if page.status != 200:
            return None
        fields = hidden_fields(page.text) | {"kind": "complaint", "source": "phone"}
        fields["received_at"] = value_of_field(page.text, "received_at")
        fields["words"] = f"{self.dice.choice(WORDS)} {fields['submission'][:8]}"
        sent = self.ledger.send(Sent(TICKET, UUID(fields["submission"]), self.login, customer))
        self._insist("ticket", "/complaints/new/", fields, sent)
        return sent

    # ---- until an answer comes ---------------------------------------------------------------------------------------

    def _insist(self, kind: str, path: str, fields: Mapping[str, str], sent: Sent) -> Answer:
        """Send a form until somebody says what became of it."""
        deadline = time.monotonic() + self.patience
        while True:
            answer = self.press(kind, path, fields)
            sent.tries += 1
            if not answer.is_failure and not answer.asks_to_sign_in:
                self._note(kind, fields, sent, answer)
                return answer
            if fields.get("go") == "next":
                self.ledger.miss_claim()
            if time.monotonic() > deadline or self.is_over():
                return answer
            time.sleep(AGAIN_SECONDS)

    def _note(self, kind: str, fields: Mapping[str, str], sent: Sent, answer: Answer) -> None:
        """What the answer told; whatever was refused must still stand on the page."""
        if answer.status == 302:
            sent.told = SAVED
            return
        sent.told = REFUSED
        self.ledger.refuse(kind, alerts(answer.text))
        typed = fields.get("note") or fields["words"]
        if answer.status != 422 or typed not in answer.text:
            self.ledger.wonder(f"{self.login} was refused a {kind} with {answer.status}, and the text is gone")
