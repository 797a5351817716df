"""上月补记: what was decided or changed after a month was published stands in the next one's report, apart and once.

A month's book is what its report said, then what the reports published since have adjusted of it. The difference
between the book and the rows as they stand now is what the month being built has to make up for; so the months' own
counts and all their adjustments together always come to today's truth, and nothing is made up for twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from crm_site.accounts.models import Employee
from crm_site.reports import calendar, facts, periods, reading, rules
from crm_site.reports.models import MonthlyReport, ReportState
from crm_site.reports.periods import Period
from crm_site.reports.posts import Posts
from crm_site.reports.standings import Standing, Standings, Who

#: what a line of the adjustments is about
COMPLAINT, GRIEVANCE, JOINT, SOLVED, ANSWER = "complaint", "grievance", "joint", "solved", "answer"
Line = dict[str, Any]


@dataclass
class Book:
    """What is on record of a published month: where each ticket stands, who is jointly liable, what counts."""

    period: Period
    places: dict[int, tuple[str, Who]] = field(default_factory=dict)
    joint: dict[int, dict[int, Who]] = field(default_factory=dict)
    solved: dict[int, Who] = field(default_factory=dict)
    answers: dict[tuple[int, int], Who] = field(default_factory=dict)

    @classmethod
    def of(cls, report: MonthlyReport) -> Book:
        """The book as the month's report says it."""
        book = cls(calendar.period_of_report(report))
        snapshot = reading.upgraded(report.snapshot)
        for row in snapshot["rows"]:
            who = Who(row["employee"], row["series"])
            book.places |= dict.fromkeys(row["direct"], (COMPLAINT, who)) | dict.fromkeys(
                row["grievances"], (GRIEVANCE, who)
            )
            for pk in row["joint"]:
                book.joint.setdefault(pk, {})[who.employee] = who
            book.solved |= dict.fromkeys(row["solved"], who)
            book.answers |= {(who.employee, pk): who for pk in row["responses"]}
        book.places |= {pk: (COMPLAINT, Who(0, line)) for line in rules.LINES for pk in snapshot["lines"][line]}
        for pk in snapshot["grievances"]:
            book.places.setdefault(pk, (GRIEVANCE, Who(0, rules.UNDECIDED)))
        return book

    def adjust(self, line: Line) -> None:
        """Note a line that another report has published about this month."""
        before, after = Who.read(line["from"]), Who.read(line["to"])
        if line["as"] in {COMPLAINT, GRIEVANCE}:
            _put(self.places, line["ticket"], (line["as"], after) if after else None)
        elif line["as"] == JOINT:
            people = self.joint.setdefault(line["ticket"], {})
            _put(people, (after or before).employee, after)  # type: ignore[union-attr]
        elif line["as"] == SOLVED:
            _put(self.solved, line["ticket"], after)
        else:
            _put(self.answers, ((after or before).employee, line["response"]), after)  # type: ignore[union-attr]


def of_month(store_id: int, month: date) -> dict[str, Any]:
    """The parts of a snapshot about other months: `adjustments`, what a revision has `absorbed`, and `people`.

    A revision keeps the adjustments that the month was published with: they have been paid by. It counts anew what
    later reports have adjusted of this month: those lines are named, so that they are not paid a second time.
    """
    reports = _published(store_id, month)
    earlier = next((one for one in reports if one.month == month), None)
    if earlier is not None:
        kept = reading.upgraded(earlier.snapshot)
        later = [{**line, "in": f"{one.month:%Y-%m}"} for one in reports for line in _lines_about(one, month)]
        lines = kept["adjustments"]
        return {"adjustments": lines, "absorbed": later, "people": {**kept["people"], **names([*lines, *later])}}
    books = _books([one for one in reports if one.month < month], reports)
    lines = _differences(store_id, books) if books else []
    return {"adjustments": lines, "absorbed": [], "people": names(lines)}


def since(report: MonthlyReport) -> list[Line]:
    """发布后的调整: what has changed of a published month, in which report it stands (`in`), or '' while in none."""
    later = [
        one
        for one in _published(report.store_id, periods.month_start(report.month, -rules.ADJUST_BACK))
        if (one.published_at, one.pk) > (report.published_at, report.pk)
    ]
    book, found = Book.of(report), []
    for one in later:
        for line in _lines_about(one, report.month):
            book.adjust(line)
            found.append({**line, "in": f"{one.month:%Y-%m}"})
    pending = _differences(report.store_id, {f"{report.month:%Y-%m}": book})
    return found + [{**line, "in": ""} for line in pending]


def names(lines: Iterable[Line]) -> dict[str, str]:
    """{employee: name} of everybody whom the lines name."""
    wanted = {end["employee"] for line in lines for end in (line["from"], line["to"]) if end and end.get("employee")}
    people = Employee.objects.filter(pk__in=wanted).values_list("pk", "name")
    return {str(pk): name for pk, name in people}


