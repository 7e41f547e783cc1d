"""Which funds of a filing are counted: a feeder is part of its master, a parallel fund part of the one that aggregates it.

Form PF names these relations by two flags; exports add the ids. What neither id nor name settles counts and is said.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from chalicelib.scrapers.credit_fund.form_pf import Fund

FED = Decimal("0.9")
"""A fund with this share of its gross assets in other funds is a feeder where its filing has a master fund."""
_ROLES = re.compile(
    r"\b(?:master|feeder|parallel|offshore|onshore|cayman|ireland|lux(?:embourg)?|delaware|domestic|international|"
    r"intermediate|non-?us|us|aggregat\w*|l\.?p\.?|l\.?l\.?c\.?|ltd\.?|inc\.?|limited|scsp|sicav|spc|fund|[a-e])(?=\W|$)"
)


_MASTER = re.compile(r"\bmaster\b", re.IGNORECASE)
_FEEDER = re.compile(r"\bfeeder\b", re.IGNORECASE)


def stem(name: str) -> str:
    """A fund's name without the words that tell one vehicle of a structure from another."""
    return " ".join(re.sub(r"[^\w]+", " ", _ROLES.sub(" ", name.lower())).split())


def part_of(funds: Sequence[Fund]) -> Mapping[str, str]:
    """The funds of one filing that are dropped, each with the fund it is counted in."""
    by_id = {fund.fund_id: fund for fund in funds}
    found: dict[str, str] = {}
    for whole in funds:
        if whole.master or whole.aggregates_parallel:
            for fund_id in whole.parts:
                if fund_id in by_id and fund_id not in found and found.get(whole.fund_id) != fund_id:
                    found[fund_id] = whole.fund_id
    masters = _masters(funds)
    aggregates = {stem(fund.name): fund for fund in funds if fund.aggregates_parallel}
    if not masters and not aggregates:
        return found
    for fund in funds:
        if fund.fund_id in found or fund in masters:
            continue
        master, aggregate = _feeds(fund, masters), aggregates.get(stem(fund.name))
        if master:
            found[fund.fund_id] = master.fund_id
        elif aggregate and aggregate is not fund and not fund.aggregates_parallel:
            found[fund.fund_id] = aggregate.fund_id
    return found


def _masters(funds: Sequence[Fund]) -> list[Fund]:
    """The funds flagged as masters; where no fund of the filing has the flag at all, those named so."""
    if all(fund.master is None for fund in funds):
        return [fund for fund in funds if _MASTER.search(fund.name)]
    return [fund for fund in funds if fund.master]


def _feeds(fund: Fund, masters: Sequence[Fund]) -> Fund | None:
    """The master a fund feeds: by what it owns, and where that is not told by its name."""
    own = stem(fund.name)
    alike = [master for master in masters if own and stem(master.name) == own]
    near = alike or (
        [*masters] if len(masters) == 1 else [each for each in masters if own and _first(each.name) == _first(fund.name)]
    )
    named = bool(_FEEDER.search(fund.name))
    if len(near) != 1:
        return None
    if fed(fund) or (named and alike):
        return near[0]
    untold = fund.reported and fund.amounts.get("equity_in_other_funds") is None
    return near[0] if untold and (named or alike) else None


def _first(name: str) -> str:
    return stem(name).partition(" ")[0]


def fed(fund: Fund) -> bool:
    """Whether nearly all the fund owns is equity in other funds."""
    gross, equity = fund.gross, fund.amounts.get("equity_in_other_funds")
    return gross is not None and equity is not None and gross > 0 and equity >= FED * gross


def doubtful(funds: Sequence[Fund], dropped: Mapping[str, str]) -> list[str]:
    """Funds that look fed by a master of their filing, of which there are several, and are counted all the same."""
    masters = _masters(funds)
    if len(masters) < 2:
        return []
    return [fund.fund_id for fund in funds if fund not in masters and fund.fund_id not in dropped and fed(fund)]
