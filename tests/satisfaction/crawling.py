"""A crawler over the pages of scores: finds every figure with a link, opens its list, and says where they differ."""

from collections import defaultdict
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from django.urls import Resolver404, resolve

#: where the walk goes on: pages that show figures; lists, single rows, pictures and files are only opened from a figure
PAGES = frozenset({
    "dashboard", "breakdown", "items", "item", "heat", "external", "dictionary", "words", "alerts",
    "decisions", "measures", "measure", "digests", "digest", "loyalty", "not_counted", "targets",
})  # fmt: skip
#: how far the mean of points that are shown rounded may be from the mean that is shown rounded
HAIR = 0.1001
#: choices of a page that show nothing new to a crawler
STILL = {"page", "sort", "theme", "size"}
#: choices of the filter bar that are tried, one at a time
CHOICES = {"kind", "basis", "span"}


@dataclass(frozen=True)
class Figure:
    """A figure as a page shows it, and where its link leads."""

    page: str
    url: str
    code: str
    n: int
    value: str


class _Reader(HTMLParser):
    """Collects links, figures, and what a list says of itself."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.figures: list[dict[str, str]] = []
        self.total: dict[str, str] | None = None
        #: what the filter bar offers: (name, value)
        self.choices: list[tuple[str, str]] = []
        self._in_points = False
        self.rows = self.bodies = self.counted = 0
        self.points: list[float] = []
        self.next = ""
        self._reads_points = False
        self._form: list[tuple[str, str]] | None = None
        self._select = ""

    def handle_starttag(self, tag, attrs):
        found = {name: value or "" for name, value in attrs}
        if "data-total" in found and "data-value" in found:
            self.total = found
        if tag == "tbody":
            self.bodies += 1
        if tag == "tr" and self.bodies:
            self.rows += 1
            self.counted += int(found.get("data-counted") or 0)
        self._reads_points = tag == "b" and self._in_points
        self._in_points = tag == "td" and "m-second" in found.get("class", "").split()
        self._choose(tag, found)
        if tag != "a" or "href" not in found:
            return
        if "data-figure" in found:
            self.figures.append(found)
        elif found.get("rel") == "next":
            self.next = found["href"]
        else:
            self.links.append(found["href"])

    def _choose(self, tag: str, found: dict[str, str]) -> None:
        """Remember what the selects of a form that only asks offer."""
        if tag == "form":
            self._form = [] if found.get("method", "get").lower() == "get" else None
        elif self._form is not None and tag == "select":
            self._select = found.get("name", "")
        elif self._form is not None and tag == "option" and self._select in CHOICES:
            self.choices.append((self._select, found.get("value", "")))

    def handle_data(self, data):
        if self._reads_points:
            self.points.append(float(data.replace(",", "").replace("−", "-")))
            self._reads_points = False


def read(text: str) -> _Reader:
    """A page taken apart."""
    reader = _Reader()
    reader.feed(text)
    return reader


@dataclass
class Walk:
    """What one person saw: pages by name, figures, and every disagreement between a figure and its list."""

    client: object
    #: how many pages of one kind are looked at, with other filters each
    most: int = 3
    names: frozenset[str] = PAGES
    seen: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    figures: list[Figure] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    lists: dict[str, tuple[int, str]] = field(default_factory=dict)

    def from_(self, start: str) -> "Walk":
        """Follow every page from here on, then open the list of every figure."""
        waiting, known = [start], {_plain(start)}
        while waiting:
            url = waiting.pop(0)
            if len(self.seen.get(_kind(url), ())) >= self.most:
                continue
            for link in self._page(url):
                if _plain(link) not in known and _name(link) in self.names:
                    known.add(_plain(link))
                    waiting.append(link)
        for figure in dict.fromkeys(self.figures):
            self._compare(figure)
        return self

    def _page(self, url: str) -> list[str]:
        answer = self.client.get(url)
        self.seen[_kind(url)].append(url)
        if answer.status_code != 200:
            self.wrong.append(f"{url} answers {answer.status_code}")
            return []
        found = read(answer.content.decode())
        for one in found.figures:
            self.figures.append(
                Figure(
                    url, urljoin(url, unescape(one["href"])), one["data-figure"], int(one["data-n"]), one["data-value"]
                )
            )  # fmt: skip
        links = [urljoin(url, unescape(link)) for link in found.links]
        return [_chosen(url, name, value) for name, value in found.choices] + links

    def _compare(self, figure: Figure) -> None:
        found, told = self._list(figure.url), (figure.n, figure.value)
        if found != told:
            self.wrong.append(f"{figure.page}: {figure.code} {told}, its list {figure.url} has {found}")

    def _list(self, url: str) -> tuple[int, str]:
        """n and value of a list, as it says them and as its rows, counted on all its pages, bear out."""
        if url not in self.lists:
            answer = self.client.get(url)
            if answer.status_code != 200:
                self.lists[url] = (-answer.status_code, "no page")
            else:
                self.lists[url] = self._borne_out(url, read(answer.content.decode()))
        return self.lists[url]

    def _borne_out(self, url: str, first: _Reader) -> tuple[int, str]:
        said = first.total
        if said is None:
            return (-1, "no list")
        rows, page, points = first.rows, first, list(first.points)
        counted = first.counted
        while page.next:
            page = read(self.client.get(urljoin(url, unescape(page.next))).content.decode())
            rows, counted = rows + page.rows, counted + page.counted
            points += page.points
        n, value = int(said["data-n"]), said["data-value"]
        if rows != int(said["data-total"]):
            return (rows, f"rows, but the page says {said['data-total']}")
        if n != (rows if said["data-counts"] == "rows" else counted):
            return (rows, f"rows with {counted} answers, but the page says {n}")
        if "." in value and abs(sum(points) / rows - float(value)) > HAIR:
            return (rows, f"rows of mean {sum(points) / rows:.2f}, but the page says {value}")
        return (n, value)


def _chosen(url: str, name: str, value: str) -> str:
    """The same page with one filter chosen otherwise."""
    query = dict(parse_qsl(urlsplit(url).query)) | {name: value}
    return f"{urlsplit(url).path}?{urlencode({key: one for key, one in query.items() if one})}"


def _name(url: str) -> str:
    """The name of a page of satisfaction; '' for an address elsewhere."""
    try:
        match = resolve(urlsplit(url).path)
    except Resolver404:
        return ""
    return match.url_name or "" if match.app_name == "satisfaction" else ""


def _kind(url: str) -> str:
    """The name of a page, of a comparison with its dimension."""
    match = resolve(urlsplit(url).path)
    return " ".join((str(match.url_name), *(value for value in match.kwargs.values() if match.url_name == "breakdown")))


def _plain(url: str) -> str:
    """An address without what shows nothing new, its query in order."""
    parts = urlsplit(url)
    query = sorted(pair for pair in parse_qsl(parts.query) if pair[0] not in STILL)
    return f"{parts.path}?{urlencode(query)}"
