"""Which declines a quarter's signal tells of, of the aggregate and of single funds, and the quarter as a table. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import cast

from chalicelib.amounts import amount
from chalicelib.model import Alert, Contributor, Json, Level, Observation, Signal, Window
from chalicelib.ports import Table
from chalicelib.scrapers.credit_fund.comparison import compare, standing
from chalicelib.scrapers.credit_fund.summary import LABELS

LIMITS: Mapping[str, Decimal] = {"alert": Decimal("0.10"), "medium": Decimal("0.15"), "high": Decimal("0.20")}
"""Declines of gross assets on the comparable period, as ratios."""
_QUARTERS = 4
"""How long a decline is held while nothing newer is known of what fell: an annual filer reports after as many quarters."""


def alerts(signal: Signal, history: Sequence[Signal], limits: Mapping[str, Decimal]) -> Iterator[Alert]:
    """`decline` of the headline, `proxy-decline:…` of what stands beside it, `fund-decline:…` of every fund listed as fallen.

    A decline told in the last four quarters is told again, as standing, while its fund or aggregate has no newer figure: an
    alert that is missing here is announced as resolved, and a late filing resolves nothing.
    """
    broken = [alert for alert, _ in _broken(signal, limits)]
    yield from broken
    told = {alert.rule for alert in broken}
    later = [signal]
    for earlier in reversed(history[-_QUARTERS:]):
        for alert, comparison in _broken(earlier, limits):
            if alert.rule != "decline" and alert.rule not in told and not any(_newer(each, alert, comparison) for each in later):
                told.add(alert.rule)
                words = f"{alert.headline}; stands since {earlier.window}, nothing newer is reported for {signal.window}"
                yield replace(alert, headline=words)
        later.append(earlier)


def _newer(signal: Signal, alert: Alert, comparison: Mapping[str, Json]) -> bool:
    """Whether a signal has a newer figure of what the alert, broken in `comparison`, is about."""
    fund_id = alert.rule.partition(":")[2] if alert.rule.startswith("fund-decline:") else None
    same = (comparison["label"], comparison["basis"])
    told = next((told for _, told in _aggregates(signal.data) if (told["label"], told["basis"]) == same), None)
    if told is None or told.get("change") is None:
        return False
    late = cast("Sequence[Mapping[str, Json]]", told["late"])
    return fund_id is None or (told["late_count"] == len(late) and fund_id not in {each["fund_id"] for each in late})


def _broken(signal: Signal, limits: Mapping[str, Decimal]) -> Iterator[tuple[Alert, Mapping[str, Json]]]:
    """Every alert of the signal with the comparison that gave it."""
    for rule, told in _aggregates(signal.data):
        if told.get("change") is None:
            continue
        change, before = Decimal(str(told["change"])), Decimal(str(told["gross_before"]))
        level = _level(change, limits)
        contributors = tuple(
            Contributor(each.name, (each.value * before).quantize(Decimal(1)), each.source) for each in signal.contributors
        )
        if level:
            alert = Alert(
                rule=rule,
                level=level,
                headline=f"gross assets of {told['funds']} funds {percent(change)} on {told['compared_period']}",
                before=before,
                after=Decimal(str(told["gross_now"])),
                threshold=_limit(before, level, limits),
                unit="USD",
                why=f"{_compared(told)}; {_split(told)}",
                contributors=contributors if rule == "decline" else _largest(told),
                since=str(told["compared_period"]),
                limit=_decline(before, level, limits),
            )
            yield alert, told
        for each in (*_funds(told, limits), *_unlisted(told, limits)):
            yield each, told


def _compared(told: Mapping[str, Json]) -> str:
    return f"{'year on year' if told['basis'] == 'annual' else 'quarter on quarter'}, by {told['label']}"


def _decline(before: Decimal, level: Level, limits: Mapping[str, Decimal]) -> str:
    return f"a decline of more than {amount(limits[level], 'ratio')}: to below {amount(_limit(before, level, limits), 'USD')}"


def _aggregates(data: Mapping[str, Json]) -> Iterator[tuple[str, Mapping[str, Json]]]:
    """Every comparison of the signal with its rule; the headline's first."""
    source, basis = data.get("source"), data.get("basis")
    groups = [*_values(data.get("form_pf")), *_values(data.get("proxy"))]
    for told in groups:
        of = _source(told)
        headline = (of, told["basis"]) == (source, basis)
        kind = "annual-decline" if of == "form-pf" else f"proxy-decline:{of}"
        yield ("decline" if headline else kind), told


def _source(told: Mapping[str, Json]) -> str:
    """Whose funds a comparison is of: `form-pf`, `n-port` or `bdc`."""
    return next(name for name, label in LABELS.items() if label == told["label"])


def _values(group: Json) -> list[Mapping[str, Json]]:
    return [cast("Mapping[str, Json]", each) for each in group.values()] if isinstance(group, Mapping) else []


def _fallen(told: Mapping[str, Json]) -> Sequence[Mapping[str, Json]]:
    return cast("Sequence[Mapping[str, Json]]", told.get("fallen", ()))


