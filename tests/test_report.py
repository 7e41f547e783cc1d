"""The report: what it shows is the store's, safe whatever a document says, and drawn by a real browser without an error."""

import base64
import hashlib
import json
import re
import shutil
import subprocess
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from html.parser import HTMLParser

import pytest

from bench.report import fill
from chalicelib.adapters.sqlite import SqliteStore
from chalicelib.cli import main
from chalicelib.model import Alert, Item, Observation, Outcome, Signal, Window
from chalicelib.ports import Conclusion, Dispatch
from chalicelib.report.shown import Documents, link, text

HOSTILE = "</script><script>document.title='owned'</script>\u202egnp.exe\u200f<img src=x onerror=alert(1)>"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
browser = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed: the page is not drawn")


def keep_week(store, name, lines, headline, alert=None, **more):
    """One week of bonds whose lines are (key, issuer, dollars, words, address)."""
    window = Window.parse(name)
    at = datetime(window.last.year, window.last.month, window.last.day, 22, tzinfo=UTC)
    found = [
        Observation(key, "tranche", issuer, window.last, at, usd, "USD", "high", url, words)
        for key, issuer, usd, words, url in lines
    ]
    data = {
        "lines": [
            {
                "key": key, "issuer": issuer, "priced": window.last.isoformat(), "currency": "USD", "principal": str(usd),
                "usd": str(usd), "confidence": "high", "source": url, "title": words, "coupon_pct": "4.875",
                "maturity": "2035-11-15",
            }
            for key, issuer, usd, words, url in lines
        ]
    }  # fmt: skip
    run = f"bond-issuance/{name}"
    store.complete(run, "bond-issuance", Item(run, ""), Outcome(run, "done", "", "1", 1, at), found)
    signal = Signal("bond-issuance", name, window.last, headline, "USD", Decimal(1), "high", data=data, **more)
    sent = (Dispatch(f"{run}/{alert.rule}", run, "bond-issuance", alert.rule, alert.level, alert, at, at),) if alert else ()
    store.conclude(Conclusion(run, 1, signal, at, sent))


@pytest.fixture
def store(clean_environment, tmp_path):
    made = SqliteStore(tmp_path / "sentinel.db")
    yield made
    made.close()


def page(tmp_path, *more):
    out = tmp_path / "out" / "report.html"
    assert main(["report", "--out", str(out), *more]) == 0
    return out


def block(path):
    return json.loads(re.search(r'id="data">(.*?)</script>', path.read_text("utf-8"), re.DOTALL)[1])


def drawn(path, width=1280):
    """The page as Chromium leaves it, and what it said on its console."""
    command = [
        CHROMIUM, "--headless=new", "--no-sandbox", "--disable-gpu", f"--window-size={width},900", "--virtual-time-budget=8000",
        "--enable-logging=stderr", "--dump-dom", f"file://{path}",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]


class Elements(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags = []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))


def test_an_empty_store_gives_a_page_that_says_so(store, tmp_path):
    """Without any run every headline and every chart says that there is no data, and the index that it is not available."""
    written = page(tmp_path).read_text("utf-8")
    assert written.count("No data yet</p>") == 4
    assert written.count('<p class="empty">No data yet.</p>') == 4
    assert '<p class="value na">Not available</p>' in written


def test_one_point_of_history_is_shown(store, tmp_path):
    """A single week stands in headline, chart and table with its address and its words."""
    words, url = "$2,500,000,000 4.875% Senior Notes due 2035", "https://www.sec.gov/Archives/a.txt"
    keep_week(store, "2026-W46", [("k/1", "Meta", Decimal(2_500_000_000), words, url)], Decimal(2_500_000_000))
    path = page(tmp_path)
    data = block(path)
    [section] = [each for each in data["sections"] if each["chart"]["id"] == "bonds"]
    assert section["chart"]["series"][0] == {"label": "Meta", "kind": "stack", "values": [2_500_000_000]}
    assert section["table"]["rows"][0][4] == [2_500_000_000, 0]
    assert data["documents"][0] == [url, words]
    assert 'data-value="2500000000">$2.50 bn<' in path.read_text("utf-8")


def test_a_gap_of_a_year_is_not_bridged(store, tmp_path):
    """Between windows a year apart the chart has a place without values."""
    for name in ("2025-W40", "2026-W40"):
        keep_week(store, name, [(f"{name}/1", "Meta", Decimal(7), "w", "https://a.example/")], Decimal(7))
    chart = block(page(tmp_path))["sections"][0]["chart"]
    assert chart["labels"] == ["2025-W40", "", "2026-W40"]
    assert chart["series"][-2]["values"] == [7, None, 7]


