"""How the tests and `tests/look.py` start headless Chromium: where it is, quiet flags, and a Chinese font."""

import importlib.util
import os
import shutil
import tempfile
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome")
MISSING = "Chromium is not installed (Debian: apt-get install chromium)"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # no name but this machine's leads anywhere: a page that asks for something elsewhere gets nothing
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1, EXCLUDE ::1",
]
FONTS_CONF = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{fonts}</dir><cachedir>{cache}</cachedir></fontconfig>
"""


def find() -> str | None:
    """Path of an installed Chromium or Chrome, or None."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def fonts_file() -> Path:
    """A fontconfig file that offers only Noto Sans SC of the zhplot package: the same pictures everywhere."""
    spec = importlib.util.find_spec("zhplot")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("zhplot, which holds the Chinese font, is not installed: run make test once")
    folder = Path(tempfile.gettempdir()) / f"huifang-fonts-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    conf = folder / "fonts.conf"
    conf.write_text(FONTS_CONF.format(fonts=Path(spec.origin).parent / "fonts", cache=folder / "cache"))
    return conf


def launch_options() -> dict:
    """Arguments of Playwright's `chromium.launch`; raises FileNotFoundError when there is no Chromium."""
    program = find()
    if program is None:
        raise FileNotFoundError(MISSING)
    return {"executable_path": program, "args": FLAGS, "env": os.environ | {"FONTCONFIG_FILE": str(fonts_file())}}