def _published(store_id: int, month: date) -> list[MonthlyReport]:
    """The published reports from the oldest month that is still made up for, by the moment of publishing."""
    since = periods.month_start(month, rules.ADJUST_BACK)
    rows = MonthlyReport.objects.filter(store_id=store_id, month__gte=since, state=ReportState.PUBLISHED)
    return list(rows.order_by("published_at", "pk"))


def _lines_about(report: MonthlyReport, month: date) -> list[Line]:
    name = f"{month:%Y-%m}"
    return [line for line in report.snapshot.get("adjustments", ()) if line["month"] == name]


def _books(months: list[MonthlyReport], reports: list[MonthlyReport]) -> dict[str, Book]:
    """{month: its book}; a revision that was published after an adjustment has counted it itself."""
    books = {}
    for report in sorted(months, key=lambda one: one.month):
        book = Book.of(report)
        for other in reports:
            if (other.published_at, other.pk) > (report.published_at, report.pk):
                for line in _lines_about(other, report.month):
                    book.adjust(line)
        books[f"{report.month:%Y-%m}"] = book
    return books


def _differences(store_id: int, books: dict[str, Book]) -> list[Line]:
    """From the books to the rows as they stand now; by month, kind and key."""
    standings = Standings(store_id, [book.period for book in books.values()], _tickets_in(books.values()))
    found = [line for name, book in books.items() for line in _of_book(name, book, standings)]
    found += _of_answers(store_id, books)
    _name_series(found)
    return sorted(found, key=lambda line: (line["month"], line["as"], line.get("ticket", 0), line.get("response", 0),
                                           *_order(line["from"]), *_order(line["to"])))  # fmt: skip


def _tickets_in(books: Iterable[Book]) -> set[int]:
    return {pk for book in books for pk in (*book.places, *book.joint, *book.solved)}


def _of_book(name: str, book: Book, standings: Standings) -> list[Line]:
    """What a month's tickets have become since."""
    found: list[Line] = []
    for pk in standings.received_in(book.period) | set(book.places) | set(book.joint) | set(book.solved):
        now = standings.of(pk, book.period, was=book.places.get(pk, ("", None))[0])
        found += _moved(name, now, book.places.get(pk), book.joint.get(pk, {}))
        if pk in book.solved and not now.is_solved:
            found.append(_line(name, SOLVED, book.solved[pk], None, ticket=pk, number=now.number))
    return found


def _moved(name: str, now: Standing, was: tuple[str, Who] | None, joint: dict[int, Who]) -> list[Line]:
    about = {"ticket": now.pk, "number": now.number}
    found = []
    before, after = was[1] if was else None, now.who
    if not _same(before, after):
        found.append(_line(name, now.counts_as or was[0], before, after, **about))  # type: ignore[index]
    for employee in sorted(joint.keys() - now.joint.keys()):
        found.append(_line(name, JOINT, joint[employee], None, **about))
    for employee in sorted(now.joint.keys() - joint.keys()):
        found.append(_line(name, JOINT, None, now.joint[employee], **about))
    return found


def _same(one: Who | None, other: Who | None) -> bool:
    """Whether the same employee or line answers; a posting that was corrected later moves nobody."""
    if one is None or other is None or not one.employee or not other.employee:
        return one == other
    return one.employee == other.employee


def _of_answers(store_id: int, books: dict[str, Book]) -> list[Line]:
    """Responses taken out of the scores, taken off an employee, or entered late."""
    first = min(book.period.start for book in books.values())
    end = max(book.period.end for book in books.values())
    found: list[Line] = []
    judged = facts.judged(store_id, first, end)
    for name, book in books.items():
        now = {(who, pk) for who, pk, day in judged if book.period.holds(day)}
        found += [_line(name, ANSWER, book.answers[key], None, response=key[1]) for key in book.answers.keys() - now]
        found += [_line(name, ANSWER, None, Who(key[0], ""), response=key[1]) for key in now - book.answers.keys()]
    return found


def _name_series(lines: list[Line]) -> None:
    """Say in which series an employee stands whom no report has named yet: that of the post held on the month's end."""
    open_ends = [end for line in lines for end in (line["from"], line["to"]) if end and end.get("series") == ""]
    if not open_ends:
        return
    posts = Posts(Employee.objects.filter(pk__in={end["employee"] for end in open_ends}).prefetch_related("postings"))
    for line in lines:
        last = periods.month_start(date.fromisoformat(f"{line['month']}-01"), -1)
        for end in (line["from"], line["to"]):
            if end and end.get("series") == "":
                end["series"] = posts.series(end["employee"], last)


def _line(name: str, about: str, before: Who | None, after: Who | None, **subject: Any) -> Line:
    return {
        "month": name,
        "as": about,
        **subject,
        "from": before.as_json() if before else None,
        "to": after.as_json() if after else None,
    }


def _order(end: dict[str, Any] | None) -> tuple[int, str]:
    return (end.get("employee", 0), end.get("series") or end.get("line") or "") if end else (-1, "")


def _put(where: dict, key: Any, value: Any) -> None:
    """Set a key, or take it out where there is no value."""
    if value is None:
        where.pop(key, None)
    else:
        where[key] = value
