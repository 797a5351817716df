"""How a browser is named to people: what it is and what it runs on, out of what it calls itself."""

from __future__ import annotations

#: the first sign that is found tells; the order matters, for most call themselves by several names
BROWSERS = (
    ("MicroMessenger", "WeChat"), ("Edg", "Edge"), ("QQBrowser", "QQ Browser"), ("HuaweiBrowser", "Huawei Browser"),
    ("MiuiBrowser", "Mi Browser"), ("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"),
    ("Mac OS", "macOS"), ("Linux", "Linux"),
)  # fmt: skip


def words(agent: str) -> str:
    """Such as "Chrome · Windows"; '' where nothing is known of it."""
    found = (next((word for sign, word in table if sign in agent), "") for table in (BROWSERS, SYSTEMS))
    return " · ".join(word for word in found if word)
