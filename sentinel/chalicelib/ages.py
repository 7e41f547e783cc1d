"""How old each headline is, told by every run: one that never happened shows in what the others tell."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chalicelib.ports import Services

PERIODS_H = {"bond-issuance": 7 * 24, "bdc-discount": 24, "credit-fund": 31 * 24, "bank-provision": 92 * 24}
"""The longest time between two scheduled runs, hours."""
PATIENCE = 1.5
"""So many periods may pass without a headline."""
_SINCE = "ages/since"
_LOOKED_AT = 10


def tell(services: Services, now: datetime) -> None:
    """`HeadlineAge` of each scraper, `Overdue` of all: the worst age as a share of what is allowed; operators hear which.

    A scraper that has published nothing yet is as old as the stage's first run.
    """
    since = _since(services, now)
    worst = 0.0
    for name, period in PERIODS_H.items():
        concluded = services.store.signals(name, limit=_LOOKED_AT)
        published = [at for signal, at in concluded if signal.withheld is None]
        age_h = (now - max(published, default=since)).total_seconds() / 3600
        if published:
            services.telemetry.metric("HeadlineAge", age_h, "None", Scraper=name)
        if age_h > PATIENCE * period:
            words = f"{name} has published nothing for {age_h:.0f} hours; it runs every {period}"
            services.notifier.operator(f"overdue-{name}", words, {"scraper": name})
        worst = max(worst, age_h / (PATIENCE * period))
    services.telemetry.metric("Overdue", worst, "None", Scraper="all")


def _since(services: Services, now: datetime) -> datetime:
    kept = services.store.kept(_SINCE)
    if isinstance(kept, str):
        return datetime.fromisoformat(kept)
    services.store.keep(_SINCE, now.isoformat(), now)
    return now
