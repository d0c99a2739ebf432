"""Names that stand once in a run, at some 20 bytes each: of many millions of ids only hashes are kept."""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Iterable

import numpy as np

_RECENT = 65_536  # hashes that are kept in a set before they go into the array, where they take 8 bytes each


class Names:
    """Gives each name once, and a name that is taken with ``~2``, ``~3`` ... behind it.

    Two names with one 64-bit hash are taken for the same one, so that the later one gets a number without need: of a
    hundred million names, once in 4,000 runs.
    """

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._recent = set(map(_hash, taken))
        self._sorted = np.zeros(0, dtype=np.uint64).data

    def take(self, name: str) -> str:
        """Return the name, or the name with a number behind it, and keep it from being given again.

        :param name: The name that is wanted.
        """
        value = _hash(name)
        if self._is_taken(value):
            low, high = 1, 2  # the numbers up to low are taken
            while self._is_taken(_hash(f"{name}~{high}")):
                low, high = high, 2 * high
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if self._is_taken(_hash(f"{name}~{middle}")) else (low, middle)
            name = f"{name}~{high}"
            value = _hash(name)
        self._recent.add(value)
        if len(self._recent) > max(_RECENT, len(self._sorted) // 8):  # in proportion, so that sorting stays cheap
            recent = np.fromiter(self._recent, dtype=np.uint64, count=len(self._recent))
            self._sorted = np.sort(np.concatenate([np.asarray(self._sorted), recent]), kind="stable").data
            self._recent = set()
        return name

    def _is_taken(self, value: int) -> bool:
        if value in self._recent:
            return True
        place = bisect_left(self._sorted, value)
        return place < len(self._sorted) and self._sorted[place] == value


def _hash(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big")
