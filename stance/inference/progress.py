"""One line on the terminal that says how far a run has come."""

from __future__ import annotations

import time
from typing import IO

from stance.inference.journal import Counts

_INTERVAL = 0.2  # in seconds


class Progress:
    """A line that is written over and over; nothing at all where the stream is no terminal."""

    def __init__(self, stream: IO[str], *, quiet: bool = False) -> None:
        self._stream = stream
        self._shown = stream.isatty() and not quiet
        self._begin = self._last = time.monotonic()
        self._first: int | None = None

    def __call__(self, counts: Counts) -> None:
        """Show the counts, unless they were shown a moment ago."""
        now = time.monotonic()
        if self._first is None:
            self._first = counts.documents
        if not self._shown or now - self._last < _INTERVAL:
            return
        self._last = now
        rate = (counts.documents - self._first) / (now - self._begin)
        self._stream.write(f"\r\x1b[K{counts.documents:,} read, {counts.statements:,} statements, {rate:.0f} a second")
        self._stream.flush()

    def clear(self) -> None:
        """Take the line away."""
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
