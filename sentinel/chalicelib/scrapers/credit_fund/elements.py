"""Which elements of a Form PF filing are read and under which name, and which are left on purpose. All others are told of.

Source: element names as generators write them whose output validates against PFFormFiling.xsd and its v2. Sections 2a, 2b and 4
stand in none of them: their names are not known here, so they are named as unread where a filing has them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib.resources import files

ROOT = "PFXMLFiling"
FUND, IDENT = "PFFund", "PFSection1bItemAFundIdentInfo"
ASSETS, PERFORMANCE = "PFSection1bItemBFundAssetsFinancingInvestors", "PFSection1bItemCFundPerformance"
HEDGE, LIQUID = "PFSection1cItemBHedgeFundInfo", "PFSection3ItemBLiquidityAssets"
KINDS = (FUND, IDENT, ASSETS, PERFORMANCE, HEDGE, LIQUID)
SIGNED = "PFSection1aItemASignatureFirmAndRelatedPersons"
SCALARS = ("FilingType", "ReportingPeriodType", "ReportingPeriodEndDate", "ReportingPeriodQuarter")

AMOUNTS = {
    "GrossAssetValue": "gross_asset_value",
    "NetAssetValue": "net_asset_value",
    "BorrowedTotalAmount": "borrowed",
    "EquityValueInOtherFunds": "equity_in_other_funds",
    "FairValueLevel1AssetsAmount": "level_1",
    "FairValueLevel2AssetsAmount": "level_2",
    "FairValueLevel3AssetsAmount": "level_3",
    "CostBasedAssetsAmount": "cost_based",
}
_PERIODS = [*(("Month", n) for n in range(1, 13)), *(("Quarter", n) for n in range(1, 5)), ("Year", 0)]
RETURNS = {
    f"{side}Value{period}{n or ''}": f"{side}-{period}{f'-{n}' if n else ''}".lower()
    for side in ("Gross", "Net")
    for period, n in _PERIODS
}
ENDS = {**{f"LastFiscalDateQuarter{n}": f"ends-quarter-{n}" for n in range(1, 5)}, "LastFiscalDateYear": "ends-year"}
"""The last days of the quarters and of the year the returns are of."""
FLOWS = {
    f"TotGross{element}Month{n}Amount": f"{name}-{n}"
    for element, name in (("Subscription", "subscriptions"), ("Redemptions", "redemptions"))
    for n in (1, 2, 3)
}
"""What investors paid in and took out of a liquidity fund, by month; in the second version only."""
_ID = {"FundID": "FundID"}
WANTED: Mapping[str, Mapping[str, str]] = {
    FUND: _ID | {"FundName": "FundName", "FundType": "FundType"},
    IDENT: _ID | {"IsMasterFund": "IsMasterFund", "IsParallelFundsAggregated": "IsParallelFundsAggregated"},
    ASSETS: _ID | AMOUNTS,
    PERFORMANCE: _ID | RETURNS | ENDS,
    HEDGE: _ID,
    LIQUID: _ID | FLOWS,
    SIGNED: {"SignatureDate": "SignatureDate"},
}
"""Of each record the elements that are kept, and under which name."""

_LEFT = json.loads(files("chalicelib.scrapers.credit_fund").joinpath("form_pf_elements.json").read_text("utf-8"))
SECTIONS = frozenset((*SCALARS, SIGNED, *_LEFT["sections_read"], *_LEFT["sections_left"]))
"""Children of a filing that are read or left on purpose."""
FIELDS: Mapping[str, frozenset[str]] = {
    record: frozenset((*wanted, *_LEFT["fields_left"].get(record, ()))) for record, wanted in WANTED.items()
}
"""Children of a record that are read or left on purpose."""
