"""Whether a request comes from a phone, for the few places where a phone is led elsewhere than a desk."""

from django.http import HttpRequest


def is_phone(request: HttpRequest) -> bool:
    """What the browser says of itself: the client hint where it sends one, else the word in every phone's name."""
    hint = request.headers.get("Sec-CH-UA-Mobile", "")
    return hint == "?1" if hint else "Mobi" in request.headers.get("User-Agent", "")
