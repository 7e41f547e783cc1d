"""Builds and weighs what is shipped: `python infra/build.py --stage dev` fills build/dev with a Chalice project.

The copy has no caches, its policies name the account and region, its environment holds the stack's outputs, and vendor/
holds every dependency as a trimmed wheel for Lambda's platform, so that Chalice has nothing left to resolve.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
SENTINEL = ROOT / "sentinel"
STAGES = ("dev", "staging", "prod")

_GLIBC_2_26 = ("manylinux2014_x86_64", "manylinux_2_17_x86_64", "manylinux_2_24_x86_64", "manylinux_2_26_x86_64")
_GLIBC_2_34 = (*_GLIBC_2_26[:3], "manylinux_2_27_x86_64", "manylinux_2_28_x86_64", "manylinux_2_34_x86_64")
PLATFORMS: Mapping[str, tuple[str, ...]] = {"3.11": _GLIBC_2_26} | dict.fromkeys(("3.12", "3.13", "3.14", "3.15"), _GLIBC_2_34)
"""Wheels the runtime's glibc can load: 2.26 on python3.11 (Amazon Linux 2), 2.34 from python3.12 on (Amazon Linux 2023)."""

SOURCES = {"credit-fund": "FORM_PF_SOURCE", "bank-provision": "TRANSCRIPT_SOURCE"}
"""The variable that may name a bucket of the user's own (`s3://bucket/prefix`), by the scraper that reads it."""

UNUSED_FOLDERS = ("tests", "__pycache__")
UNUSED_ENDINGS = (".pyc", ".pyi", ".pyx", ".pxd", ".h", ".hpp", ".c", ".cpp", ".f90")
UNUSED_PATHS = ("bin", "playhouse", "numpy/f2py", "numpy/_core/include", "numpy/random/_examples", "lxml/includes", "numpy/doc")
"""What no import needs at run time: test suites, type stubs, C sources, build tools, peewee's extras."""

MIB = 1024 * 1024
LARGEST_LAYER = 49 * MIB
LARGEST_FUNCTION = 1 * MIB
LARGEST_UNZIPPED = 220_000_000
"""Zipped bytes of the layer and of a function, unzipped bytes of both; Lambda's own limits are 50 MiB and 250 MB."""


class Refused(Exception):
    """The package cannot be shipped as it is; the message says why in one line."""


