"""Form N-PORT XML, streamed: a fund's totals, flows and returns, and of its holdings the levels and what is in default.

Source: eis_NPORT_Filer.xsd. Amounts in USD; the report speaks of `repPdDate`, `repPdEnd` is the fiscal year's end.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import BinaryIO

from chalicelib.errors import Unreadable
from chalicelib.scrapers.credit_fund.streamed import Element, children, read_whole

MAX_BYTES = 1_500_000_000
FORMS = ("NPORT-P", "NPORT-P/A", "NPORT-NP", "NPORT-NP/A")
_NAMESPACE = "http://www.sec.gov/edgar/nport"
_RECORDS = ("submissionType", "liveTestFlag", "genInfo", "fundInfo", "invstOrSec")
_NUMBER = re.compile(r"[+-]?(\d{1,24}(\.\d{0,24})?|\.\d{1,24})")
_MOST = Decimal(10_000_000_000_000)
_MONTHS = (1, 2, 3)
LEVELS = ("1", "2", "3", "N/A")
_NOT_GIVEN = ("", "N/A", "NA", "XXXX")


@dataclass
class Holdings:
    """Sums over a schedule of investments, in USD; `by_level` by fair-value level (`N/A`: valued at the net asset value).

    `levels_known`, `defaults_known`: every holding gave its value and level, every debt security whether it is in default.
    """

    count: int = 0
    total: Decimal = Decimal(0)
    by_level: dict[str, Decimal] = field(default_factory=lambda: dict.fromkeys(LEVELS, Decimal(0)))
    debt: Decimal = Decimal(0)
    default: Decimal = Decimal(0)
    defaults: int = 0
    levels_known: bool = True
    defaults_known: bool = True

    @property
    def level_3_share(self) -> Decimal | None:
        """Level 3 as a ratio of all holdings, to six places; None where it cannot be told."""
        return _share(self.by_level["3"], self.total) if self.levels_known else None

    @property
    def default_share(self) -> Decimal | None:
        """Debt in default as a ratio of all debt."""
        return _share(self.default, self.debt) if self.defaults_known else None


@dataclass(frozen=True)
class Report:
    """One report. `flow`: sales and reinvestments less redemptions of the three months, None when not given.

    `returns`: per class and month in per cent, `C000000309/1`. `balanced`: assets less liabilities are the net assets.
    """

    form: str
    registrant: str
    cik: int
    series: str
    series_id: str
    period_end: date
    fiscal_year_end: date | None
    total_assets: Decimal
    total_liabilities: Decimal
    net_assets: Decimal
    borrowed: Decimal | None
    flow: Decimal | None
    returns: Mapping[str, Decimal]
    holdings: Holdings
    final: bool

    @property
    def name(self) -> str:
        """The series, or the registrant where there is but one."""
        return self.series or self.registrant

    @property
    def fund_id(self) -> str:
        """The series' id, or the registrant's where there is none."""
        return self.series_id or f"CIK{self.cik:010d}"

    @property
    def balanced(self) -> bool:
        """Whether the identity holds to a dollar."""
        return abs(self.total_assets - self.total_liabilities - self.net_assets) <= 1


def read(stream: BinaryIO, where: str) -> Report:
    """A report. Raises `Unreadable` for another form (by name), a test filing, and anything damaged."""
    said: dict[str, str] = {}
    general: dict[str, str] | None = None
    fund: Element = None
    holdings = Holdings()
    for head, element in read_whole(stream, _RECORDS, where, MAX_BYTES):
        name = element.tag.rpartition("}")[2]
        if "namespace" not in said:
            said["namespace"] = element.nsmap.get(element.prefix) or ""
            if head.name != "edgarSubmission":
                break
        if name in ("submissionType", "liveTestFlag"):
            said[name] = (element.text or "").strip()
            _check_form(said, where)
        elif name == "invstOrSec":
            _hold(holdings, element, where)
        elif (name == "genInfo" and general is not None) or (name == "fundInfo" and fund is not None):
            raise Unreadable(f"{name} stands twice", where=f"{where}: line {element.sourceline}")
        elif name == "genInfo":
            general = children(element)
        else:
            fund = {**_attributes(element), **children_of_totals(element)}
    _check_form(said, where)
    if general is None or fund is None or ("submissionType" not in said and "repPdDate" not in general):
        raise Unreadable("no genInfo and fundInfo: not an N-PORT report", where=where)
    return _report(said.get("submissionType", ""), general, fund, holdings, where)


def _check_form(said: Mapping[str, str], where: str) -> None:
    form = said.get("submissionType")
    if form is not None and form not in FORMS:
        raise Unreadable(f"the form is {form[:40]}, not N-PORT", where=where, evidence=form)
    if said.get("namespace", "") not in ("", _NAMESPACE):
        raise Unreadable(f"the namespace is {said['namespace'][:120]}, not N-PORT's", where=where)
    if said.get("liveTestFlag", "LIVE").upper() != "LIVE":
        raise Unreadable("a test filing (liveTestFlag TEST): its values are no fund's", where=where)


def children_of_totals(element: Element) -> dict[str, str]:
    """The plain texts of `fundInfo`, by name."""
    return {child.tag.rpartition("}")[2]: (child.text or "").strip() for child in element if not len(child)}


def _attributes(element: Element) -> dict[str, str]:
    """Flows and returns, which stand in attributes: `mon1Flow/sales`, `C000000309/rtn1`."""
    found: dict[str, str] = {}
    for inner in element.iter():
        name = inner.tag.rpartition("}")[2]
        if name in ("mon1Flow", "mon2Flow", "mon3Flow"):
            found |= {f"{name}/{key}": value for key, value in inner.attrib.items()}
        elif name == "monthlyTotReturn":
            owner = inner.get("classId") or "fund"
            found |= {f"{owner}/{key}": value for key, value in inner.attrib.items() if key.startswith("rtn")}
    return found


def _hold(holdings: Holdings, element: Element, where: str) -> None:
    found = {child.tag.rpartition("}")[2]: child for child in element}
    place = f"{where}: holding {holdings.count + 1}, line {element.sourceline}"
    holdings.count += 1
    told = _text(found.get("valUSD"))
    if told.upper() in _NOT_GIVEN:
        holdings.levels_known = holdings.defaults_known = False
        return
    value = _amount(told, "valUSD", place)
    level = _text(found.get("fairValLevel"))
    if level and level not in LEVELS:
        raise Unreadable(f"fairValLevel {level[:20]!r}", where=place)
    holdings.total += value
    if level:
        holdings.by_level[level] += value
    else:
        holdings.levels_known = False
    debt = found.get("debtSec")
    if debt is not None:
        _lend(holdings, value, next((_text(each) for each in debt if each.tag.rpartition("}")[2] == "isDefault"), ""), place)


def _lend(holdings: Holdings, value: Decimal, told: str, place: str) -> None:
    """Add a debt security; `told` is its `isDefault`."""
    holdings.debt += value
    if told.upper() in ("Y", "YES", "TRUE", "1"):
        holdings.default += value
        holdings.defaults += 1
    elif not told:
        holdings.defaults_known = False
    elif told.upper() not in ("N", "NO", "FALSE", "0"):
        raise Unreadable(f"isDefault {told[:20]!r}", where=place)


def _report(form: str, general: Mapping[str, str], fund: Mapping[str, str], holdings: Holdings, where: str) -> Report:
    totals = {name: _amount(fund.get(name, ""), name, where) for name in ("totAssets", "totLiabs", "netAssets")}
    if totals["totAssets"] < 0:
        raise Unreadable(f"totAssets {totals['totAssets']} is negative", where=where)
    cik = general.get("regCik", "")
    if not cik.isdecimal() or len(cik) > 10:
        raise Unreadable(f"regCik {cik[:20]!r} is none", where=where)
    if not general.get("regName"):
        raise Unreadable("no regName", where=where)
    series, series_id = general.get("seriesName", ""), general.get("seriesId", "")
    fiscal = general.get("repPdEnd", "")
    owed = [fund[name] for name in fund if name.startswith("amtPay")]
    return Report(
        form=form,
        registrant=general["regName"],
        cik=int(cik),
        series="" if series.upper() in ("N/A", "NA") else series,
        series_id=series_id if re.fullmatch(r"S\d{9}", series_id) else "",
        period_end=_day(general.get("repPdDate", ""), "repPdDate", where),
        fiscal_year_end=_day(fiscal, "repPdEnd", where) if fiscal else None,
        total_assets=totals["totAssets"],
        total_liabilities=totals["totLiabs"],
        net_assets=totals["netAssets"],
        borrowed=sum((_amount(text, "amtPay", where) for text in owed), Decimal(0)) if owed else None,
        flow=_flow(fund, where),
        returns={
            key.replace("/rtn", "/"): _amount(text, key, where)
            for key, text in fund.items()
            if "/rtn" in key and text not in ("N/A", "NA")
        },
        holdings=holdings,
        final=general.get("isFinalFiling", "N") == "Y",
    )


def _flow(fund: Mapping[str, str], where: str) -> Decimal | None:
    signs = {"sales": 1, "reinvestment": 1, "redemption": -1}
    texts = {(month, name): fund.get(f"mon{month}Flow/{name}", "N/A") for month in _MONTHS for name in signs}
    if any(text in ("N/A", "NA") for text in texts.values()):
        return None
    return sum((signs[name] * _amount(text, name, where) for (_, name), text in texts.items()), Decimal(0))


def _share(part: Decimal, whole: Decimal) -> Decimal | None:
    return (part / whole).quantize(Decimal("0.000001")) if whole > 0 else None


def _text(element: Element) -> str:
    return "" if element is None else (element.text or "").strip()


def _amount(text: str, name: str, where: str) -> Decimal:
    if not _NUMBER.fullmatch(text):
        raise Unreadable(f"{name} {text[:40]!r} is not a number", where=where)
    value = Decimal(text)
    if abs(value) > _MOST:
        raise Unreadable(f"{name} {text[:40]} is absurd: above {_MOST}", where=where)
    return value


def _day(text: str, name: str, where: str) -> date:
    try:
        return date.fromisoformat(text[:10])
    except ValueError as error:
        raise Unreadable(f"{name} {text[:40]!r} is no date", where=where) from error
