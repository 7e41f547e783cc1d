"""The package is complete, light, and imports by itself, on every Python this product ships for that is on this machine."""

import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import boto3
import pytest
from chalice.deploy.packager import BaseLambdaDeploymentPackager
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "infra"))

from loopback_lambda import OF_THE_RUNTIME, unpack  # noqa: E402 -- as above

from build import LARGEST_FUNCTION, LARGEST_LAYER, LARGEST_UNZIPPED, PLATFORMS, Refused, trim, weigh, wheels  # noqa: E402 -- after the path is set

RUNNING = f"{sys.version_info.major}.{sys.version_info.minor}"
BUILD = """
import sys; sys.path.insert(0, sys.argv[1])
from pathlib import Path
from build import build, package, weigh
project, out = Path(sys.argv[2]), Path(sys.argv[3])
build("dev", project); package(project, "dev", out); print("\\n".join(weigh(out)))
"""
IMPORT = """
import importlib, json, pkgutil, sys
sys.path[:0] = sys.argv[1].split(":")
import app, chalicelib
names = [each.name for each in pkgutil.walk_packages(chalicelib.__path__, "chalicelib.")]
for name in names: importlib.import_module(name)
for name in sys.argv[2:]: importlib.import_module(name)
outside = [module.__file__ for module in sys.modules.values() if "site-packages" in str(getattr(module, "__file__", ""))]
functions = [each for each in dir(app) if each.endswith(("chunked", "issuance", "discount", "fund", "provision"))]
print(json.dumps([names, outside, functions]))
"""


def pythons():
    """The running Python, and every other one this product ships for that is installed here."""
    for version in PLATFORMS:
        installed = [
            *map(str, sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))),
            shutil.which(f"python{version}"),
        ]
        for python in [sys.executable] if version == RUNNING else filter(None, installed):
            if subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0:
                yield pytest.param((version, python), id=version)
                break


def with_chalice(version, python):
    """An interpreter of that version that has Chalice: this one, or one in an environment of its own, made once."""
    if version == RUNNING:
        return python
    home = ROOT / "build" / "packaging" / f"python{version}"
    if not (home / "ready").exists():
        pin = next(line for line in (ROOT / "requirements-dev.txt").read_text().splitlines() if line.startswith("chalice=="))
        subprocess.run([python, "-m", "venv", home], check=True)
        made = subprocess.run(
            [home / "bin" / "python", "-m", "pip", "install", "-q", pin], capture_output=True, text=True, check=False
        )
        if made.returncode:
            pytest.skip(f"Chalice cannot be had for Python {version}: {made.stderr.strip().splitlines()[-1]}")
        (home / "ready").touch()
    return home / "bin" / "python"


@pytest.fixture(scope="module", params=list(pythons()))
def package(request, tmp_path_factory):
    """The package of one Python: its weights, its zips unpacked, and who runs it."""
    version, python = request.param
    place = ROOT / "build" / "packaging"
    place.mkdir(parents=True, exist_ok=True)
    with (place / f"{version}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        out = tmp_path_factory.mktemp("package")
        command = [with_chalice(version, python), "-c", BUILD, str(ROOT / "infra"), str(place / version), str(out)]
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env={**os.environ, "AWS_DEFAULT_REGION": "us-east-1"}
        )
    assert done.returncode == 0, done.stderr[-2000:]
    target = tmp_path_factory.mktemp("unpacked")
    unpack(out / "deployment.zip", out / "layer-deployment.zip", target)
    return version, python, done.stdout, target


def imported(package, *further, without=()):
    version, python, _, target = package
    site = target / "opt" / "python" / "lib" / f"python{version}" / "site-packages"
    for name in without:
        shutil.rmtree(site / name)
    path = [target / "task", site, target / "opt" / "python", target / "runtime"]
    command = [python, "-I", "-S", "-c", IMPORT, ":".join(map(str, path)), *further]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={"AWS_DEFAULT_REGION": "us-east-1"}, cwd=target
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def test_the_package_is_light_enough(package):
    """Layer, function and both unzipped are weighed by build.weigh and are under their limits."""
    _, _, weights, _ = package
    assert "layer" in weights
    assert "function" in weights
    assert (LARGEST_LAYER, LARGEST_FUNCTION, LARGEST_UNZIPPED) == (49 * 1024**2, 1024**2, 220_000_000)


