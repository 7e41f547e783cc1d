"""The command line: `python sentinel/app.py run | extract | history | backfill | backtest | report | limits | status`.

Results go to standard output, progress to standard error. Exit 0 done, 1 failed, 2 usage.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from chalicelib import answer, assembly, engine, history, limits, scrapers, status, vigil
from chalicelib.deadline import Deadline
from chalicelib.errors import BadEvent, SentinelError
from chalicelib.ports import Source

if TYPE_CHECKING:
    from chalicelib.ports import Scraper, Services, Table

DONE, FAILED, USAGE = 0, 1, 2
_HOW = "run it, or backfill a past period"


def main(arguments: Sequence[str]) -> int:
    """Run one command; returns its exit status."""
    chosen = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = chosen.command
    try:
        return command(chosen)
    except BadEvent as error:
        print(f"sentinel: {error}", file=sys.stderr)
        return USAGE
    except SentinelError as error:
        print(f"sentinel: {type(error).__name__}: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("sentinel: stopped; what is stored stays, run it again to go on", file=sys.stderr)
        return FAILED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python sentinel/app.py", description="Boom-Bust Sentinel")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, work: Callable[[argparse.Namespace], int], words: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=words, description=words)
        made.set_defaults(command=work)
        return made

    run = command("run", _run, "run a scraper, or all, to its conclusion")
    run.add_argument("scraper", choices=[*scrapers.NAMES, "all"])
    run.add_argument("--window", help="2026-W47, 2026-11-23 or 2026Q3 instead of the default period")
    run.add_argument("--as-of", type=_day, help="run as if it were that day's end, with what was known then")
    extract = command("extract", _extract, "read documents on disk, one JSON line each")
    extract.add_argument("scraper", choices=scrapers.NAMES)
    extract.add_argument("files", nargs="+", metavar="FILE")
    past = command("history", _history, "a scraper's signals over time")
    past.add_argument("scraper", choices=scrapers.NAMES)
    past.add_argument("--as-of", type=_day, help="as they stood at that day's end")
    past.add_argument("--format", choices=["table", "csv", "json", "parquet"], default="table", help="json: one line each")
    past.add_argument("--observations", action="store_true", help="what the signals were summarised from")
    past.add_argument("--out", type=Path, help="a file instead of standard output")
    backfill, tried = _replaying(command)
    page = command("report", _report, "write everything as one page that opens anywhere")
    page.add_argument("--out", type=Path, default=Path("report.html"), help="where to write it (report.html)")
    page.add_argument("--as-of", type=_day, help="as things stood at that day's end")
    thresholds = command("limits", _limits, "show the alert thresholds, or set one: limits SCRAPER NAME VALUE")
    thresholds.add_argument("change", nargs="*", metavar="SCRAPER NAME VALUE")
    told = command("status", _status, "what ran, how old each headline is, what waits for a person")
    told.add_argument("--feeds", action="store_true", help="list every feed, not only those in trouble")
    for each in (run, past, backfill, tried, page, thresholds, told):
        each.add_argument("--stage", help="work on that stage's AWS resources instead of the local store")
    for each in (run, backfill, tried, told):
        each.add_argument("--json", action="store_true", help="standard output is JSON")
    return parser


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day: expected YYYY-MM-DD") from None


def _replaying(command: Callable[..., argparse.ArgumentParser]) -> tuple[argparse.ArgumentParser, argparse.ArgumentParser]:
    """The two commands that go through a past period."""
    backfill = command("backfill", _backfill, "run every window of a past period, without sending alerts")
    backfill.add_argument("scraper", choices=scrapers.NAMES)
    backfill.add_argument("--from", dest="first", type=_day, required=True)
    backfill.add_argument("--to", dest="last", type=_day, required=True)
    backfill.add_argument("--processes", type=int, choices=range(1, 9), metavar="1-8", help="readers at once (one a core)")
    tried = command("backtest", _backtest, "which alerts would have fired, on what was known at the time")
    tried.add_argument("scraper", choices=scrapers.NAMES)
    tried.add_argument("--from", dest="first", type=_day, default=date.min)
    tried.add_argument("--to", dest="last", type=_day, default=date.max)
    tried.add_argument("--limit", action="append", default=[], metavar="NAME=VALUE", help="a threshold to try")
    tried.add_argument("--series", type=Path, help="a CSV file with the head date,value: a drawdown, a spread")
    tried.add_argument("--event", help="what the series is watched for: above:NUMBER or below:NUMBER")
    tried.add_argument("--horizon", type=int, default=90, help="days within which an event makes an alert true (90)")
    return backfill, tried


def _services(chosen: argparse.Namespace, scraper: Scraper | None = None, as_of: date | None = None) -> Services:
    settings = assembly.settings(chosen.stage)
    telemetry = assembly.terminal_telemetry(settings)
    moment = history.end_of(as_of) if as_of else None
    return assembly.assemble(settings, scraper, Deadline(), telemetry, now=moment)


def _run(chosen: argparse.Namespace) -> int:
    names = scrapers.NAMES if chosen.scraper == "all" else (chosen.scraper,)
    if chosen.window and len(names) > 1:
        raise BadEvent("--window goes with one scraper: their periods differ")
    failed = [name for name in names if not _run_one(name, chosen)]
    return FAILED if failed else DONE


def _run_one(name: str, chosen: argparse.Namespace) -> bool:
    """Run one scraper and print its result; whether a signal stands at the end."""
    scraper = scrapers.load(name)
    services = _services(chosen, scraper, chosen.as_of)
    known_by = history.end_of(chosen.as_of) if chosen.as_of else None
    results: list[engine.Result] = []
    try:
        for window in assembly.windows_for(scraper, chosen.window, services):
            task = replace(assembly.task_for(scraper, window, Deadline()), known_by=known_by)
            results.append(engine.run(task, services))
    except BadEvent:
        raise
    except SentinelError as error:
        print(f"sentinel: {name}: {type(error).__name__}: {error}", file=sys.stderr)
        services.notifier.operator("run-failed", f"{name}: {error}", {"scraper": name})
        if not chosen.as_of:
            vigil.watch(scraper, (), services, Deadline())
        if chosen.json:
            _print_json({"success": False, "scraper": name, "error": str(error), "error_type": type(error).__name__})
        return False
    if not chosen.as_of:
        vigil.watch(scraper, results, services, Deadline())
    result = results[-1]
    if result.signal is None:
        print(f"sentinel: {name}: the run is in another process's hands", file=sys.stderr)
        return False
    if chosen.json:
        _print_json(answer.of_result(name, result))
    else:
        _print_table(scraper.table(result.signal, engine.observations(task, services)))
        for notice in result.notices:
            print(f"  ! {notice.kind}: {notice.subject}: {notice.words}")
        for outcome in (result.outcomes or {}).values():
            if outcome.state != "done":
                print(f"  ! {outcome.state}: {outcome.item}: {outcome.evidence.splitlines()[0] if outcome.evidence else ''}")
    return result.signal.withheld is None and not services.notifier.undelivered()


def _extract(chosen: argparse.Namespace) -> int:
    sources = [Source(Path(name).name, name) for name in chosen.files]
    good = True
    for line in scrapers.load(chosen.scraper).extract(sources):
        good = good and "error" not in line
        _print_json(line)
    return DONE if good else FAILED


def _history(chosen: argparse.Namespace) -> int:
    scraper = scrapers.load(chosen.scraper)
    store = _services(chosen).store
    if chosen.observations:
        columns = history.OBSERVATION_COLUMNS
        found = history.observation_rows(scraper.NAME, history.observations(scraper, store, chosen.as_of))
        shown: Sequence[str] = ("as_of", "kind", "subject", "value", "unit", "confidence", "known_at")
    else:
        columns = history.COLUMNS
        found = history.rows(history.signals(scraper, store, chosen.as_of))
        shown = ("window", "headline", "unit", "change", "coverage", "confidence", "withheld")
    if not found:
        print(f"nothing is kept of {scraper.NAME}{' as of that day' if chosen.as_of else ''}: {_HOW}", file=sys.stderr)
    match chosen.format:
        case "json":
            _export(chosen.out, "".join(f"{json.dumps(answer.plain(row), ensure_ascii=False)}\n" for row in found).encode())
        case "csv":
            _export(chosen.out, history.as_csv(found, columns).encode())
        case "parquet":
            if chosen.out is None:
                raise BadEvent("--format parquet goes into a file: say which with --out")
            _export(chosen.out, history.as_parquet(found, columns))
        case _:
            _print_text_table(shown, [["" if row[name] is None else str(row[name]) for name in shown] for row in found])
    return DONE


def _export(out: Path | None, body: bytes) -> None:
    """Write to the file, to standard output where there is none."""
    if out is None:
        sys.stdout.write(body.decode())
        return
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_bytes(body)
    except OSError as error:
        raise BadEvent(f"--out {out}: {error.strerror}") from error


def _backfill(chosen: argparse.Namespace) -> int:
    from chalicelib import backfill

    scraper = scrapers.load(chosen.scraper)
    told = assembly.settings(chosen.stage)
    settings = replace(told, log_level="WARNING") if told.log_level == "INFO" else told
    services = replace(_services(chosen, scraper), telemetry=assembly.terminal_telemetry(settings))
    windows = backfill.due(scraper, chosen.first, chosen.last, services.fetch.now().date())
    left = [window for window in windows if not backfill.settled(services.store, scraper, window)]
    processes = chosen.processes or backfill.processes_for(settings)
    failed = 0
    if left and processes > 1 and not settings.table:
        reading = backfill.Progress(len(left))
        backfill.read_ahead(scraper.NAME, left, settings, processes, reading)
        reading.end()
    concluding = backfill.Progress(len(windows))
    for window, result in backfill.conclude(scraper, windows, services, concluding):
        if result and (result.signal is None or result.signal.withheld):
            failed += 1
            print(f"sentinel: {window}: {result.signal.withheld if result.signal else result.state}", file=sys.stderr)
        if result and chosen.json:
            _print_json(answer.of_result(scraper.NAME, result))
    concluding.end()
    print(f"{len(windows) - failed} of {len(windows)} windows concluded", file=sys.stderr)
    return FAILED if failed else DONE


def _backtest(chosen: argparse.Namespace) -> int:
    from chalicelib import backtest

    scraper = scrapers.load(chosen.scraper)
    services = _services(chosen, scraper)
    if chosen.first > chosen.last:
        raise BadEvent(f"--from {chosen.first} is after --to {chosen.last}")
    if (chosen.series is None) != (chosen.event is None) or chosen.horizon < 0:
        raise BadEvent("--series and --event go together; --horizon is no less than 0")
    tried = {name: value for name, _, value in (each.partition("=") for each in chosen.limit)}
    own = limits.in_force(scraper, services)
    chosen_limits = limits.overlaid({scraper.NAME: tried}, {scraper.NAME: own})[scraper.NAME]
    event = backtest.Event.parse(chosen.event) if chosen.event else None
    values = backtest.series(_lines(chosen.series), str(chosen.series)) if chosen.series else []
    fired = list(backtest.fired(scraper, services.store, chosen_limits, chosen.first, chosen.last))
    worth = backtest.worth([each.at.date() for each in fired], values, event, chosen.horizon) if event else None
    told = answer.of_backtest(scraper.NAME, chosen_limits, fired, worth)
    if chosen.json:
        _print_json(told)
        return DONE
    shown = ("at", "window", "rule", "level", "before", "after", "threshold", "unit")
    _print_text_table(shown, [["" if row[name] is None else str(row[name]) for name in shown] for row in told["alerts"]])
    print(f"\n  limits {', '.join(f'{name} {value}' for name, value in chosen_limits.items())}")
    for name, value in (told["worth"] or {}).items():
        shown_value = ", ".join(map(str, value)) if isinstance(value, tuple) else value
        print(f"  {name.replace('_', ' ')}: {'none' if shown_value in (None, '') else shown_value}")
    if not services.store.signals(scraper.NAME, limit=1):
        print(f"nothing is kept of {scraper.NAME}: {_HOW}", file=sys.stderr)
    return DONE


def _lines(path: Path) -> Sequence[str]:
    try:
        return path.read_text("utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise BadEvent(f"{path}: it is no text in UTF-8 (byte {error.start})") from error
    except OSError as error:
        raise BadEvent(f"{path}: {error.strerror}") from error


def _report(chosen: argparse.Namespace) -> int:
    from chalicelib.report import report

    known = [scrapers.load(name) for name in scrapers.NAMES]
    services = _services(chosen)
    text = report(known, _with_limits(services, known), chosen.as_of)
    _export(chosen.out, text.encode())
    print(f"the report is in {chosen.out} ({len(text.encode()) / 1_000_000:.1f} MB)", file=sys.stderr)
    return DONE


def _limits(chosen: argparse.Namespace) -> int:
    """Print every threshold, or set one (`default` takes it back) and print it."""
    services = _services(chosen)
    known = [scrapers.load(name) for name in scrapers.NAMES]
    defaults = {each.NAME: each.LIMITS for each in known}
    if len(chosen.change) == len(("SCRAPER", "NAME", "VALUE")):
        scraper, name, value = chosen.change
        kept = services.store.kept(limits.KEPT)
        wanted = limits.changed(kept, scraper, name, None if value == "default" else value, defaults)
        services.store.keep(limits.KEPT, wanted, services.fetch.now())
    elif chosen.change:
        raise BadEvent("limits: expected nothing, or SCRAPER NAME VALUE (VALUE `default` takes a change back)")
    now = limits.overlaid(services.store.kept(limits.KEPT), defaults)
    rows = [
        [scraper, name, str(value), "" if value == defaults[scraper][name] else f"default {defaults[scraper][name]}"]
        for scraper, own in now.items()
        for name, value in own.items()
    ]
    _print_text_table(("scraper", "threshold", "value", ""), rows)
    return DONE


def _with_limits(services: Services, known: Sequence[Scraper]) -> Services:
    """The services with the thresholds in force of all these scrapers."""
    kept = services.store.kept(limits.KEPT)
    return replace(services, limits=limits.overlaid(kept, {each.NAME: each.LIMITS for each in known}))


def _status(chosen: argparse.Namespace) -> int:
    known = [scrapers.load(name) for name in scrapers.NAMES]
    told = status.of(known, _with_limits(_services(chosen), known))
    if chosen.json:
        _print_json(told)
    else:
        for table in status.tables(told, every_feed=chosen.feeds):
            _print_table(table)
    return DONE


def _print_json(value: object) -> None:
    print(json.dumps(answer.plain(value), ensure_ascii=False), flush=True)


def _print_table(table: Table) -> None:
    print(f"\n{table.title}\n")
    _print_text_table(table.columns, table.rows)
    for note in table.notes:
        print(f"  {note}")


def _print_text_table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    safe = [["".join(c if c.isprintable() else " " for c in cell) for cell in row] for row in [columns, *rows]]
    widths = [max(len(row[n]) for row in safe) for n in range(len(columns))]
    for n, row in enumerate(safe):
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
        if n == 0:
            print("  " + "  ".join("-" * width for width in widths))
