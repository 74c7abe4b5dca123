"""Wheel, sdist and bare checkout all import; the hand-written package list is complete."""

import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ("sgle", "integrators", "analysis", "runs", "pyproject.toml", "README.md", "LICENSE")
IMPORTS = (
    "import sgle, sgle.integrators.driver, sgle.analysis.estimate, sgle.baths, sgle.cli; "
    "from importlib.resources import files; "
    "assert (files('sgle.runs') / 'minimal-model.toml').is_file(); print(sgle.__file__)"
)


def _project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_package_list_names_every_folder_with_python_files():
    settings = _project()["tool"]["setuptools"]
    mapped = {value: key for key, value in settings["package-dir"].items()}
    found = set()
    for top in ("sgle", "integrators", "analysis", "runs"):
        for folder in {path.parent for path in (ROOT / top).rglob("*.py")}:
            inner = folder.relative_to(ROOT / top).parts
            found.add(".".join((mapped[top], *inner)))
    assert found == set(settings["packages"])


@pytest.fixture(scope="module")
def clean_copy(tmp_path_factory) -> Path:
    """The sources alone, so that building leaves nothing behind in the checkout."""
    copy = tmp_path_factory.mktemp("source")
    for name in SOURCES:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__", "*.egg-info"))
        else:
            shutil.copy(source, copy / name)
    return copy


def _run(code: str, cwd: Path, path: str = "") -> str:
    env = {**os.environ, "PYTHONPATH": path, "PYTHONSAFEPATH": "" if cwd == ROOT else "1"}
    done = subprocess.run([sys.executable, "-c", code], cwd=cwd, env=env, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().splitlines()[-1]


def _build(kind: str, source: Path, out: Path) -> Path:
    """Build with the project's own back end, without a network."""
    setuptools = pytest.importorskip("setuptools", minversion="77", reason="building needs setuptools ≥ 77")
    assert setuptools
    return out / _run(f"import setuptools.build_meta as b; print(b.build_{kind}({str(out)!r}))", source)


def _import_from_wheel(wheel: Path, folder: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        top = {name.split("/")[0] for name in archive.namelist()}
        assert {name for name in top if not name.endswith(".dist-info")} == {"sgle"}
        archive.extractall(folder)
    assert _run(IMPORTS, folder.parent, str(folder)).startswith(str(folder))


def test_wheel_imports_and_claims_one_name(clean_copy, tmp_path):
    _import_from_wheel(_build("wheel", clean_copy, tmp_path), tmp_path / "installed")


def test_sdist_builds_the_same_wheel(clean_copy, tmp_path):
    archive = _build("sdist", clean_copy, tmp_path)
    shutil.unpack_archive(archive, tmp_path / "unpacked", filter="data")
    (source,) = (tmp_path / "unpacked").iterdir()
    _import_from_wheel(_build("wheel", source, tmp_path), tmp_path / "installed")


def test_bare_checkout_imports():
    assert _run(IMPORTS, ROOT).startswith(str(ROOT))
