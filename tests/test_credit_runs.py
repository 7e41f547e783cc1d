"""Credit fund runs on the real engine and a real store: killed at random, amended, compared like with like, alerted."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest

from chalicelib import engine, model
from chalicelib.adapters.sqlite import SqliteStore
from chalicelib.deadline import Deadline
from chalicelib.model import Observation, Window
from chalicelib.scrapers import credit_fund
from chalicelib.scrapers.credit_fund import discovery, n_port, reading, sharing
from tests.fakes.form_pf_documents import Archive, MemoryFiles, document, filing, fund
from tests.fakes.mortal_store import Killed, MortalStore
from tests.fakes.world import Remembering, services

WINDOW = Window.parse("2026Q2")
SCRAPER = SimpleNamespace(
    **{name: getattr(credit_fund, name) for name in credit_fund.__all__ if name != "discover"},
    discover=lambda window, fetch: discovery.discover(window, fetch, watched=()),
)


def gross(number: int, quarter: int) -> int:
    return 1_000_000 + number * 7919 % 5_000_000 + (quarter - 1) * (number % 13 - 6) * 9_000


def archive(funds: int, a_file: int, filings_a_file: int) -> dict[str, bytes]:
    held = {}
    for quarter, end in ((1, "2026-03-31"), (2, "2026-06-30")):
        for first in range(1, funds + 1, a_file):
            some = [fund(n, gross(n, quarter), gross(n, quarter) // 2) for n in range(first, first + a_file)]
            each = a_file // filings_a_file
            cut = [some[begin : begin + each] for begin in range(0, a_file, each)]
            held[f"q{quarter}-{first:05d}.xml"] = document(*(filing(one, end=end, quarter=str(quarter)) for one in cut))
    return held


def found(held: dict[str, bytes]) -> list[Observation]:
    fetch = Archive(MemoryFiles(held))
    items = [item for item in discovery.discover(WINDOW, fetch, watched=()) if hasattr(item, "key")]
    return [each for item in items for each in reading.read(item, fetch) if isinstance(each, Observation)]


@pytest.mark.parametrize(("a_file", "filings_a_file"), [(500, 2), (10_000, 1)], ids=["many filings", "one filing"])
def test_chunks_killed_twenty_times_give_the_totals_of_one_clean_pass(tmp_path, monkeypatch, a_file, filings_a_file):
    """10,000 funds in chunks of any order, the process killed at twenty random writes: the totals are the generator's."""
    random.seed(4)
    held = archive(10_000, a_file, filings_a_file)
    world = replace(services(SqliteStore(tmp_path / "s.db"), Remembering()), fetch=Archive(MemoryFiles(held)))
    scraper = SimpleNamespace(
        **{**vars(SCRAPER), "discover": lambda window, fetch: discovery.discover(window, fetch, watched=(), length=250_000)}
    )
    chunks = -(-sum(hasattr(each, "key") for each in scraper.discover(WINDOW, world.fetch)) // 2)
    died_in, signal = [], None
    for _ in range(400):
        monkeypatch.setattr(reading, "_LATEST", sharing.Latest())
        dies = random.randrange(0, 2) if len(died_in) < 20 else None
        mortal = MortalStore(world.store, dies, after=random.random() < 0.5)
        task = engine.Task(scraper, WINDOW, "me", Deadline())
        try:
            signal = engine.chunk(task, replace(world, store=mortal), 2, random.randrange(chunks))[0].signal
        except Killed:
            died_in.append(mortal.died_in)
        if signal:
            break
    assert len(died_in) == 20
    assert "complete" in died_in
    told = signal.data["form_pf"]["quarterly"]
    before, now = (sum(gross(n, quarter) for n in range(1, 10_001)) for quarter in (1, 2))
    assert (told["gross_before"], told["gross_now"], told["funds"]) == (str(before), str(now), 10_000)
    assert signal.headline == (Decimal(now - before) / before).quantize(Decimal("0.000001"))
    assert chunks > 10


def summarised(*filings: str, window: Window = WINDOW):
    return credit_fund.summarise(found({"a.xml": document(*filings)}), (), window)


def test_an_amendment_replaces_and_is_reported_as_a_revision():
    """The amended amount stands in the comparison whatever its place in the archive; the revision tells both."""
    signal = summarised(
        filing([fund(1, 900)], kind="PF-AMEND"),
        filing([fund(1, 1000)], end="2026-03-31"),
        filing([fund(1, 990)]),
    )
    assert signal.headline == Decimal("-0.1")
    assert [(each["from"], each["to"]) for each in signal.data["revisions"]] == [("990", "900")]


def test_two_originals_that_differ_stand_nowhere():
    """Two original filings of a fund with different amounts are a conflict told with both, not a choice."""
    signal = summarised(filing([fund(1, 1000)], end="2026-03-31"), filing([fund(1, 990)]), filing([fund(1, 980)]))
    assert signal.headline is None
    assert [(each["from"], each["to"]) for each in signal.data["conflicts"]] == [("990", "980")]


def test_annual_filers_are_compared_with_their_last_year_and_labelled():
    """A private-equity adviser's annual filing is compared with the year before, never with a quarter."""
    filings = [
        filing([fund(1, 2000)], end="2025-12-31", period="A", quarter="4"),
        filing([fund(1, 1500)], end="2026-12-31", period="A", quarter="4"),
        filing([fund(2, 700, 1)], end="2026-09-30", quarter="3"),
    ]
    filings.append(filing([fund(3, 10_000, 1)], end="2026-09-30", period="A", quarter="3"))
    filings.append(filing([fund(3, 1, 1)], end="2026-12-31", quarter="4"))
    signal = summarised(*filings, window=Window.parse("2026Q4"))
    assert signal.data["form_pf"]["quarterly"]["funds"] == 0
    assert (signal.headline, signal.data["basis"], signal.data["compared_period"]) == (Decimal("-0.25"), "annual", "2025Q4")
    assert signal.data["form_pf"]["quarterly"]["late"][0]["age_days"] == 92


def test_entries_and_exits_are_listed_and_left_out_of_the_change():
    """The change is that of funds in both quarters; a new fund and a missing one are named, and lower the coverage."""
    signal = summarised(
        filing([fund(1, 1000), fund(2, 500, 1)], end="2026-03-31"),
        filing([fund(1, 1100), fund(3, 9000)]),
    )
    told = signal.data["form_pf"]["quarterly"]
    assert signal.headline == Decimal("0.1")
    assert [each["fund_id"] for each in told["late"]] == ["805-0000000002"]
    assert [each["fund_id"] for each in told["entered"]] == ["805-0000000003"]
    assert signal.coverage == Decimal(1000) / 1500


def test_flow_and_mark_are_told_apart_by_the_quarters_return():
    """Net assets 800 to 700 with a return of -5 %: 40 are mark, 60 are flow."""
    told = (
        "<PFSection1bItemCFundPerformance><FundID>805-0000000001</FundID>"
        "<NetValueQuarter2><Value>-5</Value></NetValueQuarter2></PFSection1bItemCFundPerformance>"
    )
    signal = summarised(filing([fund(1, 1000, 800)], end="2026-03-31"), filing([fund(1, 850, 700)], performance=told))
    (fall,) = signal.data["form_pf"]["quarterly"]["fallen"]
    assert (Decimal(fall["flow"]), Decimal(fall["mark"]), fall["change"]) == (-60, -40, "-0.150000")


@pytest.mark.parametrize(("now", "level"), [(900, None), (899, "alert"), (849, "medium"), (799, "high")])
def test_declines_alert_above_ten_fifteen_and_twenty_per_cent(now, level):
    """Exactly 10 % is no alert; more is one for the aggregate and one for the fund, at the level of its size."""
    signal = summarised(filing([fund(1, 1000, 1)], end="2026-03-31"), filing([fund(1, now, 1)]))
    told = {alert.rule: alert.level for alert in credit_fund.alerts(signal, (), credit_fund.LIMITS)}
    assert told == ({} if level is None else {"decline": level, "fund-decline:805-0000000001": level})


def test_an_alert_tells_amounts_in_dollars():
    """Before, after, threshold and contributors of an alert are all in USD."""
    signal = summarised(
        filing([fund(1, 1000, 1), fund(2, 1000, 1)], end="2026-03-31"), filing([fund(1, 500, 1), fund(2, 1000, 1)])
    )
    told = {alert.rule: alert for alert in credit_fund.alerts(signal, (), credit_fund.LIMITS)}
    for rule, before, after, limit in (("decline", 2000, 1500, 1600), ("fund-decline:805-0000000001", 1000, 500, 800)):
        alert = told[rule]
        assert (alert.unit, alert.before, alert.after, alert.threshold, alert.level) == ("USD", before, after, limit, "high")
        assert alert.contributors[0].value == -500


@pytest.mark.parametrize(("funds", "now", "more"), [(200, 700, 0), (207, 700, 7), (207, 940, 0)])
def test_falls_there_is_no_room_for_are_told_by_number(funds, now, more):
    """The 200 largest falls are told fund by fund, the others in one alert with how many, if beyond the limit."""
    some = range(1, funds + 1)
    signal = summarised(filing([fund(n, 1000, 1) for n in some], end="2026-03-31"), filing([fund(n, now, 1) for n in some]))
    told = {alert.rule: alert for alert in credit_fund.alerts(signal, (), credit_fund.LIMITS)}
    assert sum(rule.startswith("fund-decline:") for rule in told) == (200 if now == 700 else 0)
    assert [alert.after - alert.threshold for rule, alert in told.items() if rule.startswith("more-")] == [more] * bool(more)


def n_port_mark(end: str, assets: int, name: str = "Example Interval Fund", cik: int = 1, final: bool = False) -> Observation:
    day = date.fromisoformat(end)
    report = n_port.Report(
        form="NPORT-P",
        registrant=name,
        cik=cik,
        series="",
        series_id="",
        period_end=day,
        fiscal_year_end=None,
        total_assets=Decimal(assets),
        total_liabilities=Decimal(10),
        net_assets=Decimal(assets - 10),
        borrowed=None,
        flow=Decimal(-50),
        returns={},
        holdings=n_port.Holdings(),
        final=final,
    )
    return reading.of_report(report, end, "https://www.sec.gov/x", datetime(2026, 9, 1, tzinfo=UTC))


def test_form_pf_and_the_proxy_never_share_a_headline():
    """With Form PF the headline is Form PF's and the proxy's stands beside it; without, the proxy's is labelled as such."""
    proxy = [n_port_mark("2026-03-31", 1000), n_port_mark("2026-06-30", 700)]
    both = credit_fund.summarise(
        [*found({"a.xml": document(filing([fund(1)], end="2026-03-31"), filing([fund(1)]))}), *proxy], (), WINDOW
    )
    assert (both.headline, both.data["source"], both.data["proxy"]["n-port"]["change"]) == (0, "form-pf", "-0.300000")
    assert "proxy-decline:n-port" in {alert.rule for alert in credit_fund.alerts(both, (), credit_fund.LIMITS)}
    alone = credit_fund.summarise(proxy, (), WINDOW)
    assert (alone.headline, alone.data["source"]) == (Decimal("-0.3"), "n-port")
    assert "open proxy" in alone.data["label"]
    assert "open proxy" in credit_fund.table(alone, proxy).title
    silent = credit_fund.summarise([*found({"a.xml": document(filing([fund(1)]))}), *proxy], (), WINDOW)
    assert silent.headline is None
    assert "Form PF" in silent.withheld


def test_a_fund_that_filed_its_last_report_has_left_and_is_not_late():
    """A final report's fund is listed as having left and lowers no coverage; one that is only silent is late and does."""
    proxy = [n_port_mark("2026-03-31", 1000), n_port_mark("2026-06-30", 900), n_port_mark("2026-03-31", 500, "Gone", 2, True)]
    told = credit_fund.summarise(proxy, (), WINDOW).data["proxy"]["n-port"]
    assert ([each["name"] for each in told["left"]], told["late"], told["coverage"]) == (["Gone"], [], "1.0000")
    told = credit_fund.summarise([*proxy[:2], n_port_mark("2026-03-31", 500, "Silent", 2)], (), WINDOW).data["proxy"]["n-port"]
    assert (told["left"], [each["age_days"] for each in told["late"]], told["coverage"]) == ([], [91], "0.6667")


def test_the_run_is_on_the_latest_quarter_whose_deadline_has_passed():
    """On 1 November the third quarter's 60 days have not passed; on 1 December they have. The two before are read again."""
    assert [each.name for each in credit_fund.windows(datetime(2026, 11, 1, tzinfo=UTC))] == ["2025Q4", "2026Q1", "2026Q2"]
    assert credit_fund.windows(datetime(2026, 12, 1, tzinfo=UTC))[-1].name == "2026Q3"


def quarter(window: str, *filings: str):
    return credit_fund.summarise(found({"a.xml": document(*filings)}), (), Window.parse(window))


def test_a_decline_stands_while_the_fund_has_not_reported_again():
    """A fund's decline is told again as standing while its next filing is late, and no more once it has reported."""
    q1 = filing([fund(1, 1000, 1), fund(2, 1000, 1)], end="2026-03-31", quarter="1")
    q2 = filing([fund(1, 700, 1), fund(2, 1000, 1)], end="2026-06-30")
    late = filing([fund(2, 1000, 1)], end="2026-09-30", quarter="3")
    both = filing([fund(1, 700, 1), fund(2, 1000, 1)], end="2026-09-30", quarter="3")
    fell = quarter("2026Q2", q1, q2)
    rule = "fund-decline:805-0000000001"
    (held,) = credit_fund.alerts(quarter("2026Q3", q2, late), (fell,), credit_fund.LIMITS)
    assert (held.rule, held.level, held.after) == (rule, "high", 700)
    assert "stands since 2026Q2" in held.headline
    assert list(credit_fund.alerts(quarter("2026Q3", q2, both), (fell,), credit_fund.LIMITS)) == []


def test_an_annual_decline_stands_through_the_quarters_in_which_no_annual_filing_is_due():
    """An annual filer's fall at the year's end stands in the next quarter's run, in which only quarterly filers report."""
    year = [
        filing([fund(1, gross, 1)], end=f"{year}-12-31", period="A", quarter="4") for year, gross in ((2024, 1000), (2025, 700))
    ]
    quarters = [
        filing([fund(2, 500, 1)], end=end, quarter=n)
        for end, n in (("2025-09-30", "3"), ("2025-12-31", "4"), ("2026-03-31", "1"))
    ]
    fell = quarter("2025Q4", *year, *quarters)
    assert {alert.rule for alert in credit_fund.alerts(fell, (), credit_fund.LIMITS)} == {
        "annual-decline",
        "fund-decline:805-0000000001",
    }
    held = {alert.rule: alert for alert in credit_fund.alerts(quarter("2026Q1", *year, *quarters), (fell,), credit_fund.LIMITS)}
    assert held.keys() == {"annual-decline", "fund-decline:805-0000000001"}
    assert all("stands since 2025Q4" in alert.headline for alert in held.values())


def performance(**told: object) -> str:
    inner = "".join(f"<{name}><Value>{value}</Value></{name}>" for name, value in told.items())
    return f"<PFSection1bItemCFundPerformance><FundID>805-0000000001</FundID>{inner}</PFSection1bItemCFundPerformance>"


@pytest.mark.parametrize(
    ("told", "mark"),
    [
        ({"GrossValueQuarter2": -5}, "-40"),
        ({"GrossValueQuarter2": -5, "NetValueQuarter2": -10}, "-80"),
        ({"NetValueQuarter1": -5, "LastFiscalDateQuarter1": "2026-06-30", "NetValueQuarter2": 7}, "-40"),
        ({"NetValueQuarter2": -5, "LastFiscalDateQuarter2": "2026-03-31"}, None),
        ({"NetValueMonth4": 10, "NetValueMonth5": -10, "NetValueMonth6": -50}, "-404"),
        ({"NetValueMonth4": 10, "NetValueMonth6": -50}, None),
        ({"NetValueQuarter1": -5}, None),
        ({"NetValueQuarter2": "NA"}, None),
    ],
)
def test_the_mark_is_by_the_return_of_the_quarter_itself(told, mark):
    """The return is of the quarter that ends on the report's day, by quarter or three months, or flow and mark are not told."""
    signal = summarised(
        filing([fund(1, 1000, 800)], end="2026-03-31"), filing([fund(1, 850, 700)], performance=performance(**told))
    )
    (fall,) = signal.data["form_pf"]["quarterly"]["fallen"]
    assert fall["mark"] == mark
    assert fall["flow"] == (None if mark is None else str(-100 - int(mark)))


def test_what_investors_paid_in_and_took_out_is_the_flow_where_it_is_reported():
    """Subscriptions less redemptions of three months are the flow, the rest the mark; without a month neither is told."""
    months = "".join(
        f"<TotGrossSubscriptionMonth{n}Amount>{10 * n}</TotGrossSubscriptionMonth{n}Amount>"
        f"<TotGrossRedemptionsMonth{n}Amount>30</TotGrossRedemptionsMonth{n}Amount>"
        for n in (1, 2, 3)
    )
    for given, flow, mark in ((months, "-30", "-70"), (months.replace("Month3", "Month4"), None, None)):
        liquid = f"<PFSection3ItemBLiquidityAssets><FundID>805-0000000001</FundID>{given}</PFSection3ItemBLiquidityAssets>"
        signal = summarised(filing([fund(1, 1000, 800)], end="2026-03-31"), filing([fund(1, 850, 700)], performance=liquid))
        (fall,) = signal.data["form_pf"]["quarterly"]["fallen"]
        assert (fall["flow"], fall["mark"]) == (flow, mark)


def test_a_long_filing_that_grows_loses_nothing(tmp_path, monkeypatch):
    """A file put in place of another, its one filing longer so that shares move between items, gives every fund once."""
    scraper = SimpleNamespace(
        **{**vars(SCRAPER), "discover": lambda window, fetch: discovery.discover(window, fetch, watched=(), length=20_000)}
    )
    store = SqliteStore(tmp_path / "s.db")
    for funds in (300, 420):
        monkeypatch.setattr(reading, "_LATEST", sharing.Latest())
        held = archive(funds, funds, 1)
        world = replace(services(store, Remembering()), fetch=Archive(MemoryFiles(held)))
        result = engine.run(engine.Task(scraper, WINDOW, f"run-{funds}", Deadline()), world)
        told = result.signal.data["form_pf"]["quarterly"]
        assert (told["funds"], told["gross_now"]) == (funds, str(sum(gross(n, 2) for n in range(1, funds + 1))))


def test_form_pf_is_published_although_the_proxy_cannot_be_read(tmp_path):
    """With Form PF the proxy stands beside it: its documents that cannot be read lower no coverage; without, they do."""
    held = archive(2, 2, 1)
    report = model.Item("n-port:1", "a report", "https://www.sec.gov/x", detail={"source": "n-port", "cik": 1, "accepted": ""})
    for beside, state in ((True, "concluded"), (False, "withheld")):
        item = replace(report, detail={**report.detail, "beside": beside})
        scraper = SimpleNamespace(
            **{**vars(SCRAPER), "discover": lambda window, fetch, item=item: [*SCRAPER.discover(window, fetch), item]}
        )
        world = replace(services(SqliteStore(tmp_path / f"{state}.db"), Remembering()), fetch=Archive(MemoryFiles(held)))
        result = engine.run(engine.Task(scraper, WINDOW, "me", Deadline()), world)
        assert (result.state, result.count("parked")) == (state, 1)
