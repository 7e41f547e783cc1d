"""The quarter's signal: what disclosing banks provided for non-bank financial lending, and a quarter before.

Pure. Disclosed amounts alone make the headline; derived ones and what was said in calls stand beside it. An amended report takes
the place of the one it amends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from chalicelib.model import Contributor, Json, Observation, Signal, Window

NAME = "bank-provision"
SCOPE = "disclosed provisions of watched banks only, a lower bound"
_AGREE = Decimal("0.10")


@dataclass(frozen=True)
class Quarter:
    """The answers of one quarter by ticker, and what was said in calls."""

    answers: Mapping[str, Observation]
    said: Mapping[str, Sequence[Observation]]

    @property
    def disclosed(self) -> Mapping[str, Decimal]:
        """Amount by ticker of the banks that disclose one."""
        return {
            ticker: each.value
            for ticker, each in self.answers.items()
            if each.value is not None and each.detail.get("status") == "disclosed"
        }


def quarter(found: Sequence[Observation], window: Window) -> Quarter:
    """What is known of a quarter: per bank the newest report that has statements, and every amount said."""
    answers: dict[str, Observation] = {}
    said: dict[str, list[Observation]] = {}
    for each in found:
        if each.as_of not in window:
            continue
        if each.kind == "transcript":
            said.setdefault(each.subject, []).append(each)
        elif each.kind == "provision":
            kept = answers.get(each.subject)
            if kept is None or (_speaks(each), each.known_at) > (_speaks(kept), kept.known_at):
                answers[each.subject] = each
    return Quarter(answers, said)


def _speaks(each: Observation) -> bool:
    """Whether the report holds figures at all; an amendment of other parts takes nothing's place."""
    return each.value is not None or each.detail.get("method") != "no-statements"


def summarise(found: Sequence[Observation], history: Sequence[Signal], window: Window) -> Signal:
    """Sum over the banks that disclose in this quarter and the one before; dollars, and a ratio only where one is defined."""
    del history
    now, before = quarter(found, window), quarter(found, window.before())
    ours, theirs = now.disclosed, before.disclosed
    same = sorted(set(ours) & set(theirs))
    counted = same or sorted(ours)
    total = sum((ours[ticker] for ticker in counted), Decimal(0)) if counted else None
    base = sum((theirs[ticker] for ticker in same), Decimal(0)) if same else None
    change = total - base if total is not None and base is not None else None
    levels = [now.answers[ticker].confidence for ticker in counted]
    largest = sorted(counted, key=lambda ticker: (-abs(ours[ticker]), ticker))[:5]
    return Signal(
        scraper=NAME,
        window=window.name,
        as_of=window.last,
        headline=total,
        unit="USD",
        coverage=Decimal(1),
        confidence="low" if not levels or "low" in levels else "medium" if "medium" in levels else "high",
        change=change,
        change_unit="USD" if change is not None else "",
        compared_with=window.before().name if change is not None else None,
        withheld=None if counted else "no watched bank discloses a provision for non-bank financial lending in this quarter",
        contributors=tuple(Contributor(ticker, ours[ticker], now.answers[ticker].source) for ticker in largest),
        data=_data(now, same, base, total),
    )


def ratio(before: Decimal | None, after: Decimal | None) -> Decimal | None:
    """Relative change; None where it is undefined: a base that is zero, negative, or of the other sign."""
    if before is None or after is None or before <= 0 or after < 0:
        return None
    return ((after - before) / before).quantize(Decimal("0.0001"))


def _data(now: Quarter, same: Sequence[str], base: Decimal | None, total: Decimal | None) -> Mapping[str, Json]:
    by_status: dict[str, list[str]] = {"disclosed": [], "derived": [], "not-disclosed": []}
    for ticker, each in sorted(now.answers.items()):
        by_status.setdefault(str(each.detail.get("status")), []).append(ticker)
    changed = ratio(base, total)
    return {
        "scope": SCOPE,
        "banks": len(now.answers),
        "disclosed": by_status["disclosed"],
        "derived": by_status["derived"],
        "not_disclosed": by_status["not-disclosed"],
        "same_bank": list(same),
        "before": str(base) if base is not None else None,
        "change_ratio": str(changed) if changed is not None else None,
        "all_disclosed_usd": _sum([now.answers[ticker].value for ticker in by_status["disclosed"]]),
        "derived_usd": _sum([now.answers[ticker].value for ticker in by_status["derived"]]),
        "exposure_usd": _sum([_number(each, "exposure") for each in now.answers.values()]),
        "total_provision_usd": _sum([_number(each, "total_provision") for each in now.answers.values()]),
        "transcripts": {ticker: _said(now, ticker) for ticker in sorted(now.said)},
    }


def _sum(values: Sequence[Decimal | None]) -> str | None:
    known = [value for value in values if value is not None]
    return str(sum(known, Decimal(0))) if known else None


def _number(each: Observation, name: str) -> Decimal | None:
    text = each.detail.get(name)
    return Decimal(str(text)) if text is not None else None


def _said(now: Quarter, ticker: str) -> Json:
    """What a call said beside the filing: never in the headline, and flagged when it differs by more than a tenth."""
    amounts = [each for each in now.said[ticker] if each.value is not None and each.detail.get("kind") != "charge-off"]
    total = sum((each.value for each in amounts if each.value is not None), Decimal(0))
    answered = now.answers.get(ticker)
    filed = answered.value if answered else None
    differs = filed is not None and bool(amounts) and abs(total - filed) > _AGREE * max(abs(filed), abs(total))
    return {
        "amount": str(total) if amounts else None,
        "filed": str(filed) if filed is not None else None,
        "differs": differs,
        "method": now.said[ticker][0].detail.get("method"),
        "sentences": [each.words for each in now.said[ticker]],
        "source": now.said[ticker][0].source,
    }
