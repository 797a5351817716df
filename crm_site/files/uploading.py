"""Takes large uploads in piece by piece; a full temporary disk ends in a sentence on the form, not in a failure."""

from typing import Any

from django.core.files.uploadhandler import SkipFile, TemporaryFileUploadHandler


class TemporaryFiles(TemporaryFileUploadHandler):
    """Django's handler of large files, but a file that cannot be written is left out and said: `request.disk_full`."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file."""
        try:
            super().new_file(*args, **kwargs)
        except OSError as problem:
            self._leave_out(problem)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Write a piece of it."""
        try:
            super().receive_data_chunk(raw_data, start)
        except OSError as problem:
            self._leave_out(problem)

    def _leave_out(self, problem: OSError) -> None:
        """Go on without this file: the form's other fields are still read, and nothing stays on the disk."""
        if self.request is not None:
            self.request.disk_full = True  # type: ignore[attr-defined]
        raise SkipFile from problem
