"""The answer of every format check: how grave it is, why, and the sentence a user reads about it."""

from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

OK = "ok"
WARNING = "warning"
REFUSED = "refused"


class Verdict(NamedTuple):
    """What a check found: level (ok, warning, refused), reason code ('' when ok), clean value, repair to suggest."""

    level: str
    code: str = ""
    value: str = ""
    suggestion: str = ""

    @property
    def is_ok(self) -> bool:
        """Nothing to say about the value."""
        return self.level == OK

    @property
    def is_refused(self) -> bool:
        """The value cannot be stored."""
        return self.level == REFUSED

    @property
    def message(self) -> Any:
        """The sentence for the user in the active language; '' when there is nothing to say."""
        return message(self.code)


MESSAGES: dict[str, Any] = {
    "": "",
    "empty": _("This field is empty."),
    # phones
    "phone_letters": _("This is not a phone number. Enter 11 digits, or area code and number."),
    "phone_length": _("The phone number has the wrong number of digits. A mobile has 11."),
    "phone_prefix": _("No Chinese mobile or area code begins like this. Check the number."),
    "phone_rounded": _("The spreadsheet has rounded this number. Format the column as text and enter it again."),
    "phone_lost_zero": _("The area code has lost its leading zero. Look whether the number with 0 is meant."),
    "phone_no_area": _("The landline has no area code. Add it if you know it."),
    "phone_foreign": _("This is a number outside mainland China. Check that it can be dialled."),
    # VINs
    "vin_length": _("A VIN has 17 characters. Check it against the vehicle licence."),
    "vin_characters": _("A VIN contains only digits and letters without I, O and Q."),
    "vin_check_digit": _(
        "The check digit of this VIN does not match. Some European cars do not use it; "
        "otherwise look for a typing error."
    ),
    "vin_rounded": _(
        "The spreadsheet has turned this VIN into a number. Format the column as text and enter it again."
    ),
    # plates
    "plate_form": _("This plate has an unknown form. Check it against the vehicle licence."),
    "plate_none": _("The vehicle has no plate yet."),
    "plate_temporary": _("This is a temporary plate."),
    # names
    "name_digits": _("A name does not contain digits. Is this a phone number or a code?"),
    "name_long": _("The name is longer than 100 characters."),
    # dates
    "date_form": _("This is not a date. Write it like 2026-11-21."),
    "date_impossible": _("This day does not exist. Check the calendar."),
    "date_ambiguous": _("Day and month cannot be told apart here. Write the date like 2026-11-21."),
    "date_range": _("This date is out of range. Check the year."),
    "date_time_only": _("This is a time without a date."),
    # numbers
    "number_form": _("This is not a number."),
    "number_fraction": _("A whole number is needed here."),
    "number_rounded": _(
        "Numbers of more than 15 digits are rounded by the spreadsheet. Format the column as text and enter it again."
    ),
    "number_range": _("This number is out of range."),
}


def message(code: str) -> Any:
    """The (lazy) sentence for a reason code; an unknown code is a programming error and raises KeyError."""
    return MESSAGES[code]