def test_everything_imports_from_the_package_alone(package):
    """With pricing and without it every module and all eight functions import; nothing comes from this environment."""
    target = package[3]
    names, outside, functions = imported(package, "yfinance", "pandas", "lxml.etree", "feedparser", "bs4")
    assert {"chalicelib.scrapers.bond_issuance", "chalicelib.adapters.dynamo", "chalicelib.engine"} <= set(names)
    assert len(functions) == 8
    runtime = tuple(each.strip("*").removesuffix(".py") for each in OF_THE_RUNTIME)
    for file in outside:
        assert file.startswith(str(target)) or Path(file).parts[Path(file).parts.index("site-packages") + 1].startswith(runtime)
    again, _, _ = imported(package, without=("yfinance", "pandas", "numpy"))
    assert again == names


def test_the_newest_python_is_one_that_chalice_and_lambda_share():
    """The product ships for every Python from 3.11 that this Chalice and this botocore's Lambda both know."""
    known = boto3.session.Session(region_name="us-east-1").client("lambda").meta.service_model.shape_for("Runtime").enum
    shared = set(BaseLambdaDeploymentPackager._RUNTIME_TO_ABI) & set(known)
    assert {f"python{version}" for version in PLATFORMS} == shared - {"python3.10"}


def test_the_newest_pythons_wheels_are_there_and_light_enough(tmp_path):
    """Where the newest Python is not on this machine its wheels are, every pin of them, built for it, and under the limits."""
    newest = max(PLATFORMS, key=lambda version: int(version.partition(".")[2]))
    place = ROOT / "build" / "packaging" / f"wheels-{newest}"
    pins = [each for each in (ROOT / "sentinel" / "requirements.txt").read_text().splitlines() if each[:1] != "#"]
    wanted = [each for each in map(Requirement, pins) if each.marker is None or each.marker.evaluate({"python_version": newest})]
    asked = "".join(f"{each.name}{each.specifier}\n" for each in wanted)
    place.mkdir(parents=True, exist_ok=True)
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / "asked.txt").exists() or (place / "asked.txt").read_text() != asked:
            shutil.rmtree(place / "vendor", ignore_errors=True)
            (tmp_path / "pins.txt").write_text(asked)
            wheels(place / "vendor", newest, tmp_path / "pins.txt")
            (place / "asked.txt").write_text(asked)
    with zipfile.ZipFile(tmp_path / "layer.zip", "w", zipfile.ZIP_DEFLATED) as layer:
        for path in (each for each in (place / "vendor").rglob("*") if each.is_file()):
            layer.write(path, f"python/lib/python{newest}/site-packages/{path.relative_to(place / 'vendor')}")
    assert weigh(tmp_path)[0].startswith("layer layer.zip: 4")
    had = {each.name.partition("-")[0].lower().replace("_", "-") for each in (place / "vendor").glob("*.dist-info")}
    assert had == {each.name.lower().replace("_", "-") for each in wanted}
    tags = {found[1] for each in (place / "vendor").rglob("*.so") if (found := re.search(r"\.cpython-(\d+)", each.name))}
    assert tags == {newest.replace(".", "")}


def test_a_package_over_its_limit_is_refused(tmp_path):
    """A layer, a function or an unzipped whole over the limit is refused in one line with its weight."""
    with zipfile.ZipFile(tmp_path / "deployment.zip", "w") as made:
        made.writestr("app.py", os.urandom(LARGEST_FUNCTION + 1))
    with pytest.raises(Refused, match=r"function deployment.zip: 1.00 MiB zipped \(at most 1\)"):
        weigh(tmp_path)
    with pytest.raises(Refused, match="no package was made"):
        weigh(tmp_path / "nowhere")


def test_trimming_keeps_what_is_imported(tmp_path):
    """Tests, stubs and C sources go; modules and shared objects stay."""
    for name in ("pandas/tests/a.py", "numpy/a.pyi", "lxml/etree.c", "pandas/core.py", "lxml/etree.so", "bin/tool"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    trim(tmp_path)
    assert sorted(str(each.relative_to(tmp_path)) for each in tmp_path.rglob("*") if each.is_file()) == [
        "lxml/etree.so",
        "pandas/core.py",
    ]
