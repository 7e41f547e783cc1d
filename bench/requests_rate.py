"""Requests: how much of the allowed rate is kept up against an EDGAR 200 ms away, and what ten times the filings cost.

The rate is read from the server's own record of starts; the baseline is the allowed rate itself.
"""

from __future__ import annotations

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1] / "sentinel")]

from chalicelib.adapters.web import HttpWeb  # noqa: E402 -- the product lies below sentinel/
from sample.loopback import Loopback, most_in_any_second  # noqa: E402 -- as above

_LATENCY_S = 0.2
_FILING = "<SEC-DOCUMENT>\n" + "The notes will bear interest at 4.875% per year. " * 12_000 + "\n</SEC-DOCUMENT>\n"


def _fetch(filings: int, rps: int, threads: int) -> float:
    """Seconds for `filings` filings of 0.6 MB; prints what the server saw."""
    paths = [f"www.sec.gov/Archives/edgar/data/1/{n:018d}/0000000001-25-{n:06d}.txt" for n in range(filings)]
    with Loopback({f"/{path}": _FILING for path in paths}, latency_s=_LATENCY_S) as server:
        web = HttpWeb(routes=server.routes("www.sec.gov"), max_rps=rps)
        began = time.perf_counter()
        with ThreadPoolExecutor(threads) as pool:
            size = sum(pool.map(lambda path: len(web.get(f"https://{path}", shape="sgml").body), paths))
        took_s = time.perf_counter() - began
        starts = server.starts()
    most = most_in_any_second(starts)
    rate = (filings - 1) / (starts[-1] - starts[0])
    print(
        f"{filings:5} filings, {size / 1e6:6.0f} MB, at most {rps:3}/s allowed: {took_s:6.1f} s, kept {rate:6.2f}/s "
        f"= {rate / rps:6.1%} of the allowed rate; most starts in any second {most} ({'within' if most <= rps else 'ABOVE'})"
    )
    return took_s


def main(full: bool) -> None:
    """`full`: EDGAR's own rate, which takes four minutes; otherwise a higher one, so that it takes seconds."""
    rps = 8 if full else 100
    threads = 8 if full else 40
    _fetch(400, rps, threads)
    hundred_s, thousand_s = _fetch(100, rps, threads), _fetch(1000, rps, threads)
    print(f"1,000 filings cost {thousand_s / hundred_s:.2f} times what 100 cost (at most 10 allowed)")