def test_a_withheld_headline_says_why(store, tmp_path):
    """A headline that cannot be had is shown as not available with the reason, never as zero."""
    keep_week(store, "2026-W46", [], None, withheld="61.0% of what was due could be read <b>")
    written = page(tmp_path).read_text("utf-8")
    assert "Not available" in written
    assert "61.0% of what was due could be read &lt;b&gt;" in written
    assert block(tmp_path / "out" / "report.html")["sections"][0]["chart"]["series"][-2]["values"] == [None]


def test_a_changed_store_as_of_shows_what_was_known(store, tmp_path):
    """As of a day, later windows are not there; a day to come is refused."""
    for name in ("2026-W40", "2026-W44"):
        keep_week(store, name, [(f"{name}/1", "Meta", Decimal(7), "w", "https://a.example/")], Decimal(7))
    assert block(page(tmp_path, "--as-of", "2026-10-20"))["sections"][0]["chart"]["labels"] == ["2026-W40"]
    assert main(["report", "--out", str(tmp_path / "r.html"), "--as-of", "2999-01-01"]) == 2


def test_hostile_names_stay_text(store, tmp_path):
    """Markup, marks that turn writing round, and 500 characters in a name end no element and run nowhere."""
    lines = [
        ("k/1", HOSTILE, Decimal(2), HOSTILE, "javascript:alert(1)"),
        ("k/2", "N" * 500, Decimal(1), '"><svg onload=alert(1)>', 'https://a.example/"onmouseover="x'),
    ]
    alert = Alert("weekly-volume", "high", HOSTILE, None, Decimal(3), Decimal(1), "USD", HOSTILE)
    keep_week(store, "2026-W46", lines, Decimal(3), alert)
    path = page(tmp_path)
    written = path.read_text("utf-8")
    seen = Elements()
    seen.feed(written)
    scripts = [attributes for tag, attributes in seen.tags if tag == "script"]
    assert scripts == [{"type": "application/json", "id": "data"}, {}, {}]
    assert not [tag for tag, _ in seen.tags if tag in ("img", "svg", "iframe", "object")]
    assert "\u202e" not in written
    data = block(path)
    assert [pair[0] for pair in data["documents"]] == ["", ""]
    assert data["sections"][0]["chart"]["series"][1]["label"] == "N" * 39 + "…"


def test_a_damaged_database_is_named(clean_environment, tmp_path, capsys):
    """A corrupted SQLite file gives exit 1 and a message with its name, and no page."""
    (tmp_path / "sentinel.db").write_bytes(b"SQLite format 3\0" + b"\xff" * 4000)
    assert main(["report", "--out", str(tmp_path / "r.html")]) == 1
    assert str(tmp_path / "sentinel.db") in capsys.readouterr().err
    assert not (tmp_path / "r.html").exists()


def test_nothing_but_the_page_s_own_code_may_run(store, tmp_path):
    """The content policy allows no source but the hashes of the two scripts and the style, which are the page's own."""
    written = page(tmp_path).read_text("utf-8")
    policy = re.search(r'Security-Policy" content="([^"]*)"', written)[1]
    codes = re.findall(r"<script>(.*?)</script>", written, re.DOTALL) + re.findall(r"<style>(.*?)</style>", written, re.DOTALL)
    hashes = [f"'sha256-{base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()}'" for code in codes]
    assert policy == (
        f"default-src 'none'; script-src {hashes[0]} {hashes[1]}; style-src {hashes[2]}; base-uri 'none'; form-action 'none'"
    )
    assert not re.search(r"<(link|img|iframe)|@import|url\(", written)


def test_words_that_differ_by_their_day_alone_are_kept_once():
    """A day in a price's words is replaced by a mark, so that a thousand days are one pair."""
    documents = Documents()
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(9)]
    numbers = {documents.number("https://a.example/", f"unadjusted close of {day}", day.isoformat()) for day in days}
    assert numbers == {0}
    assert documents.pairs == [["https://a.example/", "unadjusted close of \u0001"]]


def test_text_and_addresses_are_made_safe():
    """Controls go, length is cut, and only a clean https address is a link."""
    assert text("a\x00b\u202ec\nd") == "abc d"
    assert text("x" * 100, 10) == "x" * 9 + "…"
    assert link("https://www.sec.gov/a?b=c") == "https://www.sec.gov/a?b=c"
    assert [link(each) for each in ("http://a/", "javascript:x", "https://a/ b", "https://a/'")] == [""] * 4


