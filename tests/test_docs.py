"""The README says what the code does: commands, schedules, settings, thresholds, functions, make targets."""

import re
from pathlib import Path

import pytest

from chalicelib import scrapers
from chalicelib.cli import _parser

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def table(heading: str) -> list[list[str]]:
    """The cells of the first table below a heading, without its head and rule; code marks and escapes taken off."""
    lines = f"\n{README}".split(f"\n{heading}\n", 1)[1].splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("|"))
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append([cell.strip().replace("`", "").replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
    return rows


def test_the_table_of_scrapers_names_all_four_and_their_schedules():
    """README's first table has the four scrapers with the times app.py schedules them at."""
    import app

    rows = {row[0]: row[3] for row in table("# Boom-Bust Sentinel")}
    assert tuple(rows) == scrapers.NAMES
    for each in app.app.event_sources:
        minute, hour = each.schedule_expression.to_string().removeprefix("cron(").split()[:2]
        assert f"{int(hour):02d}:{int(minute):02d}" in rows[each.name]


def test_every_command_is_documented_with_its_options():
    """Each command of the command line, and each of its options, stands in README's table of commands, and no other."""
    documented = {row[0].split()[0]: row[0] for row in table("## Commands")}
    commands = next(action for action in _parser()._actions if action.choices).choices
    assert set(documented) == set(commands)
    for name, parser in commands.items():
        options = {option for action in parser._actions for option in action.option_strings if option.startswith("--")} - {
            "--help"
        }
        assert set(re.findall(r"--[a-z-]+", documented[name])) == options, name


def test_every_setting_is_documented_and_read():
    """README's settings are exactly the variables settings.py reads."""
    source = (ROOT / "sentinel" / "chalicelib" / "settings.py").read_text()
    read = set(re.findall(r"env(?:\.get\(|, )\"([A-Z_]+)\"", source)) - {"AWS_REGION", "AWS_DEFAULT_REGION"}
    documented = {name for row in table("## Settings") for name in re.findall(r"[A-Z][A-Z_]+", row[0])}
    assert documented == read


@pytest.mark.parametrize("name", scrapers.NAMES)
def test_every_threshold_is_documented_with_its_default(name):
    """README's thresholds of a scraper are its LIMITS, value by value."""
    from decimal import Decimal

    documented = {row[1]: Decimal(row[2].replace(",", "")) for row in table("## Alerts") if row[0] == name}
    assert documented == dict(scrapers.load(name).LIMITS)


def test_readmes_make_targets_exist():
    """Every `make …` the README names is a target of the Makefile."""
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z]+)", README)) - {"are"} <= targets


def test_ci_runs_the_readmes_test_command():
    """`.ci/run` calls the README's test command and then the house rules."""
    script = (ROOT / ".ci" / "run").read_text()
    assert "make test" in README
    assert script.index("make test") < script.index("make check")
