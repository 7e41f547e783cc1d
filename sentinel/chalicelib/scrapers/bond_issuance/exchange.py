"""Dollars for one unit of a foreign currency on a day: European Central Bank reference rates.

Source: ecb.europa.eu/stats/eurofxref, published about 16:00 Frankfurt time on every TARGET business day.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from lxml import etree

from chalicelib.errors import Unreadable
from chalicelib.ports import Fetch

RECENT = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist-90d.xml"
ALL = "https://www.ecb.europa.eu/stats/eurofxref/eurofxref-hist.xml"
_RECENT_DAYS = 85
_STALE_DAYS = 5
_MAX_BYTES = 32_000_000


@dataclass(frozen=True)
class Rate:
    """`usd` dollars for one unit, of the reference rates of `day`, read at `source`."""

    usd: Decimal
    day: date
    source: str


def reference_rate(currency: str, day: date, fetch: Fetch) -> Rate | None:
    """The rate of `day`, or of the last day before it with rates (at most five days); None when there is none."""
    url = RECENT if (fetch.now().date() - day).days <= _RECENT_DAYS else ALL
    days = read(fetch.web.get(url, shape="xml", max_bytes=_MAX_BYTES).body)
    for back in range(_STALE_DAYS + 1):
        rates = days.get(day - timedelta(days=back))
        if rates and "USD" in rates and (currency == "EUR" or currency in rates):
            per_euro = Decimal(1) if currency == "EUR" else rates[currency]
            return Rate((rates["USD"] / per_euro).quantize(Decimal("0.000001")), day - timedelta(days=back), url)
    return None


def read(body: bytes) -> Mapping[date, Mapping[str, Decimal]]:
    """Units of each currency for one euro, by day."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False)
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise Unreadable(f"reference rates: {error}", where="byte 0", evidence=body[:200].decode("latin-1")) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise Unreadable("reference rates with a DTD", where="byte 0", evidence=body[:200].decode("latin-1"))
    days: dict[date, dict[str, Decimal]] = {}
    for cube in root.iter("{*}Cube"):
        if "time" in cube.attrib:
            try:
                rates = {str(each.attrib["currency"]): Decimal(str(each.attrib["rate"])) for each in cube}
                days[date.fromisoformat(str(cube.attrib["time"]))] = rates
            except (KeyError, InvalidOperation, ValueError) as error:
                raise Unreadable(
                    "reference rates: not a day of rates", where=f"line {cube.sourceline}", evidence=str(cube.attrib)
                ) from error
    if not days:
        raise Unreadable("reference rates: no day in it", where="byte 0", evidence=body[:200].decode("latin-1"))
    return days
