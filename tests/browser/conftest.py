"""What the browser tests stand on: the journey's empty store, and a running demo world."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from tests import environment
from tests.browser.visitor import Visitor
from tests.stack import Stack

#: large enough that every page has something to show, small enough to load in some seconds
SCALE = "0.08"


@pytest.fixture(scope="session")
def demo_stack() -> Iterator[Stack]:
    """A running Huifang with a small demo world; nobody works in the background, so nothing moves under the tests."""
    running = Stack(embedded=not environment.on_servers())
    try:
        running.manage("demo", "--scale", SCALE)
        running.start_web()
        yield running
    finally:
        running.stop()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Visitor]]:
    """visit(base, login, language=…, width=…): somebody signs in; at the end nobody may have heard a complaint."""
    visitors: list[Visitor] = []

    def arrive(base: str, login: str, **how: object) -> Visitor:
        visitors.append(Visitor(browser, base, login, **how))  # type: ignore[arg-type]
        return visitors[-1]

    yield arrive
    complaints = [line for visitor in visitors for line in visitor.complaints]
    for visitor in visitors:
        visitor.leave()
    assert complaints == []