@browser
@pytest.mark.parametrize("width", [1280, 390])
def test_a_browser_draws_it_without_an_error(clean_environment, tmp_path, width):
    """A year of all four: five charts are drawn, nothing is on the console, and the values on screen are the store's."""
    fill(tmp_path / "sentinel.db", 1)
    path = page(tmp_path)
    dom, console = drawn(path, width)
    assert console == []
    assert 'data-ready="yes"' in dom
    assert dom.count("<canvas") == 5
    with_values = SqliteStore(tmp_path / "sentinel.db")
    for name in ("bond-issuance", "bdc-discount", "credit-fund", "bank-provision"):
        newest = with_values.signals(name, limit=1)[0][0]
        assert f'data-scraper="{name}"' in dom
        assert f'data-value="{newest.headline}"' in dom
    funds = with_values.signals("bdc-discount", limit=1)[0][0].data["bdcs"]
    for fund in funds.values():
        assert f'data-value="{Decimal(fund["discount"]).normalize():f}"' in dom
        assert f'data-value="{Decimal(fund["nav"]).normalize():f}"' in dom
        assert fund["nav_source"] in dom
    with_values.close()


def acted(path, script):
    """The page as it is after `script` has run in it; the policy that forbids such scripts is taken out of the copy."""
    written = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", path.read_text("utf-8"))
    copy = path.with_name("acted.html")
    copy.write_text(written.replace("</body>", f"<script>{script}</script></body>"), "utf-8")
    return drawn(copy)


@browser
def test_keys_tell_values_and_heads_sort(store, tmp_path):
    """The End key tells the newest week's values and alert; a click on a head sorts by it, largest first, then smallest."""
    lines = [
        (f"k/{n}", name, Decimal(size), "w", "https://a.example/")
        for n, (name, size) in enumerate([("A", 3), ("B", 9), ("C", 5)])
    ]
    alert = Alert("weekly-volume", "medium", "much was sold", None, Decimal(17), Decimal(5), "USD", "why")
    keep_week(store, "2026-W46", lines, Decimal(17), alert)
    path = page(tmp_path)
    press = """const c = document.getElementById("c-bonds"); c.focus();
        c.dispatchEvent(new KeyboardEvent("keydown", { key: "End" }));"""
    dom, console = acted(path, press)
    assert console == []
    told = re.search(r'id="v-bonds"[^>]*>([^<]*)<', dom)[1]
    assert told == "2026-W46, A $3, C $5, B $9, Total $17, medium: much was sold"
    for clicks, order in ((1, ["9", "5", "3"]), (2, ["3", "5", "9"])):
        click = 'document.querySelectorAll("#s-bonds th button")[6].click();' * clicks
        dom, _ = acted(path, click)
        table = dom[dom.index('id="s-bonds"') :]
        assert re.findall(r'data-value="(\d+)"><a[^>]*>\$', table)[:3] == order


@browser
def test_a_browser_runs_nothing_of_a_hostile_name(store, tmp_path):
    """A name full of markup is text in the drawn page, the title stays ours."""
    keep_week(store, "2026-W46", [("k/1", HOSTILE, Decimal(2), HOSTILE, "javascript:alert(1)")], Decimal(2))
    dom, console = drawn(page(tmp_path))
    assert console == []
    assert "<title>Boom-Bust Sentinel</title>" in dom
    assert "javascript:" not in dom
    assert "<img" not in dom


def test_a_headline_of_an_old_period_is_called_old(store, tmp_path):
    """A week's headline a year old carries its age and the word."""
    keep_week(store, "2025-W46", [], Decimal(0))
    written = page(tmp_path).read_text("utf-8")
    assert re.search(r'<li class="old"><b>2025-W46</b> \d+ days old · old</li>', written)


def test_the_same_alert_is_a_mark_at_its_window(store, tmp_path):
    """An alert stands at its window in the chart, with level and words; its headline card carries the level."""
    alert = Alert("weekly-volume", "medium", "much was sold", None, Decimal(9), Decimal(5), "USD", "why")
    keep_week(store, "2026-W45", [], Decimal(1))
    keep_week(store, "2026-W46", [], Decimal(9), replace(alert))
    path = page(tmp_path)
    assert block(path)["sections"][0]["chart"]["alerts"] == [{"at": 1, "level": "medium", "words": "much was sold"}]
    assert 'class="card medium" data-scraper="bond-issuance"' in path.read_text("utf-8")
