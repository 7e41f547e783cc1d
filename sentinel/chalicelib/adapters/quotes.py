"""Closing prices through yfinance: unadjusted, of a known day, or a typed reason why there is none.

yfinance keeps one session, one cookie and several caches per process; they are set up once, under the temporary directory.
"""

from __future__ import annotations

import copy
import math
import os
import random
import stat
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit, urlunsplit

from chalicelib.deadline import Deadline
from chalicelib.errors import BadEvent, OutOfTime
from chalicelib.ports import Close, NoClose

PARALLEL = 4
"""Requests in flight at Yahoo, over all threads."""
_SPAN = timedelta(days=220)
"""How far back prices are asked for: splits since the oldest NAV that still counts must be in it."""
_STALEST = timedelta(days=30)
"""An older close is no price of a listed share any more."""
_PER_SYMBOL_S = 20
_setting_up = threading.Lock()


@dataclass(frozen=True)
class Patience:
    """How long to wait when the rate is limited: `tries` per symbol, `back_off_s` doubled each time up to `longest_s`."""

    tries: int = 4
    back_off_s: float = 2.0
    longest_s: float = 30.0
    sleep: Callable[[float], None] = time.sleep


@dataclass
class _Gate:
    """Shared by all threads: how many may ask at once, and until when nobody does because one was refused."""

    seats: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(PARALLEL))
    lock: threading.Lock = field(default_factory=threading.Lock)
    shut_until: float = 0.0
    refused: int = 0


def private_folder() -> Path:
    """A temporary folder only this user may write to: yfinance unpickles what stands in its caches."""
    folder = Path(tempfile.gettempdir()) / f"sentinel-yfinance-{os.getuid()}"
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    if stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o077:
        return folder
    return Path(tempfile.mkdtemp(prefix="sentinel-yfinance-"))


class YahooQuotes:
    """Satisfies `ports.Quotes`. One per process; `within` gives the same one under another deadline.

    `base` stands in for every address of Yahoo's (`http://127.0.0.1:8000/yahoo`): https anywhere, http on loopback only;
    raises `BadEvent` for any other. `folder` holds yfinance's caches, by default a temporary one of this user's alone.
    """

    def __init__(
        self,
        *,
        base: str | None = None,
        deadline: Deadline | None = None,
        patience: Patience | None = None,
        folder: Path | None = None,
    ) -> None:
        self._base = _checked(base)
        self._deadline = deadline or Deadline()
        self._patience = patience or Patience()
        self._folder = folder
        self._gate = _Gate()

    def within(self, deadline: Deadline) -> Self:
        """The same prices, sessions and pauses under another deadline."""
        other = copy.copy(self)
        other._deadline = deadline  # noqa: SLF001 -- a copy of ourselves
        return other

    def closes(self, symbols: Sequence[str], day: date) -> Mapping[str, Close | NoClose]:
        """For every symbol its last close on or before `day`, in the shares of that day, or why there is none.

        Raises `OutOfTime` when the deadline comes first.
        """
        wanted = list(dict.fromkeys(symbols))
        if not wanted:
            return {}
        yahoo = self._yahoo
        if len(wanted) == 1:
            return {wanted[0]: self._close(yahoo, wanted[0], day)}
        with ThreadPoolExecutor(min(PARALLEL, len(wanted)), thread_name_prefix="quotes") as pool:
            return dict(zip(wanted, pool.map(lambda symbol: self._close(yahoo, symbol, day), wanted), strict=True))

    @cached_property
    def _yahoo(self) -> _Yahoo:
        """yfinance, loaded and set up when the first price is asked for."""
        with _setting_up:
            return _Yahoo(self._folder or private_folder(), self._base)

    def _close(self, yahoo: _Yahoo, symbol: str, day: date) -> Close | NoClose:
        for attempt in range(1, self._patience.tries + 1):
            with self._seat():
                found = yahoo.close(symbol, day)
            if isinstance(found, Close) or not found.passing or attempt == self._patience.tries:
                return found
            if not self._back_off(attempt):
                return found
        raise AssertionError("tries is at least 1")

    @contextmanager
    def _seat(self) -> Iterator[None]:
        """A turn to ask; nobody's turn comes while a refusal is being waited out."""
        self._deadline.check()
        with self._gate.seats:
            while (wait_s := self._gate.shut_until - time.monotonic()) > 0:
                if wait_s >= self._deadline.remaining_s():
                    raise OutOfTime("the time for this run is used up while prices are refused")
                self._patience.sleep(wait_s)
                break
            yield

    def _back_off(self, attempt: int) -> bool:
        """Shut the gate for everybody after a refusal; False when there is no time to wait it out."""
        patience = self._patience
        limit_s = min(patience.longest_s, patience.back_off_s * 2 ** (attempt - 1))
        wait_s = limit_s * (0.5 + random.random() / 2)  # noqa: S311 -- spreads load, keeps no secret
        if wait_s >= self._deadline.remaining_s():
            return False
        with self._gate.lock:
            self._gate.shut_until = max(self._gate.shut_until, time.monotonic() + wait_s)
        return True


