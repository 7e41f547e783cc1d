"""What a week's filings add up to: what counts, what does not and why, and which alerts it raises."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from fakes.folder_web import Archive, FolderWeb

from chalicelib.errors import Unreadable
from chalicelib.model import Item, Observation, Signal, Window
from chalicelib.scrapers import bond_issuance
from chalicelib.scrapers.bond_issuance import exchange, grading, pairing, ratings

WEEK = Window.parse("2026-W16")
MONDAY = WEEK.first
BN = Decimal(1_000_000_000)


def deal(
    key: str,
    *lines: tuple[str, object],
    day: date = MONDAY,
    status: str = "final",
    kind: str = "debt",
    grade: str = "investment",
    hours: int = 12,
    **more: object,
) -> list[Observation]:
    """A deal of tranches `(title, principal)` as `read` gives it, in dollars unless `currency` says otherwise."""
    currency = str(more.pop("currency", "USD"))
    rate = more.pop("rate", "1" if currency == "USD" else None)
    shared = {
        "deal": key,
        "issuer": "ALDER",
        "cik": "77",
        "kind": kind,
        "status": status,
        "registration": "333-1",
        "reopening": False,
    }
    shared |= {"grade": grade, "grade_reason": "rated", "grade_as_of": "2026-01-01"} | more
    known = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hours)
    confidence = shared.pop("confidence", "high")
    basis = {
        "subject": "ALDER",
        "as_of": day,
        "known_at": known,
        "confidence": confidence,
        "source": f"https://www.sec.gov/{key}",
    }
    titles = [title for title, _ in lines]
    head = {"tranches": len(lines), "titles": titles, "currencies": [currency], "totals": {}, "witness": None} | shared
    found = [Observation(key=key, kind="deal", value=None, unit=currency, detail=head, **basis)]
    for n, (title, principal) in enumerate(lines, 1):
        value = None if principal is None else Decimal(str(principal)) * BN
        floating = "Floating" in title
        year = title[-4:] if title[-4:].isdigit() else None
        terms = {
            "title": title,
            "coupon_type": "floating" if floating else "fixed",
            "coupon_pct": None if floating or "%" not in title else title.split("%")[0],
            "floating": {"index": "SOFR", "spread_bps": "50"} if floating else None,
            "maturity": f"{year}-04-15" if year else None,
            "maturity_year": int(year) if year else None,
            "usd_rate": rate,
            "usd_rate_source": "fee table of the filing",
            "usd_rate_day": day.isoformat(),
        }
        found.append(Observation(key=f"{key}/{n}", kind="tranche", value=value, unit=currency, detail=shared | terms, **basis))
    return found


def sheet(
    key: str, *lines: tuple[str, object], day: date = MONDAY, rated: tuple[tuple[str, str], ...] = (), **more: object
) -> Observation:
    currency = str(more.pop("currency", "USD"))
    tranches = [
        {
            "title": title,
            "currency": currency,
            "principal": str(Decimal(str(principal)) * BN),
            "maturity": f"{title[-4:]}-04-15",
            "coupon_pct": title.split("%")[0] if "%" in title else None,
            "floating": {"index": "SOFR", "spread_bps": "50"} if "Floating" in title else None,
            "spread_to_benchmark_bps": "80",
        }
        for title, principal in lines
    ]
    detail = {"deal": key, "cik": "77", "registration": "333-1", "kind": "term-sheet", "status": "final", "tranches": tranches}
    detail |= {"ratings": [{"agency": agency, "rating": rating} for agency, rating in rated]}
    known = datetime(day.year, day.month, day.day, 21, tzinfo=UTC)
    return Observation(key, "term-sheet", "ALDER", day, known, None, "", "high", f"https://www.sec.gov/{key}", detail=detail)


def summed(*groups: object, history: tuple[Signal, ...] = ()) -> Signal:
    found = [each for group in groups for each in (group if isinstance(group, list) else [group])]
    return bond_issuance.summarise(found, history, WEEK)


def past(headlines: list[object]) -> list[Signal]:
    """Signals of the weeks before WEEK, the last of `headlines` the week just before it."""
    window, signals = WEEK.before(), []
    for value in reversed(headlines):
        headline = None if value is None else Decimal(str(value)) * BN
        signals.append(Signal("bond-issuance", window.name, window.last, headline, "USD", Decimal(1), "high"))
        window = window.before()
    return signals[::-1]


def played(*names: str) -> dict[str, Signal]:
    """The sample archive's weeks, run one after the other."""
    archive, found, signals = Archive(), {}, {}
    for name in names:
        window = Window.parse(name)
        for item in bond_issuance.discover(window, archive):
            assert isinstance(item, Item), item
            found |= {each.key: each for each in bond_issuance.read(item, archive) if isinstance(each, Observation)}
        known = [each for each in found.values() if each.as_of <= window.last]
        signals[name] = bond_issuance.summarise(known, list(signals.values()), window)
    return signals


