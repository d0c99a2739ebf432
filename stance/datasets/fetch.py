"""Fetch single files of public repositories, by commit, into a folder that later runs take up again."""

from __future__ import annotations

import logging
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path

from stance.datasets.sources import Source
from stance.errors import InputError

RAW_URL = "https://raw.githubusercontent.com"
MAX_BYTES = 100_000_000  # of one file; the largest of the table has a few million
_WORTH_A_RETRY = frozenset({408, 425, 429, 500, 502, 503, 504})

log = logging.getLogger(__name__)


class Fetcher:
    """Fetches files one after the other, politely, and gives up on a network that is not there.

    :param base_url: Where repositories are served as ``BASE/owner/name/commit/path``.
    :param timeout: Seconds to wait for an answer.
    :param attempts: How often to ask for a file when the server or the network fails.
    :param pause: Seconds between two files; a failed attempt waits longer each time, from one second on.
    :param give_up_after: Files in a row that the network could not bring before no more are asked for.
    :param sleep: How to wait.
    :raises InputError: If the base is not a web address.
    """

    def __init__(
        self,
        base_url: str = RAW_URL,
        timeout: float = 20.0,
        attempts: int = 3,
        pause: float = 0.1,
        give_up_after: int = 3,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if not base_url.startswith(("https://", "http://")):
            raise InputError(f"{base_url!r} is not a web address; give one that starts with https://")
        self._base_url = base_url.rstrip("/")
        self._timeout = timeout
        self._attempts = attempts
        self._pause = pause
        self._give_up_after = give_up_after
        self._sleep = sleep
        self._failed_in_a_row = 0

    def __call__(self, source: Source, path: str, target: Path) -> str:
        """Fetch one file; it appears only when it is complete.

        :param source: The repository.
        :param path: The path of the file in it.
        :param target: Where to put it.
        :returns: Why the file could not be had; empty if it was.
        """
        if self._failed_in_a_row >= self._give_up_after:
            return f"not asked for: {self._give_up_after} files in a row could not be fetched"
        url = f"{self._base_url}/{source.repository}/{source.commit}/{urllib.parse.quote(path)}"
        fault = ""
        for attempt in range(self._attempts):
            self._sleep(self._pause if attempt == 0 else 2.0 ** (attempt - 1))
            try:
                content = self._get(url)
            except urllib.error.HTTPError as error:
                fault = f"{url} answers {error.code} {error.reason}"
                if error.code not in _WORTH_A_RETRY:
                    self._failed_in_a_row = 0  # the server is there, the file is not
                    break
            except (OSError, HTTPException) as error:
                fault = f"{url} cannot be reached: {error}"
            else:
                self._failed_in_a_row = 0
                _put(target, content)
                return ""
        else:
            self._failed_in_a_row += 1
        log.warning("%s", fault)
        return fault

    def _get(self, url: str) -> bytes:
        request = urllib.request.Request(url, headers={"User-Agent": "diplomatic-stance build_dataset"})
        with urllib.request.urlopen(request, timeout=self._timeout) as answer:
            content: bytes = answer.read(MAX_BYTES + 1)
            expected = answer.headers.get("Content-Length")
        if len(content) > MAX_BYTES:
            raise OSError(f"the file is larger than {MAX_BYTES:,} bytes")
        if expected is not None and len(content) != int(expected):
            raise OSError(f"the answer broke off after {len(content):,} of {expected} bytes")
        return content


def _put(target: Path, content: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(target.name[:100] + ".partial")  # names near the file system's limit stay below it
    partial.write_bytes(content)
    partial.replace(target)
