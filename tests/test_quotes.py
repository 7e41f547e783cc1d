"""Closing prices: yfinance's own code against a loopback server that answers as Yahoo does, and as Yahoo should not."""

import subprocess
import sys
import tempfile
import threading
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from chalicelib.adapters.quotes import PARALLEL, Patience, YahooQuotes, private_folder
from chalicelib.deadline import Deadline
from chalicelib.errors import BadEvent, OutOfTime
from chalicelib.ports import Close, NoClose
from sample.loopback import Asked, Loopback, Reply, status
from tests.fakes import yahoo

FRIDAY, THURSDAY, WEDNESDAY = date(2026, 11, 20), date(2026, 11, 19), date(2026, 11, 18)
CORPUS = Path(__file__).parents[2] / "shared" / "corpus" / "yahoo"


@pytest.fixture
def server():
    with Loopback(dict(yahoo.CRUMB)) as running:
        yield running


@pytest.fixture
def slept():
    return []


@pytest.fixture
def quotes(server, slept, tmp_path):
    return YahooQuotes(
        base=f"{server.url}/yahoo", folder=tmp_path, patience=Patience(tries=3, back_off_s=0.01, sleep=slept.append)
    )


@pytest.mark.parametrize("planted", ["open", "link", "file"])
def test_caches_lie_where_nobody_else_can_write(tmp_path, monkeypatch, planted):
    """A folder of our name that others may write to, a link or a file is left alone: yfinance unpickles its caches."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    own = private_folder()
    assert (own.parent, own.stat().st_mode & 0o777, private_folder()) == (tmp_path, 0o700, own)
    own.rmdir()
    (tmp_path / "elsewhere").mkdir()
    match planted:
        case "open":
            own.mkdir()
            own.chmod(0o777)
        case "link":
            own.symlink_to(tmp_path / "elsewhere")
        case _:
            own.write_bytes(b"")
    other = private_folder()
    assert other != own
    assert (other.parent, other.stat().st_mode & 0o777) == (tmp_path, 0o700)


def serve(server, symbol, *args, **kwargs):
    server.add(f"/yahoo/v8/finance/chart/{symbol}", yahoo.chart(symbol, *args, **kwargs))


def test_the_close_is_the_unadjusted_one(server, quotes) -> None:
    """After a dividend Yahoo's adjusted close is lower: the close that was paid is given, with its day."""
    serve(server, "ARCC", {THURSDAY: 20.1, FRIDAY: 19.87}, dividends={FRIDAY: 0.48}, adjusted=[19.62, 19.87])
    assert quotes.closes(["ARCC"], THURSDAY) == {"ARCC": Close("ARCC", THURSDAY, Decimal("20.1"), "USD")}


def test_a_bar_after_the_day_asked_for_is_not_its_close(server, quotes) -> None:
    """The bar of a session still running comes after the last completed one and is left alone."""
    serve(server, "ARCC", {THURSDAY: 20.1, FRIDAY: 19.87, date(2026, 11, 23): 19.5})
    assert quotes.closes(["ARCC"], FRIDAY)["ARCC"].price == Decimal("19.87")


def test_a_close_that_is_missing_gives_the_last_good_one_with_its_day(server, quotes) -> None:
    """A NaN close is no price: the session before it is given, and says that it is older."""
    serve(server, "ARCC", {WEDNESDAY: 20.0, THURSDAY: 20.1, FRIDAY: None})
    assert quotes.closes(["ARCC"], FRIDAY)["ARCC"] == Close("ARCC", THURSDAY, Decimal("20.1"), "USD")


def test_a_half_day_has_a_close_like_any_other(server, quotes) -> None:
    """The Friday after Thanksgiving closes at one o'clock; its bar is that day's."""
    half = date(2025, 11, 28)
    serve(server, "MAIN", {date(2025, 11, 26): 60.0, half: 60.5})
    assert quotes.closes(["MAIN"], half)["MAIN"].day == half


def test_a_reverse_split_before_the_day_is_told(server, quotes) -> None:
    """A one-for-ten split up to the day is given with its ratio, so that an older NAV per share is not compared."""
    serve(server, "PSEC", {THURSDAY: 27.0, FRIDAY: 27.5}, splits={FRIDAY: (1, 10)})
    close = quotes.closes(["PSEC"], FRIDAY)["PSEC"]
    assert (close.price, close.splits) == (Decimal("27.5"), ((FRIDAY, Decimal("0.1")),))


def test_a_split_after_the_day_is_undone(server, quotes) -> None:
    """Yahoo's past closes are in today's shares; the close of a past day is in that day's."""
    serve(server, "PSEC", {WEDNESDAY: 27.0, THURSDAY: 27.5, FRIDAY: 28.0}, splits={FRIDAY: (1, 10)})
    close = quotes.closes(["PSEC"], THURSDAY)["PSEC"]
    assert (close.price, close.splits) == (Decimal("2.75"), ())


def test_pence_stay_pence(server, quotes) -> None:
    """A London price keeps its own unit, so that nobody takes it for dollars."""
    serve(server, "LEND.L", {FRIDAY: 1259.5}, currency="GBp", zone="Europe/London")
    assert quotes.closes(["LEND.L"], FRIDAY)["LEND.L"] == Close("LEND.L", FRIDAY, Decimal("1259.5"), "GBp")


def test_a_rate_limit_is_waited_out(server, quotes, slept) -> None:
    """One refusal costs a pause, not the price."""
    serve(server, "ARCC", {FRIDAY: 19.87})
    server.fail(status(429, b"Too Many Requests"), path="/yahoo/v8", times=2)
    assert quotes.closes(["ARCC"], FRIDAY)["ARCC"].price == Decimal("19.87")
    assert len(slept) == 1


