"""The report: one page with everything in it, safe to open from a mail attachment, no request to anybody.

The charting library and the page's own script and style lie beside the product in `report_assets`, not in the Lambda package.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from chalicelib.ports import Scraper, Services
from chalicelib.report.gathering import gather
from chalicelib.report.page import render

__all__ = ["report"]


def report(scrapers: Sequence[Scraper], services: Services, as_of: date | None = None) -> str:
    """The whole page as HTML, as things stand or stood at the end of `as_of`.

    Raises `BadEvent` for a day to come, `Missing` when the page's assets are not installed, and the store's errors.
    """
    return render(gather(scrapers, services, as_of))
