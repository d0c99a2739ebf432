"""One line on the terminal that says how far a run has come."""

from __future__ import annotations

import shutil
import time
from typing import IO

from stance.inference.journal import Counts
from stance.inference.meter import Meter

_INTERVAL = 0.2  # in seconds


class Progress:
    """A line that is written over and over; nothing at all where the stream is no terminal.

    :param stream: Where to write it, such as standard error.
    :param meter: Tells how much of the input was read, for the time that is left.
    :param quiet: Whether to write nothing.
    """

    def __init__(self, stream: IO[str], meter: Meter, *, quiet: bool = False) -> None:
        self._stream = stream
        self._meter = meter
        self._shown = stream.isatty() and not quiet
        self._begin = self._last = time.monotonic()
        self._first: tuple[int, float] | None = None  # documents and part of the input after the first call

    def __call__(self, counts: Counts) -> None:
        """Show the counts, unless they were shown a moment ago."""
        now = time.monotonic()
        if self._first is None:  # a resumed run starts from what was done before
            self._first = counts.documents, self._meter.part() or 0.0
            self._begin = now
        if not self._shown or now - self._last < _INTERVAL:
            return
        self._last = now
        line = f"{counts.documents:,} read, {counts.statements:,} statements{self._speed(counts, now)}"
        tags = [f"{tag} {number:,}" for tag, number in sorted(counts.tags.items())]
        line = ", ".join([line, *tags])[: shutil.get_terminal_size().columns - 1]
        self._stream.write(f"\r\x1b[K{line}")
        self._stream.flush()

    def _speed(self, counts: Counts, now: float) -> str:
        elapsed = now - self._begin
        documents, before = self._first or (0, 0.0)
        if elapsed <= 0:
            return ""
        rate = f", {(counts.documents - documents) / elapsed:.0f} a second"
        part = self._meter.part()
        if part is None or part <= before:
            return rate
        return f"{rate}, {_duration(elapsed * (1 - part) / (part - before))} left"

    def clear(self) -> None:
        """Take the line away."""
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d} h" if hours else f"{minutes}:{rest:02d} min"
