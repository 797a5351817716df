"""Personal and company names: one tidy form, and the pinyin that the search box understands."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from crm_site.core import text
from crm_site.core.verdicts import OK, REFUSED, WARNING, Verdict

MAX_LENGTH = 100
#: What colleagues put behind a surname.
_CALLED = ("工", "师傅", "师", "姐", "哥", "经理", "主任", "总", "主管", "顾问", "先生", "女士", "小姐", "老师")

_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_TITLES = "先生|女士|小姐|太太|夫人|经理|老板|师傅|老师|男|女"
_BRACKETED_TITLE = re.compile(rf"\s*[((〔\[【](?:{_TITLES}|车主|本人)[))〕\]】]\s*")
_TRAILING_TITLE = re.compile(rf"(?<=[{_HAN}]{{2}})\s*(?:先生|女士|小姐|太太)$")
_BLANK_BETWEEN_HAN = re.compile(rf"(?<=[{_HAN}])\s+(?=[{_HAN}])")
#: Two characters that end no tidy name: titles, and words for an empty cell (暂无).
_NO_NAMES = frozenset({"先生", "女士", "小姐", "太太"} | {word for word in text.EMPTY_WORDS if len(word) == 2})
_MIDDLE_DOTS = re.compile(r"\s*[·•・‧∙●.．](?=\s*\S)\s*")
_PLAIN_HAN = re.compile(rf"[{_HAN}]{{2,4}}")
_HAN_SIGN = re.compile(rf"[{_HAN}]")
_FULL_WIDTH_SIGNS = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}

#: Longer Chinese names without a compound surname are those of companies.
_LONGEST_PERSON = 3

#: Readings that a character has as a surname, where a dictionary of words gives another one.
SURNAMES = {
    "曾": "zeng", "单": "shan", "查": "zha", "区": "ou", "仇": "qiu", "解": "xie", "朴": "piao", "盖": "ge",
    "翟": "zhai", "乐": "yue", "召": "shao", "秘": "bi", "重": "chong", "种": "chong", "员": "yun", "贠": "yun",
    "缪": "miao", "繁": "po", "折": "she", "黑": "he", "覃": "qin", "谌": "chen", "冼": "xian", "洗": "xian",
    "撒": "sa", "隗": "wei", "訾": "zi", "佴": "nai", "那": "na", "能": "nai", "祭": "zhai", "过": "guo",
    "任": "ren", "宁": "ning", "华": "hua", "燕": "yan", "应": "ying", "葛": "ge", "纪": "ji", "句": "gou",
    "薄": "bo", "长": "zhang", "少": "shao", "行": "xing", "相": "xiang", "鲜": "xian", "车": "che", "厘": "xi",
    "尉": "wei", "藏": "zang", "逄": "pang", "郇": "xun", "阚": "kan", "晁": "chao", "褚": "chu", "柏": "bai",
    "适": "kuo", "都": "du", "石": "shi", "令": "ling", "牟": "mou", "俞": "yu", "佘": "she", "费": "fei",
}  # fmt: skip
COMPOUND_SURNAMES = {
    "尉迟": ("yu", "chi"), "万俟": ("mo", "qi"), "长孙": ("zhang", "sun"), "令狐": ("ling", "hu"),
    "单于": ("chan", "yu"), "澹台": ("tan", "tai"), "濮阳": ("pu", "yang"), "皇甫": ("huang", "fu"),
    "宇文": ("yu", "wen"), "鲜于": ("xian", "yu"), "闾丘": ("lv", "qiu"), "亓官": ("qi", "guan"),
    "夏侯": ("xia", "hou"), "诸葛": ("zhu", "ge"), "司马": ("si", "ma"), "上官": ("shang", "guan"),
    "欧阳": ("ou", "yang"), "东方": ("dong", "fang"), "独孤": ("du", "gu"), "南宫": ("nan", "gong"),
    "慕容": ("mu", "rong"), "司徒": ("si", "tu"), "公孙": ("gong", "sun"), "轩辕": ("xuan", "yuan"),
    "呼延": ("hu", "yan"), "端木": ("duan", "mu"), "赫连": ("he", "lian"), "百里": ("bai", "li"),
    "东郭": ("dong", "guo"), "西门": ("xi", "men"), "钟离": ("zhong", "li"), "宗政": ("zong", "zheng"),
    "公冶": ("gong", "ye"), "太叔": ("tai", "shu"), "申屠": ("shen", "tu"), "乐正": ("yue", "zheng"),
    "漆雕": ("qi", "diao"), "拓跋": ("tuo", "ba"), "子车": ("zi", "ju"), "谷梁": ("gu", "liang"),
}  # fmt: skip


class Pinyin(NamedTuple):
    """How a name is typed on a keyboard: `full` ('zengxiaoyu') and `initials` ('zxy'), lower case a-z and 0-9."""

    full: str
    initials: str


def is_tidy(value: object) -> bool:
    """Whether a cell is a plain Chinese name of two to four characters that needs no tidying, as nearly all are."""
    return isinstance(value, str) and _PLAIN_HAN.fullmatch(value) is not None and value[-2:] not in _NO_NAMES


def normalise(value: object) -> str:
    """The name without inner blanks between Chinese characters, invisible signs and titles: '张 三(先生)' -> '张三'."""
    if is_tidy(value):
        return str(value)
    if text.is_empty(value):
        return ""
    name = text.tidy(value).translate(_FULL_WIDTH_SIGNS).strip("'’‘` ")
    name = _BRACKETED_TITLE.sub("", name)
    name = _TRAILING_TITLE.sub("", name)
    name = _BLANK_BETWEEN_HAN.sub("", name)
    if _HAN_SIGN.search(name):
        name = _MIDDLE_DOTS.sub("·", name)
    return name.strip()


def verdict(value: object) -> Verdict:
    """refused when empty or longer than 100 characters, warning when it holds digits only people's codes have."""
    name = normalise(value)
    if not name:
        return Verdict(REFUSED, "empty")
    if len(name) > MAX_LENGTH:
        return Verdict(REFUSED, "name_long", name[:MAX_LENGTH])
    if len(name) >= 5 and sum(sign.isdigit() for sign in name) >= 5:
        return Verdict(WARNING, "name_digits", name)
    return Verdict(OK, "", name)


