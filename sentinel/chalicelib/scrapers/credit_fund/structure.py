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
    masters = [fund for fund in funds if fund.master]
    aggregates = [fund for fund in funds if fund.aggregates_parallel]
    masters_by_stem = {stem(fund.name): fund for fund in masters}
    aggregates_by_stem = {stem(fund.name): fund for fund in aggregates}
    if not masters and not aggregates:
        return found
    for fund in funds:
        if fund.fund_id in found or fund.master:
            continue
        name = stem(fund.name)
        master = masters_by_stem.get(name) or (masters[0] if len(masters) == 1 else None)
        aggregate = aggregates_by_stem.get(name)
        if master and (fed(fund) or ("feeder" in fund.name.lower() and name in masters_by_stem)):
            found[fund.fund_id] = master.fund_id
        elif aggregate and aggregate is not fund and not fund.aggregates_parallel:
            found[fund.fund_id] = aggregate.fund_id
    return found


def fed(fund: Fund) -> bool:
    """Whether nearly all the fund owns is equity in other funds."""
    gross, equity = fund.amounts.get("gross_asset_value"), fund.amounts.get("equity_in_other_funds")
    return gross is not None and equity is not None and gross > 0 and equity >= FED * gross


def doubtful(funds: Sequence[Fund], dropped: Mapping[str, str]) -> list[str]:
    """Funds that look fed by a master of their filing, of which there are several, and are counted all the same."""
    if sum(bool(fund.master) for fund in funds) < 2:
        return []
    return [fund.fund_id for fund in funds if not fund.master and fund.fund_id not in dropped and fed(fund)]
