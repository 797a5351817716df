"""The one exception whose message a user may read."""


class RuleBroken(Exception):
    """A change that the rules refuse; `message` says in the user's language what to do instead.

    `field` names the form field it belongs to (empty: the whole form), `code` is stable for tests.
    """

    def __init__(self, message: str, *, code: str = "", field: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.field = field

    def __str__(self) -> str:
        return str(self.message)
