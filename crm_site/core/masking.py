"""Hides what names a person inside free text: the phone numbers, VINs, plates and identity numbers written there."""

from __future__ import annotations

import re

from crm_site.core.plates import PROVINCES

_MOBILE = re.compile(r"(?<!\d)(1[3-9]\d)[ -]?\d{4}[ -]?(\d{4})(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)(0\d{2,3})[ -]?\d{3,4}(\d{4})(?!\d)")
_IDENTITY = re.compile(r"(?<!\d)\d{14}(\d{3}[\dXx])(?![\dXx])")
_VIN = re.compile(r"(?<![A-Za-z0-9])[A-HJ-NPR-Za-hj-npr-z0-9]{11}([A-HJ-NPR-Za-hj-npr-z0-9]{6})(?![A-Za-z0-9])")
_PLATE = re.compile(
    rf"([{PROVINCES}][A-HJ-NP-Za-hj-np-z])[ ·.-]?[A-Za-z0-9]{{2,3}}([A-Za-z0-9挂学警]{{3}})(?![A-Za-z0-9])"
)


def numbers(words: str) -> str:
    """The words with mobile numbers and VINs hidden like those in fields: 138****0000, …388202."""
    return _VIN.sub(r"…\1", _MOBILE.sub(r"\1****\2", words))


def words(text: str) -> str:
    """The words with every number that names a person or a car hidden: mobiles, landlines, identity, VINs, plates."""
    text = _PLATE.sub(r"\1***\2", _IDENTITY.sub(r"**************\1", text))
    return _LANDLINE.sub(r"\1****\2", numbers(text))
