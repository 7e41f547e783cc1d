"""Members nobody has ruled on stay in `status` for a year of quarters, and go when their quarter is read again."""

from datetime import UTC, datetime

from fakes.world import services

from chalicelib import status
from chalicelib.adapters.sqlite import SqliteStore
from chalicelib.model import Item, Notice, Outcome
from chalicelib.ports import Plan
from chalicelib.scrapers import bank_provision

AT = datetime(2026, 11, 23, 9, tzinfo=UTC)
QUARTERS = ("2025Q2", "2025Q3", "2025Q4", "2026Q1", "2026Q2")


def notice(kind, member):
    return Notice(kind, "BK", f"{member} matches no member rule", "", {"member": member})


def keep(store, quarter, *notices, generation=1):
    run_id, item = f"bank-provision/{quarter}", Item("0000000001-26-000001", "BK 10-Q")
    store.save_plan(Plan(run_id, "bank-provision", quarter, generation, (item,), (), AT))
    done = Outcome(item.key, "done", "", str(generation), generation, AT, notices=notices)
    store.complete(run_id, "bank-provision", item, done, [])


def told(store):
    (entry,) = status.of([bank_provision], services(store, at=AT))["scrapers"]
    return [each["words"].split()[0] for each in entry["notices"]]


def test_an_unruled_member_of_earlier_quarters_is_shown_once_until_its_quarter_is_read_again(tmp_path):
    """Four quarters of unmapped members, newest first and each once; other notices of earlier runs are not repeated."""
    store = SqliteStore(str(tmp_path / "open.db"))
    for quarter in QUARTERS:
        keep(store, quarter, notice("unmapped-member", f"of:{quarter}"), notice("unmapped-member", "of:Every"))
    keep(store, "2026Q1", notice("unmapped-member", "of:2026Q1"), notice("disagreement", "of:Old"), generation=2)
    assert told(store) == ["of:2026Q2", "of:Every", "of:2026Q1", "of:2025Q4", "of:2025Q3"]
    keep(store, "2025Q4", generation=2)
    assert told(store) == ["of:2026Q2", "of:Every", "of:2026Q1", "of:2025Q3"]