def test_real_weeks_of_autumn_2025_add_up() -> None:
    """Three weeks give their true totals, the euro deal at its own rate of exchange, the slip in a fee exhibit told."""
    signals = played("2025-W44", "2025-W45", "2025-W46", "2025-W47")
    assert [str(signal.headline) for signal in signals.values()] == ["30000000000", "24998400000", "0", "15000000000"]
    meta, alphabet, quiet, amazon = signals.values()
    assert (meta.data["weighted_coupon_pct"], meta.data["tranches"], meta.confidence) == ("5.136", 6, "high")
    assert alphabet.data["principal_by_currency"] == {"EUR": "6500000000", "USD": "17500000000"}
    assert alphabet.data["floating_share"] == "0.0200"
    assert [row["usd"] for row in alphabet.data["rates_of_exchange"]] == ["1.1536"]
    assert alphabet.data["announced_unpriced"] == []
    assert alphabet.data["ig_basis"] == {"term-sheet": 8, "watch-list": 6}
    assert (alphabet.change, alphabet.compared_with) == (Decimal(-5_001_600_000), "2025-W44")
    assert (quiet.confidence, quiet.coverage) == ("high", 1)
    assert amazon.confidence == "low"
    assert "1,350,000,000 in the fee table, 1,500,000,000 on the cover" in amazon.data["witnesses"]["disagreements"][0]["words"]


def test_weighted_terms_are_by_dollars() -> None:
    """Coupon over the fixed tranches, maturity and floating share over all, each weighted by dollars."""
    signal = summed(deal("a", ("4.000% Notes due 2031", 1), ("5.000% Notes due 2036", 3), ("Floating Rate Notes due 2029", 4)))
    assert signal.headline == 8 * BN
    assert signal.data["weighted_coupon_pct"] == "4.750"
    assert signal.data["floating_share"] == "0.5000"
    days = [((date(year, 4, 15) - MONDAY).days, weight) for year, weight in ((2031, 1), (2036, 3), (2029, 4))]
    years = sum(Decimal(count) * weight for count, weight in days) / 8 / Decimal("365.25")
    assert signal.data["weighted_maturity_years"] == str(years.quantize(Decimal("0.01")))


def test_preliminary_is_announced_supply_not_issuance() -> None:
    """A preliminary without a final is listed as announced; with its final it is neither counted nor listed."""
    launched = deal("p", ("__% Notes due 20__", None), status="preliminary", hours=8)
    alone = summed(launched)
    assert (alone.headline, [row["announced"] for row in alone.data["announced_unpriced"]]) == (0, [MONDAY.isoformat()])
    priced = summed(launched, deal("f", ("4.000% Notes due 2031", 2), hours=20))
    assert (priced.headline, priced.data["announced_unpriced"], priced.data["deals"]) == (2 * BN, [], 1)


def test_two_deals_side_by_side_pair_by_currency_and_tranches() -> None:
    """A dollar and a euro launch of one morning each go with their own final, though filed minutes apart."""
    launches = [
        *deal("p-eur", ("__% Notes due 20__", None), status="preliminary", currency="EUR", hours=6),
        *deal("p-usd", ("__% Notes due 20__", None), ("__% Notes due 20__", None), status="preliminary", hours=8),
    ]
    finals = [
        *deal("f-eur", ("3.000% Notes due 2030", 1), currency="EUR", rate="1.15", hours=30),
        *deal("f-usd", ("4.000% Notes due 2030", 1), ("4.500% Notes due 2036", 1), hours=31),
    ]
    pairing_of = pairing.pair([*launches, *finals])
    assert {key: each.key for key, each in pairing_of.preliminary.items()} == {"f-eur": "p-eur", "f-usd": "p-usd"}
    assert pairing_of.unpriced == ()


