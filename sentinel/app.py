"""The eight Lambda functions of Boom-Bust Sentinel, declared and nothing else.

`python sentinel/app.py …` opens the command line. Schedules are UTC.
"""

from __future__ import annotations

from typing import Any

from chalice.app import Chalice, CloudWatchEvent, Cron

app = Chalice(app_name="boom-bust-sentinel", configure_logs=False)  # its handler would write our lines again, as they are


def handle(name: str, event: dict[str, Any], context: object) -> dict[str, Any]:
    """Loads the handlers at the first event, so that a copy is ready for it sooner."""
    from chalicelib import handlers

    return handlers.handle(name, event, context)


def handle_chunk(name: str, event: object, context: object) -> dict[str, Any]:
    """As `handle`, for a chunk."""
    from chalicelib import handlers

    return handlers.handle_chunk(name, event, context)


class SentinelEvent(CloudWatchEvent):  # type: ignore[misc]  # Chalice ships no types
    """Chalice's scheduled event, which raises KeyError on our manual events: the keys they lack are completed."""

    def _extract_attributes(self, event_dict: Any) -> None:  # noqa: ANN401 -- whatever the caller sends
        given = event_dict if isinstance(event_dict, dict) else {}
        lacking = dict.fromkeys(("version", "account", "region", "detail-type", "source", "time", "id"), "")
        super()._extract_attributes({**lacking, "detail": {}, "resources": [], **given})


@app.schedule(Cron(0, 8, "?", "*", "MON", "*"), name="bond-issuance")
def bond_issuance(event: SentinelEvent) -> dict[str, Any]:
    """Investment-grade tech bond issuance of the week before."""
    return handle("bond-issuance", event.to_dict(), event.context)


@app.schedule(Cron(0, 6, "*", "*", "?", "*"), name="bdc-discount")
def bdc_discount(event: SentinelEvent) -> dict[str, Any]:
    """BDCs' discount to NAV at the last completed session."""
    return handle("bdc-discount", event.to_dict(), event.context)


@app.schedule(Cron(0, 7, 1, "*", "?", "*"), name="credit-fund")
def credit_fund(event: SentinelEvent) -> dict[str, Any]:
    """Private credit funds' marks, quarter over quarter."""
    return handle("credit-fund", event.to_dict(), event.context)


@app.schedule(Cron(0, 9, 1, "1,4,7,10", "?", "*"), name="bank-provision")
def bank_provision(event: SentinelEvent) -> dict[str, Any]:
    """Banks' provisions for non-bank financial exposures."""
    return handle("bank-provision", event.to_dict(), event.context)


for _scheduled in (bond_issuance, bdc_discount, credit_fund, bank_provision):
    _scheduled.event_class = SentinelEvent


@app.lambda_function(name="bond-issuance-chunked")
def bond_issuance_chunked(event: object, context: object) -> dict[str, Any]:
    """One chunk of a bond-issuance run."""
    return handle_chunk("bond-issuance", event, context)


@app.lambda_function(name="bdc-discount-chunked")
def bdc_discount_chunked(event: object, context: object) -> dict[str, Any]:
    """One chunk of a bdc-discount run."""
    return handle_chunk("bdc-discount", event, context)


@app.lambda_function(name="credit-fund-chunked")
def credit_fund_chunked(event: object, context: object) -> dict[str, Any]:
    """One chunk of a credit-fund run."""
    return handle_chunk("credit-fund", event, context)


@app.lambda_function(name="bank-provision-chunked")
def bank_provision_chunked(event: object, context: object) -> dict[str, Any]:
    """One chunk of a bank-provision run."""
    return handle_chunk("bank-provision", event, context)


if __name__ == "__main__":
    import sys

    from chalicelib.cli import main

    sys.exit(main(sys.argv[1:]))