def test_a_rate_limit_that_stays_is_a_typed_failure(server, quotes) -> None:
    """Refused to the end, the symbol has no price, says so by name, and asking later may help."""
    server.fail(status(429, b"Too Many Requests"), path="/yahoo/v8")
    found = quotes.closes(["ARCC"], FRIDAY)["ARCC"]
    assert (found.reason, found.passing) == ("YFRateLimitError", True)


def test_time_is_not_spent_waiting_past_the_deadline(server, tmp_path) -> None:
    """A pause that would outlast the run's time is not begun."""
    server.fail(status(429, b"Too Many Requests"), path="/yahoo/v8")
    patient = YahooQuotes(base=f"{server.url}/yahoo", folder=tmp_path, patience=Patience(back_off_s=3600, longest_s=3600))
    found = patient.within(Deadline.in_seconds(60)).closes(["ARCC"], FRIDAY)["ARCC"]
    assert found.reason == "YFRateLimitError"
    with pytest.raises(OutOfTime):
        patient.within(Deadline.in_seconds(0)).closes(["ARCC"], FRIDAY)


@pytest.mark.parametrize(
    ("page", "reason", "passing"),
    [
        (Reply(yahoo.DELISTED.encode(), 404, {"Content-Type": "application/json"}), "YFPricesMissingError", False),
        (yahoo.EMPTY, "YFPricesMissingError", False),
        (Reply(b"<html>busy</html>", 502, {"Content-Type": "text/html"}), "JSONDecodeError", True),
        (b"Will be right back", "YFDataException", True),
    ],
    ids=["delisted", "empty", "bad-gateway", "closed-for-repair"],
)
def test_every_failure_has_a_name_and_does_not_stop_the_others(server, quotes, page, reason, passing) -> None:
    """A symbol without a price gives its reason; the one beside it gives its price."""
    server.add("/yahoo/v8/finance/chart/GONE", page)
    serve(server, "ARCC", {FRIDAY: 19.87})
    found = quotes.closes(["GONE", "ARCC"], FRIDAY)
    assert isinstance(found["GONE"], NoClose)
    assert (found["GONE"].reason, found["GONE"].passing) == (reason, passing)
    assert found["ARCC"].price == Decimal("19.87")


def test_a_price_of_last_year_is_none(server, quotes) -> None:
    """A share that has not traded for over a month has no close, whatever the answer still holds."""
    serve(server, "OBDE", {date(2026, 6, 1): 14.2})
    assert quotes.closes(["OBDE"], FRIDAY)["OBDE"].reason == "NoCloseInTime"


def test_few_requests_are_in_flight_at_once(server, quotes) -> None:
    """Twenty symbols are asked for by a few at a time."""
    lock, now, most = threading.Lock(), [0], [0]

    def page(asked: Asked) -> str:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        threading.Event().wait(0.02)
        with lock:
            now[0] -= 1
        return yahoo.chart(asked.path.rsplit("/", 1)[1], {FRIDAY: 10.0})

    names = [f"T{n}" for n in range(20)]
    for name in names:
        server.add(f"/yahoo/v8/finance/chart/{name}", page)
    assert {close.price for close in quotes.closes(names, FRIDAY).values()} == {Decimal(10)}
    assert 1 < most[0] <= PARALLEL


def test_each_symbol_costs_one_request(server, quotes) -> None:
    """A New York listing's time zone is known, so yfinance need not ask for it first."""
    serve(server, "ARCC", {FRIDAY: 19.87})
    quotes.closes(["ARCC"], FRIDAY)
    assert len(server.starts("/yahoo/v8")) == 1


def test_only_https_and_loopback_stand_in_for_yahoo() -> None:
    """Another address over plain http is refused when the adapter is made."""
    with pytest.raises(BadEvent):
        YahooQuotes(base="http://prices.example/yahoo")


def test_pandas_is_not_loaded_before_a_price_is_asked_for() -> None:
    """Importing and making the adapter loads neither pandas nor yfinance."""
    code = (
        "import sys; from chalicelib.adapters.quotes import YahooQuotes; YahooQuotes();"
        "import chalicelib.scrapers.bdc_discount; print({'pandas', 'yfinance'} & set(sys.modules))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parents[1] / "sentinel", capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "set()"


@pytest.mark.skipif(not CORPUS.exists(), reason="recorded answers are not here")
@pytest.mark.parametrize(
    ("file", "symbol", "day", "price", "currency"),
    [
        ("aapl-split", "AAPL", date(2020, 11, 5), "119.03", "USD"),
        ("amzn", "AMZN", date(2020, 1, 2), "94.9005", "USD"),
        ("afraf", "AFRAF", date(2020, 1, 3), "11.27", "USD"),
        ("cron", "CRON", date(2020, 1, 2), "7.36", "USD"),
        ("ocdo-pence", "OCDO.L", date(2020, 1, 2), "1259.5", "GBp"),
    ],
)
def test_recorded_answers_give_their_closes(server, quotes, file, symbol, day, price, currency) -> None:
    """Yahoo's own recorded answers give the close as it was printed."""
    server.add(f"/yahoo/v8/finance/chart/{symbol}", (CORPUS / f"{file}.json").read_bytes())
    close = quotes.closes([symbol], day)[symbol]
    assert (close.price, close.currency) == (Decimal(price), currency)