def test_pairing_never_crosses_currencies() -> None:
    """A euro launch is not taken for the dollar final that came just after it, though both have one tranche."""
    usd = deal("p-usd", ("__% Notes due 20__", None), status="preliminary", hours=6)
    eur = deal("p-eur", ("__% Notes due 20__", None), status="preliminary", currency="EUR", hours=8)
    paired = pairing.pair([*usd, *eur, *deal("f-usd", ("4.000% Notes due 2030", 1), hours=20)])
    assert {key: each.key for key, each in paired.preliminary.items()} == {"f-usd": "p-usd"}
    assert [each.key for each in paired.unpriced] == ["p-eur"]


def test_final_of_other_maturities_leaves_the_launch_waiting() -> None:
    """A final that has none of the announced maturities is of another deal."""
    launched = deal("p", ("__% Notes due 2033", None), status="preliminary", hours=6)
    assert [each.key for each in pairing.pair([*launched, *deal("f", ("4.000% Notes due 2031", 1))]).unpriced] == ["p"]


def test_deal_filed_twice_counts_once_and_a_reopening_counts() -> None:
    """The same line in two filings is one; a reopening of it is new money, unless it is the same day's filing once more."""
    first = deal("a", ("4.000% Notes due 2031", 2))
    again = deal("b", ("4.000% Notes due 2031", 2), day=MONDAY + timedelta(days=1))
    signal = summed(first, again)
    assert signal.headline == 2 * BN
    assert [row["why"] for row in signal.data["left_out"]] == ["told twice, first in a/1"]
    assert summed(first, [replace(each, detail={**each.detail, "reopening": True}) for each in again]).headline == 4 * BN
    same_day = deal("b", ("4.000% Notes due 2031", 2), hours=20, reopening=True)
    assert summed(first, same_day).headline == 2 * BN


def test_filing_that_corrects_another_counts_in_its_place() -> None:
    """A final filed again with another coupon counts once, as corrected; without the words of a correction both count."""
    wrong = deal("a", ("4.250% Notes due 2031", 2))
    right = deal("b", ("4.200% Notes due 2031", 2), day=MONDAY + timedelta(days=1), corrects=True)
    signal = summed(wrong, right)
    assert (signal.headline, [line["key"] for line in signal.data["lines"]]) == (2 * BN, ["b/1"])
    assert [row["why"] for row in signal.data["left_out"]] == ["corrected in b/1"]
    assert summed(wrong, deal("b", ("4.200% Notes due 2031", 2))).headline == 4 * BN


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"kind": "convertible"}, "convertible"),
        ({"grade": "speculative"}, "not investment grade"),
        ({"grade": ""}, "grade unknown"),
        ({"currency": "EUR"}, "no rate of exchange for EUR"),
    ],
)
def test_what_is_left_out_says_why(more: dict[str, object], why: str) -> None:
    """Convertibles, other grades and amounts without a rate of exchange stay out of the headline, each with its reason."""
    signal = summed(deal("a", ("4.000% Notes due 2031", 2)), deal("b", ("4.250% Notes due 2031", 7), **more))
    assert signal.headline == 2 * BN
    assert [row["why"].startswith(why) for row in signal.data["left_out"]] == [True]


def test_coverage_falls_with_what_cannot_be_counted() -> None:
    """A tranche whose amount, rate of exchange or grade is unknown lowers the coverage; one known to be high yield does not."""
    known, blank = deal("a", ("4.000% Notes due 2031", 2)), deal("b", ("4.250% Notes due 2031", None), confidence="low")
    signal = summed(known, blank)
    assert (signal.coverage, signal.confidence, signal.headline) == (Decimal("0.5"), "low", 2 * BN)
    assert summed(known, deal("c", ("9.000% Notes due 2031", 1), grade="speculative")).coverage == 1
    assert summed(known, deal("c", ("4.000% Notes due 2032", 1), grade="")).coverage == Decimal("0.5")


