"""How much of a run's input was read, for the time that is left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path


class Meter:
    """Follows the reading of some files, in bytes, so that no row has to be counted beforehand."""

    def __init__(self) -> None:
        self._before: dict[Path, tuple[int, int]] = {}  # the bytes of the files before each, and its own
        self._total = 0
        self._here = (0, 0)
        self._tell: Callable[[], float] = lambda: 0

    def watch(self, paths: Sequence[Path]) -> None:
        """Take in which files will be read, in their order."""
        for path in paths:
            size = path.stat().st_size if path.is_file() else 0
            self._before[path] = (self._total, size)
            self._total += size

    def enter(self, path: Path, tell: Callable[[], float]) -> None:
        """Note that a file is being read.

        :param path: The file.
        :param tell: Gives how much of it was read, in bytes; raises ValueError when it is closed.
        """
        self._here, self._tell = self._before.get(path, (0, 0)), tell

    def part(self) -> float | None:
        """Return the part of all files that was read, from 0 to 1; None where that cannot be told."""
        if not self._total:
            return None
        before, size = self._here
        try:
            return (before + min(self._tell(), size)) / self._total
        except ValueError:  # the file was closed: all of it was read
            return (before + size) / self._total
