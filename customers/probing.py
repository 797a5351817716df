"""Keeps the search box from telling a hidden number digit by digit: how often somebody searched by parts of numbers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.cache import cache

from customers.rules.looks import SEARCHES_A_DAY
from customers.rules.tokens import MIN_PHONE_TAIL, PHONE, Token

DAY_SECONDS = 24 * 60 * 60
#: digits of a mobile number; fewer are a part of one
WHOLE = 11


def narrowed(user: Any, meant: list[Token]) -> list[Token]:
    """The readings of a search as this person may use them, after counting it.

    A hit tells that the digits typed are right, so that forty searches tell the four that the mask hides. Whoever has
    searched by five digits and more so often within a day finds by the last four and by whole numbers from then on.
    """
    if not any(token.kind == PHONE and len(token.token) > MIN_PHONE_TAIL for token in meant):
        return meant
    if count(user.pk) <= SEARCHES_A_DAY:
        return meant
    return [_cut(token) for token in meant]


def count(user_id: int) -> int:
    """Count one search; the count begins anew a day after its first."""
    cache.add(_key(user_id), 0, DAY_SECONDS)
    try:
        return cache.incr(_key(user_id))
    except ValueError:  # it ended this very moment
        return 1


def many(user_ids: Iterable[int]) -> set[int]:
    """Those of the users who passed the bound within the last day."""
    keys = {_key(user_id): user_id for user_id in user_ids}
    return {keys[key] for key, number in cache.get_many(keys).items() if number > SEARCHES_A_DAY}


def _cut(token: Token) -> Token:
    is_part = token.kind == PHONE and MIN_PHONE_TAIL < len(token.token) < WHOLE
    return Token(PHONE, token.token[:MIN_PHONE_TAIL]) if is_part else token


def _key(user_id: int) -> str:
    return f"searched:{user_id}"