def match_key(value: object) -> str:
    """The form in which two spellings of one name are equal: normalised, without blanks and dots, lower case."""
    return _match_key(value if isinstance(value, str) else normalise(value))


@lru_cache(maxsize=65536)
def _match_key(name: str) -> str:
    return normalise(name).replace(" ", "").replace("·", "").casefold()


def surname(name: str) -> str:
    """The family name of a normalised Chinese name (two characters for a compound one); '' for anything else."""
    if len(name) > 2 and name[:2] in COMPOUND_SURNAMES:
        return name[:2]
    return name[0] if _PLAIN_HAN.fullmatch(name) else ""


def may_be(written: str, name: str) -> bool:
    """Whether a name as written may be somebody's: 李工 and 李明, 李名 and 李明, Li Ming and 李明."""
    said, known = normalise(written), normalise(name)
    if not said or not known:
        return False
    family = surname(known)
    rest = said[len(family) :] if family and said.startswith(family) else None
    if rest is not None and (not rest or rest in _CALLED or rest in known):
        return True
    if said in known or known in said:
        return True
    if pinyin(said).full == pinyin(known).full:
        return True
    return len(said) == len(known) >= 2 and sum(a != b for a, b in zip(said, known, strict=True)) == 1


@lru_cache(maxsize=65536)
def pinyin(name: str) -> Pinyin:
    """Full pinyin and initials of a normalised name; surnames in their surname reading, Latin letters kept."""
    syllables = _syllables(name)
    return Pinyin("".join(syllables), "".join(syllable[0] for syllable in syllables))


def _syllables(name: str) -> Sequence[str]:
    """The syllables of a name, its surname first; a run of Latin letters or digits counts as one."""
    if len(name) > 2 and name[:2] in COMPOUND_SURNAMES:
        return [*COMPOUND_SURNAMES[name[:2]], *_read(name[2:])]
    if name[:1] in SURNAMES and _PLAIN_HAN.fullmatch(name):
        return [SURNAMES[name[0]], *_read(name[1:])]
    if len(name) <= _LONGEST_PERSON and _PLAIN_HAN.fullmatch(name):
        return [*_read(name[0]), *_read(name[1:])]  # no word of the dictionary spans surname and given name
    return _read(name)


@lru_cache(maxsize=65536)
def _read(rest: str) -> tuple[str, ...]:
    """The dictionary's readings of text, only a-z and 0-9 kept; given names recur, and a reading takes 0.1 ms."""
    from pypinyin import lazy_pinyin  # 0.2 s to import, so only when first needed

    read = (re.sub(r"[^a-z0-9]", "", syllable.lower()) for syllable in lazy_pinyin(rest, v_to_u=False))
    return tuple(syllable for syllable in read if syllable)