def build(
    stage: str, target: Path, *, account: str = "*", region: str = "*", environment: Mapping[str, str] | None = None
) -> None:
    """Make `target` a Chalice project ready to package or deploy for `stage`."""
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    if version not in PLATFORMS:
        raise Refused(f"Python {version} is no Lambda runtime this product ships for: use one of {', '.join(PLATFORMS)}")
    deployed = target / ".chalice" / "deployed"
    vendor = target / "vendor"
    for path in (target / "chalicelib", target / "app.py", target / "__pycache__"):
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    target.mkdir(parents=True, exist_ok=True)
    shutil.copy(SENTINEL / "app.py", target / "app.py")
    shutil.copytree(SENTINEL / "chalicelib", target / "chalicelib", ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
    (target / "requirements.txt").write_text("")
    _configure(stage, target / ".chalice", account, region, environment or {})
    if (SENTINEL / ".chalice" / "deployed").is_dir():
        shutil.copytree(SENTINEL / ".chalice" / "deployed", deployed, dirs_exist_ok=True)
    _vendor(vendor, version)


def _configure(stage: str, target: Path, account: str, region: str, environment: Mapping[str, str]) -> None:
    """The stage's configuration with its stack's outputs, and policies whose ARNs name this account and region alone."""
    target.mkdir(exist_ok=True)
    config = json.loads((SENTINEL / ".chalice" / "config.json").read_text())
    config["stages"] = {stage: config["stages"][stage]}
    config["stages"][stage]["environment_variables"].update(environment)
    (target / "config.json").write_text(json.dumps(config, indent=1))
    for name in config["stages"][stage]["lambda_functions"]:
        text = json.dumps(policy(stage, name, account, region, environment), indent=1)
        (target / f"policy-{stage}-{name}.json").write_text(text)


def policy(stage: str, function: str, account: str, region: str, environment: Mapping[str, str]) -> dict[str, Any]:
    """The function's policy for this account and region; what it reads from a bucket of the user's own is added."""
    text = (SENTINEL / ".chalice" / f"policy-{stage}-{function}.json").read_text().replace(":*:*:", f":{region}:{account}:")
    document: dict[str, Any] = json.loads(text.replace(f"{stage}-docs-*", f"{stage}-docs-{account}-{region}"))
    address = environment.get(SOURCES.get(function.removesuffix("-chunked"), ""), "")
    if address.startswith("s3://"):
        bucket, _, key = address.removeprefix("s3://").rstrip("/").partition("/")
        below = f"arn:aws:s3:::{bucket}/{key}"
        listed: dict[str, Any] = {"Sid": "ListSource", "Effect": "Allow", "Action": ["s3:ListBucket"]}
        listed["Resource"] = [f"arn:aws:s3:::{bucket}"]
        if key:
            listed["Condition"] = {"StringLike": {"s3:prefix": [key, f"{key}/*"]}}
        read = {"Sid": "ReadSource", "Effect": "Allow", "Action": ["s3:GetObject"]}
        document["Statement"] += [listed, {**read, "Resource": [below, f"{below}/*"] if key else [f"{below}*"]}]
    return document


def _vendor(vendor: Path, version: str) -> None:
    """Fill `vendor` with the pinned wheels, trimmed; nothing is done when it already holds exactly those."""
    pins = (SENTINEL / "requirements.txt").read_text()
    stamp = f"{version}\n{pins}\n{UNUSED_FOLDERS}{UNUSED_ENDINGS}{UNUSED_PATHS}"
    mark = vendor.parent / "vendored.txt"
    if mark.exists() and mark.read_text() == stamp:
        return
    shutil.rmtree(vendor, ignore_errors=True)
    wheels(vendor, version, SENTINEL / "requirements.txt")
    mark.write_text(stamp)


def wheels(target: Path, version: str, requirements: Path) -> None:
    """Fill `target` with the pinned wheels for Lambda on that Python, whichever this one is, and trim them."""
    platforms = [word for name in PLATFORMS[version] for word in ("--platform", name)]
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--target", str(target)]
    command += [*platforms, "--python-version", version, "--implementation", "cp", "--only-binary=:all:", "--no-deps"]
    command += ["--ignore-requires-python", "-r", str(requirements)]  # it would be asked of the Python that runs pip
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 -- our own command
    if done.returncode:
        raise Refused(f"dependencies could not be had for Python {version}: {done.stderr.strip().splitlines()[-1]}")
    trim(target)


def trim(vendor: Path) -> None:
    """Remove what no import needs at run time."""
    for name in UNUSED_PATHS:
        shutil.rmtree(vendor / name, ignore_errors=True)
    for path in sorted(vendor.rglob("*"), reverse=True):
        if path.is_dir() and path.name in UNUSED_FOLDERS:
            shutil.rmtree(path)
        elif path.is_file() and path.suffix in UNUSED_ENDINGS:
            path.unlink()


def weigh(packages: Path) -> list[str]:
    """The weights of the zips `chalice package` or `chalice deploy` left in a folder; raises `Refused` over a limit."""
    lines = []
    unzipped = 0
    zips = sorted(packages.rglob("*.zip"))
    if not zips:
        raise Refused(f"{packages}: no package was made")
    for path in zips:
        layer = _is_layer(path)
        size = path.stat().st_size
        most = LARGEST_LAYER if layer else LARGEST_FUNCTION
        unzipped += sum(info.file_size for info in zipfile.ZipFile(path).infolist())
        what = "layer" if layer else "function"
        lines.append(f"{what} {path.name}: {size / MIB:.2f} MiB zipped (at most {most / MIB:.0f})")
        if size > most:
            raise Refused(lines[-1])
    lines.append(f"unzipped together: {unzipped / 1e6:.0f} MB (at most {LARGEST_UNZIPPED / 1e6:.0f})")
    if unzipped > LARGEST_UNZIPPED:
        raise Refused(lines[-1])
    return lines


def _is_layer(path: Path) -> bool:
    return any(name.startswith("python/") for name in zipfile.ZipFile(path).namelist()[:50])


def package(target: Path, stage: str, out: Path, form: str = "cloudformation", region: str = "us-east-1") -> None:
    """`chalice package` on a built project; raises `Refused` also where Chalice itself would have shrugged."""
    command = [str(Path(sys.executable).parent / "chalice"), "package", "--stage", stage, "--pkg-format", form, str(out)]
    done = subprocess.run(  # noqa: S603 -- our own command
        command, cwd=target, capture_output=True, text=True, check=False, env=chalice_environment(region)
    )
    said = done.stdout + done.stderr
    if done.returncode or "Could not install dependencies" in said:
        raise Refused(f"chalice package failed: {' '.join(said.split())[-300:]}")


def chalice_environment(region: str) -> dict[str, str]:
    """What Chalice is run with; it loads app.py, and must leave no bytecode in what is shipped."""
    return {**os.environ, "AWS_DEFAULT_REGION": region, "PYTHONDONTWRITEBYTECODE": "1"}


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stage", required=True, choices=STAGES)
    parser.add_argument("--region", default="*")
    parser.add_argument("--account", default="*")
    parser.add_argument("--environment", type=json.loads, default={}, help="JSON object of further environment variables")
    parser.add_argument("--package", choices=["cloudformation", "terraform"], help="also package, and weigh it")
    return parser.parse_args()


def main() -> Iterator[str]:
    """Build, and package and weigh when asked; yields what to print."""
    chosen = _arguments()
    target = ROOT / "build" / chosen.stage
    build(chosen.stage, target, account=chosen.account, region=chosen.region, environment=chosen.environment)
    yield f"built {target.relative_to(ROOT)}"
    if chosen.package:
        out = ROOT / "build" / f"{chosen.stage}-{chosen.package}"
        shutil.rmtree(out, ignore_errors=True)
        package(target, chosen.stage, out, chosen.package, "us-east-1" if chosen.region == "*" else chosen.region)
        yield from weigh(out)


if __name__ == "__main__":
    try:
        for line in main():
            print(line)
    except Refused as refused:
        sys.exit(f"refused: {refused}")
