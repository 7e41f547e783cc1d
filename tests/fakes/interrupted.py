"""A process that completes readings in a SQLite file without end, until it is killed: `python interrupted.py FILE WHO`."""

import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import count

from chalicelib.adapters.sqlite import SqliteStore
from chalicelib.model import Item, Observation, Outcome

RUN, SCRAPER, DAY, EACH = "bond-issuance/2026-W47", "bond-issuance", date(2026, 11, 18), 20
START = datetime(2026, 11, 23, 8, tzinfo=UTC)


def reading(who, number):
    """Item `number` of `who`: twenty observations, all worth the number."""
    item = Item(f"{who}-{number}", "", replaces=True)
    outcome = Outcome(item.key, "done", "", "1", 1, START + timedelta(seconds=number), observations=EACH)
    found = [
        Observation(f"{item.key}/{n}", "tranche", who, DAY, START, Decimal(number), "USD", "high", "u", words="w" * 500)
        for n in range(EACH)
    ]
    return item, outcome, found


if __name__ == "__main__":
    store = SqliteStore(sys.argv[1])
    print("open", flush=True)
    for n in range(int(sys.argv[3])) if len(sys.argv) > 3 else count():
        store.complete(RUN, SCRAPER, *reading(sys.argv[2], n))