def test_ratings_of_the_term_sheet_go_before_the_list() -> None:
    """The lowest expected rating decides, whatever the list says; without ratings the list decides."""
    line = ("4.000% Notes due 2031", 2)
    priced = deal("a", line)
    split = sheet("s", line, rated=(("Moody's", "Baa3"), ("S&P", "BB+")))
    assert summed(priced, split).headline == 0
    graded = grading.grade(priced[1], [sheet("s", line, rated=(("Moody's", "Baa3"), ("S&P", "BBB-")))])
    assert (graded.grade, graded.basis, graded.words) == ("investment", "term-sheet", "Moody's Baa3, S&P BBB-")
    assert grading.grade(priced[1], [sheet("s", line)]).basis == "watch-list"
    assert grading.grade(priced[1], [sheet("s", ("4.000% Notes due 2036", 2), rated=(("S&P", "BB"),))]).basis == "watch-list"


def test_deal_priced_by_term_sheet_alone_is_shown_as_awaiting_its_final() -> None:
    """Between term sheet and final a deal is neither announced supply nor in the headline, but it is told with its amount."""
    launched = deal("p", ("__% Notes due 20__", None), status="preliminary", hours=6)
    signal = summed(launched, sheet("s", ("4.000% Notes due 2031", 2)))
    assert (signal.headline, signal.data["announced_unpriced"]) == (0, [])
    assert [(row["title"], row["principal"]) for row in signal.data["priced_awaiting_final"]] == [
        ("4.000% Notes due 2031", "2000000000")
    ]
    assert (
        summed(launched, sheet("s", ("4.000% Notes due 2031", 2)), deal("f", ("4.000% Notes due 2031", 2))).data[
            "priced_awaiting_final"
        ]
        == []
    )


def test_tranche_belongs_to_the_week_it_was_priced_in() -> None:
    """A deal priced on Friday and filed on Monday is Friday's; next week's does not count."""
    assert summed(deal("a", ("4.000% Notes due 2031", 2), day=WEEK.last + timedelta(days=1))).headline == 0
    assert (
        summed(deal("a", ("4.000% Notes due 2031", 2), day=WEEK.last - timedelta(days=2), filed="2026-04-20")).headline == 2 * BN
    )


def test_change_is_only_against_the_week_just_before() -> None:
    """Without a signal of the week just before, or with one that was withheld, there is no change."""
    priced = deal("a", ("4.000% Notes due 2031", 9))
    assert summed(priced, history=tuple(past([3]))).change == 6 * BN
    assert summed(priced, history=tuple(past([None]))).change is None
    assert summed(priced, history=tuple(past([3, None])[:1])).change is None


@pytest.mark.parametrize(
    ("weeks", "level"),
    [
        ([1] * 25, "alert"),
        ([1] * 26, "medium"),
        ([1] * 60, "high"),
        ([20] * 3 + [1] * 57, "medium"),
        ([20] * 30 + [1] * 30, "alert"),
    ],
)
def test_level_follows_the_rank_in_its_own_history(weeks: list[object], level: str) -> None:
    """Below 26 weeks no rank; then the top tenth is medium and the top fiftieth high."""
    history = past(weeks)
    signal = summed(deal("a", ("4.000% Notes due 2031", 9)), history=tuple(history))
    told = {alert.rule: alert for alert in bond_issuance.alerts(signal, history, bond_issuance.LIMITS)}
    assert {rule: alert.level for rule, alert in told.items()} == {"weekly-volume": level, "weekly-rise": level}
    assert (told["weekly-rise"].before, told["weekly-rise"].after, told["weekly-rise"].threshold) == (1 * BN, 9 * BN, 5 * BN)
    assert told["weekly-volume"].contributors[0].value == 9 * BN


def test_no_alert_at_the_limits_nor_without_a_headline() -> None:
    """Exactly five billion, and a rise of exactly five, break nothing; nothing published alerts nobody."""
    signal = summed(deal("a", ("4.000% Notes due 2031", 5)), history=tuple(past([0])))
    assert list(bond_issuance.alerts(signal, past([0]), bond_issuance.LIMITS)) == []
    assert list(bond_issuance.alerts(replace(signal, headline=None, change=None), [], bond_issuance.LIMITS)) == []
    lower = {**bond_issuance.LIMITS, "weekly_volume_usd": 4 * BN}
    assert [alert.rule for alert in bond_issuance.alerts(signal, [], lower)] == ["weekly-volume"]


