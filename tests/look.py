"""Takes pictures of pages of a running Huifang: `python tests/look.py --as manager1 --out /tmp/x / /customers/`.

Signs in with a demo login (or not, without --as), opens each path in the language and width asked for, saves a
full-page PNG, and prints what the browser complained about: errors, refused scripts or styles (CSP), failed requests.
Exit code 1 when there was any complaint.
"""

import argparse
import os
import re
import sys
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from tests import chromium

#: what htmx says of a request that was given up for another one or for another page; refused answers it says apart
GIVEN_UP = ("htmx:sendAbort", "htmx:afterRequest")


def options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="+", help="paths such as /customers/12/")
    parser.add_argument("--base", default=f"http://127.0.0.1:{os.environ.get('PORT') or 8000}")
    parser.add_argument("--as", dest="login", default="", help="demo login, such as manager1")
    parser.add_argument("--password", default="huifang-demo")
    parser.add_argument("--lang", choices=["zh-hans", "en"], default="zh-hans")
    parser.add_argument("--width", type=int, action="append", help="1440 unless told; may be given twice")
    parser.add_argument("--dark", action="store_true", help="dark colours for this login, else light")
    parser.add_argument("--out", type=Path, default=Path("build/pages"))
    return parser.parse_args()


def open_context(browser: Browser, asked: argparse.Namespace, width: int) -> BrowserContext:
    """A browser window of the width, in the language, signed in when a login was named."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        locale="zh-CN" if asked.lang == "zh-hans" else "en-GB",
        timezone_id="Asia/Shanghai",
        has_touch=width < 768,
    )
    context.add_cookies([{"name": "django_language", "value": asked.lang, "url": asked.base}])
    if asked.login:
        sign_in(context.new_page(), asked)
    return context


def sign_in(page: Page, asked: argparse.Namespace) -> None:
    """Fill the sign-in form that an anonymous visitor meets at /."""
    page.goto(f"{asked.base}/")
    page.fill("input[name=username]", asked.login)
    page.fill("input[type=password]", asked.password)
    page.press("input[type=password]", "Enter")
    page.wait_for_load_state()
    if page.locator("input[type=password]").count():
        raise SystemExit(f"{asked.login} could not sign in at {asked.base} (--password)")
    choose_colours(page, "dark" if asked.dark else "light")
    page.close()


def choose_colours(page: Page, theme: str) -> None:
    """Press the button in the person's menu; it offers only the other colours, and charts are drawn in the chosen."""
    button = page.locator(f"button[name=theme][value={theme}]")
    if button.count():
        button.evaluate("one => one.click()")
        page.wait_for_load_state()


def listen(page: Page, complaints: list[str]) -> None:
    """Collect what the browser complains about on a page."""

    def console(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(GIVEN_UP):
            complaints.append(f"{message.type}: {message.text}")

    def failed(request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # given up for another one, as by a window that became wider
            complaints.append(f"request failed: {request.url}")

    page.on("console", console)
    page.on("pageerror", lambda error: complaints.append(f"script error: {error}"))
    page.on("requestfailed", failed)


def take(context: BrowserContext, asked: argparse.Namespace, path: str, width: int) -> bool:
    """Open one path, save its picture, print a line and the complaints; whether there were none."""
    page, complaints = context.new_page(), []
    listen(page, complaints)
    answer = page.goto(asked.base + path, wait_until="load")
    overflow = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    if overflow > 0:
        complaints.append(f"wider than the window by {overflow} px")
    name = re.sub(r"[^A-Za-z0-9]+", "-", path).strip("-") or "home"
    target = asked.out / f"{asked.login or 'anonymous'}-{name}-{width}-{asked.lang}.png"
    page.screenshot(path=target, full_page=True)
    print(f"{answer.status if answer else '---'} {path} -> {target}")
    for complaint in complaints:
        print(f"    {complaint}")
    page.close()
    return not complaints


def main() -> int:
    """Take every picture asked for; 1 when the browser complained."""
    asked = options()
    asked.out.mkdir(parents=True, exist_ok=True)
    fine = True
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**chromium.launch_options())
        for width in asked.width or [1440]:
            context = open_context(browser, asked, width)
            for path in asked.paths:
                fine = take(context, asked, path, width) and fine
            context.close()
        browser.close()
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
