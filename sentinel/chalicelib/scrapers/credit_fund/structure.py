"""Which funds of a filing are counted: a feeder is part of its master, a parallel fund part of the one that aggregates it.

Form PF names these relations by two flags; exports add the ids. What neither id nor name settles counts and is said.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from chalicelib.scrapers.credit_fund.joining import Fund

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


@dataclass
class Structure:
    """What one filing says of its masters and aggregates, by which each of its funds is judged alone.

    `named`: ids that a master's or an aggregate's own record lists, each with that fund's. The others by name or its first word.
    """

    named: dict[str, str] = field(default_factory=dict)
    masters: set[str] = field(default_factory=set)
    by_stem: dict[str, list[str]] = field(default_factory=dict)
    by_first: dict[str, list[str]] = field(default_factory=dict)
    aggregates: dict[str, str] = field(default_factory=dict)

    def part_of(self, fund: Fund) -> str | None:
        """The fund this one is counted in; None where it counts itself."""
        if fund.fund_id in self.named or fund.fund_id in self.masters:
            return self.named.get(fund.fund_id)
        if master := self._feeds(fund):
            return master
        aggregate = None if fund.aggregates_parallel else self.aggregates.get(stem(fund.name))
        return aggregate if aggregate != fund.fund_id else None

    def doubtful(self, fund: Fund) -> bool:
        """Whether the fund looks fed by one of several masters, it cannot be told which, and is counted all the same."""
        return len(self.masters) > 1 and fund.fund_id not in self.masters and fed(fund) and self.part_of(fund) is None

    def _feeds(self, fund: Fund) -> str | None:
        """The master a fund feeds: by what it owns, and where that is not told by its name."""
        if not self.masters:
            return None
        own = stem(fund.name)
        alike = self.by_stem.get(own, []) if own else []
        near = alike or (self.by_first.get(own.partition(" ")[0], []) if own and len(self.masters) > 1 else [])
        if len(self.masters) == 1:
            near = [*self.masters]
        if len(near) != 1:
            return None
        named = bool(_FEEDER.search(fund.name))
        if fed(fund) or (named and alike):
            return near[0]
        untold = fund.reported and fund.amounts.get("equity_in_other_funds") is None
        return near[0] if untold and (named or alike) else None


def structure_of(funds: Iterable[Fund]) -> Structure:
    """The masters and aggregates of a filing: as flagged; where no fund has the flag at all, those named masters."""
    found, flagged = Structure(), False
    called: list[tuple[str, str]] = []
    for fund in funds:
        flagged = flagged or fund.master is not None
        if fund.master:
            _add_master(found, fund.fund_id, fund.name)
        elif not flagged and _MASTER.search(fund.name):
            called.append((fund.fund_id, fund.name))
        if fund.aggregates_parallel:
            found.aggregates[stem(fund.name)] = fund.fund_id
        if fund.master or fund.aggregates_parallel:
            for fund_id in fund.parts:
                if found.named.get(fund.fund_id) != fund_id:
                    found.named.setdefault(fund_id, fund.fund_id)
    for fund_id, name in () if flagged else called:
        _add_master(found, fund_id, name)
    return found


def _add_master(found: Structure, fund_id: str, name: str) -> None:
    own = stem(name)
    found.masters.add(fund_id)
    found.by_stem.setdefault(own, []).append(fund_id)
    found.by_first.setdefault(own.partition(" ")[0], []).append(fund_id)


def fed(fund: Fund) -> bool:
    """Whether nearly all the fund owns is equity in other funds."""
    gross, equity = fund.gross, fund.amounts.get("equity_in_other_funds")
    return gross is not None and equity is not None and gross > 0 and equity >= FED * gross
