"""The ledger of the load clients: each way in which a database can contradict what was told is noticed."""

import uuid

import pytest

from bench._ledger import CALL, REFUSED, SAVED, TICKET, UNKNOWN, Ledger, Sent, quantile
from bench._line import BROKEN, Answer

PEOPLE = [("chen", 7), ("zhou", 8)]
FIRST, SECOND = uuid.uuid4(), uuid.uuid4()


def database(*, calls=(), tickets=(), bare=(), claims=()):
    """What the queries of the ledger find."""
    found = {"accounts_user": PEOPLE, "NOT EXISTS": bare, "audit_entry": claims, "revisits_callattempt": calls}
    found["complaints_complaint"] = tickets
    return lambda query: list(next(rows for word, rows in found.items() if word in query))


def ledger(*sent: Sent) -> Ledger:
    made = Ledger(marks={"revisits_callattempt": 0, "complaints_complaint": 0, "audit_entry": 0})
    for one in sent:
        made.send(one)
    return made


def call(told: str, submission: uuid.UUID = FIRST, **more) -> Sent:
    return Sent(CALL, submission, "chen", 31, "SUCCESS", is_answered=True, told=told, **more)


KEPT = (str(FIRST), 31, 7, "SUCCESS", 5, None)
TICKET_KEPT = (FIRST.hex, 90, 7)


@pytest.mark.parametrize(
    ("told", "rows", "is_equal"),
    [
        (SAVED, [KEPT], True),
        (SAVED, [], False),
        (SAVED, [KEPT, KEPT], False),
        (REFUSED, [], True),
        (REFUSED, [KEPT], False),
        (UNKNOWN, [], True),
        (UNKNOWN, [KEPT], True),
        (UNKNOWN, [KEPT, KEPT], False),
        (SAVED, [(str(FIRST), 31, 8, "SUCCESS", 5, None)], False),  # by somebody else
        (SAVED, [(str(FIRST), 32, 7, "SUCCESS", 5, None)], False),  # of another call
        (SAVED, [(str(FIRST), 31, 7, "NO_ANSWER", 5, None)], False),
        (SAVED, [(str(FIRST), 31, 7, "SUCCESS", None, None)], False),  # without the answers
        (SAVED, [KEPT, (str(SECOND), 31, 7, "SUCCESS", 5, None)], False),  # nobody sent it
    ],
)
def test_a_call_is_kept_as_its_sender_was_told(told, rows, is_equal):
    assert (ledger(call(told)).differences(database(calls=rows)) == []) is is_equal


def test_a_low_answer_has_its_ticket_which_is_no_ticket_of_its_own():
    made = ledger(call(SAVED, is_low=True))
    ticket = (FIRST.hex, 90, 7)
    assert made.differences(database(calls=[(*KEPT[:5], 4)], tickets=[ticket])) == []
    assert made.differences(database(calls=[KEPT])) != []


@pytest.mark.parametrize(
    ("told", "rows", "bare", "is_equal"),
    [
        (SAVED, [TICKET_KEPT], [], True),
        (SAVED, [], [], False),
        (SAVED, [TICKET_KEPT], [(4,)], False),
        (SAVED, [(FIRST.hex, 91, 7)], [], False),
        (REFUSED, [TICKET_KEPT], [], False),
    ],
)
def test_a_ticket_is_kept_as_its_sender_was_told_with_its_history(told, rows, bare, is_equal):
    made = ledger(Sent(TICKET, FIRST, "chen", 90, told=told))
    assert (made.differences(database(tickets=rows, bare=bare)) == []) is is_equal


def test_every_call_handed_out_is_in_the_trail_and_what_is_more_there_is_explained():
    made = ledger()
    made.take(31, "chen")
    assert made.differences(database(claims=[(7, 31)])) == []
    assert made.differences(database()) != []
    assert made.differences(database(claims=[(7, 31), (8, 32)])) != []
    made.miss_claim()
    assert made.differences(database(claims=[(7, 31), (8, 32)])) == []


def test_a_call_is_with_one_person_at_a_time():
    made = ledger()
    made.take(31, "chen")
    made.let_go(31, "chen")
    made.take(31, "zhou")
    trail = database(claims=[(7, 31), (8, 31)])
    assert made.differences(trail) == []
    made.take(31, "chen")
    assert made.differences(database(claims=[(7, 31), (8, 31), (7, 31)])) != []


def test_what_nobody_should_see_is_a_difference_and_failures_are_counted():
    made = ledger()
    made.wonder("a lock")
    assert made.differences(database()) == ["a lock"]
    for number, status in enumerate((200, 503, 422, BROKEN)):
        made.hear("save", "chen", Answer(status, "", "", float(number), float(number)))
    assert [one.status for one in made.broken()] == [503, BROKEN]
    assert [one.status for one in made.broken(since=2)] == [BROKEN]
    assert quantile(made.seconds("save"), 0.5) == 2


def test_the_quantile_of_nothing_is_nothing():
    assert quantile([], 0.95) == 0
    assert quantile([1.0, 2.0], 1.0) == 2.0
