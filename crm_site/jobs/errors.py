"""Why a job stops before its end."""


class Cancelled(Exception):
    """Somebody asked the job to stop; what is committed stays."""


class LeaseLost(Exception):
    """Another worker has taken the job over, or it has been ended: stop at once and write nothing more."""


class Interrupted(Exception):
    """The worker is told to end: what is committed stays, and another worker goes on."""


class Failed(Exception):
    """The job cannot be done and another attempt would not help; `code` is turned into words at display."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