def test_windows_are_the_week_before_and_the_one_before_that() -> None:
    """On a Monday the week just ended is run, after the one before it has been looked at again."""
    assert [str(window) for window in bond_issuance.windows(datetime(2026, 11, 23, 8, tzinfo=UTC))] == ["2026-W46", "2026-W47"]


def test_table_shows_both_sides_of_a_disagreement() -> None:
    """The table has a row per deal and says in its notes what was left out and who disagrees."""
    priced = deal(
        "a", ("4.000% Notes due 2031", 2), witness={"source": "fee-exhibit", "agrees": False, "detail": "1 there, 2 here"}
    )
    found = [*priced, *deal("b", ("9.000% Notes due 2031", 1), grade="speculative")]
    shown = bond_issuance.table(summed(found), found)
    assert [row[shown.columns.index("Witness")] for row in shown.rows] == ["fee-exhibit: DISAGREES", "none"]
    assert any("1 there, 2 here" in note for note in shown.notes)
    assert any("Left out, ALDER 9.000% Notes due 2031" in note for note in shown.notes)
    blank = ("__% Notes due 20__", None)
    launched = [
        *deal("p", blank, status="preliminary", hours=6),
        *deal("q", blank, status="preliminary", currency="EUR", hours=7),
    ]
    rows = bond_issuance.table(summed(launched, priced), [*launched, *priced]).rows
    assert sorted(row[shown.columns.index("Status")] for row in rows) == ["final", "preliminary", "preliminary, priced"]


ECB = b"""<?xml version="1.0"?><gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01"
 xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
<Cube><Cube time="2026-04-10"><Cube currency="USD" rate="1.2000"/><Cube currency="JPY" rate="180.00"/></Cube></Cube>
</gesmes:Envelope>"""


def test_reference_rates_cross_through_the_euro() -> None:
    """The central bank's rates give dollars for a euro and for a yen, a weekend's from the Friday before, an old one none."""
    archive = Archive(FolderWeb(changed={exchange.RECENT: ECB}), datetime(2026, 4, 20, tzinfo=UTC))
    friday = date(2026, 4, 10)
    assert exchange.reference_rate("EUR", friday, archive) == exchange.Rate(Decimal("1.200000"), friday, exchange.RECENT)
    yen = exchange.reference_rate("JPY", friday + timedelta(days=2), archive)
    assert (yen.usd, yen.day) == (Decimal("0.006667"), friday)
    assert exchange.reference_rate("EUR", friday + timedelta(days=6), archive) is None
    assert exchange.reference_rate("GBP", friday, archive) is None


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"<a/>", ECB.replace(b"1.2000", b"n/a"), b"<!DOCTYPE a [<!ENTITY b 'c'>]>" + ECB[21:]]
)
def test_reference_rates_of_another_shape_are_unreadable(body: bytes) -> None:
    """A page, a number that is none, or a DTD where rates were due is refused."""
    with pytest.raises(Unreadable):
        exchange.read(body)


@pytest.mark.parametrize(
    ("words", "read"),
    [
        ("Moody\u2019s: Aa2 (Stable); S&P: AA+ (Stable)", ["Moody's Aa2", "S&P AA+"]),
        (
            "A1(+) by Moody's Investor Service, Inc. AA by Standard & Poor's Ratings Services AA- by Fitch Ratings Inc.",
            ["Moody's A1", "S&P AA", "Fitch AA-"],
        ),
        ("Baa2 / BBB / BBB+ (Moody's / S&P / Fitch)", ["Moody's Baa2", "S&P BBB", "Fitch BBB+"]),
        ("Baa3 (negative outlook) (Moody's) / BBB\u2212 (stable) (S&P)", ["Moody's Baa3", "S&P BBB-"]),
        ("A2/A", ["Moody's A2", "S&P A"]),
        ("A securities rating is not a recommendation to buy", []),
    ],
)
def test_ratings_as_term_sheets_write_them(words: str, read: list[str]) -> None:
    """Each agency gets its own rating however the line is written; prose gives none."""
    assert [f"{each.agency} {each.grade}" for each in ratings.find(words)] == read