def _checked(base: str | None) -> str | None:
    if base is None:
        return None
    parts = urlsplit(base)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost")):
        return base.rstrip("/")
    raise BadEvent(f"quotes: {base[:100]!r} is neither https nor loopback")


class _Yahoo:
    """yfinance itself, with its caches under `folder` and, when there is a `base`, every address of Yahoo's under it."""

    def __init__(self, folder: Path, base: str | None) -> None:
        import yfinance
        from yfinance import cache, exceptions

        folder.mkdir(parents=True, exist_ok=True)
        yfinance.set_tz_cache_location(str(folder))
        self._errors = exceptions
        self._ticker = yfinance.Ticker
        self._time_zones = cache.get_tz_cache()
        self._session = _session(base) if base else None

    def close(self, symbol: str, day: date) -> Close | NoClose:
        """One symbol's close, asked once."""
        errors = self._errors
        try:
            return self._read(symbol, day)
        except errors.YFRateLimitError as error:
            return NoClose(symbol, "YFRateLimitError", str(error), passing=True)
        except (errors.YFPricesMissingError, errors.YFTzMissingError, errors.YFInvalidPeriodError) as error:
            return NoClose(symbol, type(error).__name__, str(error), passing=False)
        except errors.YFException as error:
            return NoClose(symbol, type(error).__name__, str(error), passing=True)
        except OutOfTime:
            raise
        except Exception as error:  # noqa: BLE001 -- curl's, JSON's and pandas' own errors all mean that there was no answer
            return NoClose(symbol, type(error).__name__, str(error)[:300], passing=True)

    def _read(self, symbol: str, day: date) -> Close | NoClose:
        """The close from a history that reaches to today, so that splits after `day` are known and can be undone."""
        self._know_time_zone(symbol)
        ticker = self._ticker(symbol, session=self._session) if self._session else self._ticker(symbol)
        ticker._data.cache_get.cache_clear()  # noqa: SLF001 -- what was asked before would be answered from memory
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            frame = ticker.history(
                start=day - _SPAN,
                end=date.today() + timedelta(days=1),  # noqa: DTZ011 -- any day after the last session will do
                interval="1d",
                auto_adjust=False,
                actions=True,
                timeout=_PER_SYMBOL_S,
                raise_errors=True,
            )
        meta = ticker.history_metadata
        currency = str(meta.get("currency") or "")
        closes = [(when.date(), float(value)) for when, value in frame["Close"].items() if not math.isnan(value) and value > 0]
        usable = [(when, value) for when, value in closes if day - _STALEST <= when <= day]
        if not usable:
            return NoClose(symbol, "NoCloseInTime", f"no close between {day - _STALEST} and {day}", passing=False)
        if not currency:
            return NoClose(symbol, "NoCurrency", "the answer names no currency", passing=False)
        splits = _splits(frame)
        last, value = usable[-1]
        price = _decimal(value)
        for when, ratio in splits:
            if when > last:
                price *= ratio
        return Close(symbol, last, _plain(price), currency, tuple((when, ratio) for when, ratio in splits if when <= last))

    def _know_time_zone(self, symbol: str) -> None:
        """A symbol without a suffix is listed in New York: knowing its time zone saves yfinance a request for each."""
        if "." not in symbol and self._time_zones.lookup(symbol) is None:
            self._time_zones.store(symbol, "America/New_York")


def _splits(frame: Any) -> list[tuple[date, Decimal]]:  # noqa: ANN401 -- a pandas frame, which has no annotations here
    """The splits of a history, oldest first: 4 new shares for one are 4, one for ten is 0.1."""
    if "Stock Splits" not in frame:
        return []
    return [
        (when.date(), _plain(Decimal(repr(float(ratio))))) for when, ratio in frame["Stock Splits"].items() if ratio and ratio > 0
    ]


def _plain(value: Decimal) -> Decimal:
    """The value without trailing zeros and without an exponent."""
    return Decimal(f"{value.normalize():f}")


def _decimal(value: float) -> Decimal:
    """The price meant: Yahoo's figures are 32-bit floats, whose shortest form has the digits that were put in."""
    import numpy as np

    short = np.float32(value)
    return Decimal(str(short)) if float(short) == value else Decimal(repr(value))


def _session(base: str) -> Any:  # noqa: ANN401 -- curl_cffi's session, which yfinance demands
    """A session of yfinance's own kind that asks `base` in the place of every host of Yahoo's."""
    from curl_cffi import requests

    class Routed(requests.Session):  # type: ignore[type-arg]  # its answers' class is never asked for
        """Sends what is meant for Yahoo to the base."""

        def request(self, method: Any, url: str, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 -- as its parent
            """As the parent, elsewhere."""
            parts = urlsplit(url)
            if (parts.hostname or "").endswith("yahoo.com"):
                url = base + urlunsplit(("", "", parts.path or "/", parts.query, ""))
            return super().request(method, url, *args, **kwargs)

    return Routed(impersonate="chrome", trust_env=False)