def _funds(told: Mapping[str, Json], limits: Mapping[str, Decimal]) -> Iterator[Alert]:
    for fund in _fallen(told):
        change, before = Decimal(str(fund["change"])), Decimal(str(fund["before"]))
        level = _level(change, limits)
        if level:
            yield Alert(
                rule=f"fund-decline:{fund['fund_id']}",
                level=level,
                headline=f"{fund['name']}: gross assets {percent(change)} on {told['compared_period']}",
                before=before,
                after=Decimal(str(fund["now"])),
                threshold=_limit(before, level, limits),
                unit="USD",
                why=f"{_compared(told)}; net assets {_or_none(fund['net_change'])}; {_parts(fund['flow'], fund['mark'])}",
                contributors=(Contributor(str(fund["name"]), Decimal(str(fund["now"])) - before, str(fund["document"])),),
                since=str(told["compared_period"]),
                limit=_decline(before, level, limits),
            )


def _unlisted(told: Mapping[str, Json], limits: Mapping[str, Decimal]) -> Iterator[Alert]:
    """One alert for the falls a signal has no room to list one by one, unless the last one listed is within the limit."""
    fallen, count = _fallen(told), int(str(told.get("fallen_count", 0)))
    level = _level(Decimal(str(fallen[-1]["change"])), limits) if len(fallen) < count and fallen else None
    if level:
        least = percent(Decimal(str(fallen[-1]["change"])))
        yield Alert(
            rule=f"more-declines:{_source(told)}:{told['basis']}",
            level=level,
            headline=f"{told['label']}: {count - len(fallen)} more funds fell, none by more than {least}",
            before=None,
            after=Decimal(count),
            threshold=Decimal(len(fallen)),
            unit="count",
            why=f"{_compared(told)}; the {len(fallen)} largest of {count} falls are told one by one",
            since=str(told["compared_period"]),
            limit=f"a decline of more than {amount(limits[level], 'ratio')} each",
        )


def _largest(told: Mapping[str, Json]) -> tuple[Contributor, ...]:
    return tuple(
        Contributor(str(each["name"]), Decimal(str(each["change"])), str(each["document"])) for each in _fallen(told)[:10]
    )


def _level(change: Decimal, limits: Mapping[str, Decimal]) -> Level | None:
    levels: tuple[Level, ...] = ("high", "medium", "alert")
    return next((level for level in levels if -change > limits[level]), None)


def _limit(before: Decimal, level: Level, limits: Mapping[str, Decimal]) -> Decimal:
    """The amount below which the level begins."""
    return (before * (1 - limits[level])).quantize(Decimal("0.01"))


def _split(told: Mapping[str, Json]) -> str:
    split = told.get("split")
    if not isinstance(split, Mapping) or not split.get("funds"):
        return _parts(None, None)
    return f"{_parts(split['flow'], split['mark'])} (told apart for {split['funds']} funds)"


def _parts(flow: Json, mark: Json) -> str:
    """What of a change is money that came or went, and what is revaluation."""
    if flow is None or mark is None:
        return "money moved and revaluation cannot be told apart"
    return f"investors moved {amount(Decimal(str(flow)), 'USD')}, revaluation {amount(Decimal(str(mark)), 'USD')}"


def _or_none(text: Json) -> str:
    return "not given" if text is None else percent(Decimal(str(text)))


def percent(ratio: Decimal) -> str:
    """`-12.3 %`."""
    return f"{ratio * 100:+.1f} %"


def table(signal: Signal, found: Sequence[Observation]) -> Table:
    """The largest funds in both periods, those that moved most first."""
    window = Window.parse(signal.window)
    marks = list(standing(found).marks.values())
    source, basis = str(signal.data.get("source", "n-port")), str(signal.data.get("basis", "quarterly"))
    compared = compare(marks, source, "annual" if basis == "annual" else "quarterly", window)
    rows = []
    for pair in sorted(compared.pairs, key=lambda each: (each.change, each.now.fund_id))[:20]:
        split = pair.split
        rows.append(
            [
                pair.now.name,
                f"{pair.before.gross:,}",
                f"{pair.now.gross:,}",
                percent(pair.change),
                percent(pair.net_change) if pair.net_change is not None else "-",
                f"{split[0]:,.0f}" if split else "-",
                f"{split[1]:,.0f}" if split else "-",
            ]
        )
    headline = "not available" if signal.headline is None else percent(signal.headline)
    notes = [f"{signal.data.get('label')}, {basis}: {headline} over {len(compared.pairs)} funds on {compared.before}"]
    notes += [f"Nothing published: {signal.withheld}"] if signal.withheld else []
    notes += [f"Coverage {signal.coverage:.0%}, confidence {signal.confidence}"]
    for rule, told in _aggregates(signal.data):
        if rule != "decline" and told.get("change") is not None:
            notes.append(f"{told['label']}, {told['basis']}: {percent(Decimal(str(told['change'])))} over {told['funds']} funds")
    notes += [f"Late: {mark.name}, last {mark.as_of}" for mark in compared.late[:10]]
    columns = ("Fund", "Gross before", "Gross now", "Change", "Net change", "Flow", "Mark")
    return Table(f"Credit fund marks, {signal.window} ({signal.data.get('label')})", columns, rows, notes)
