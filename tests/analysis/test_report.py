"""Pictures and report: written from results alone, whole, self-contained, honest about the verdict."""

import re
from dataclasses import replace

import numpy as np
import pytest

import sgle
from sgle.analysis.crosscheck import cross_check
from sgle.analysis.plot_style import save_figures
from sgle.analysis.plots import figures
from sgle.analysis.report import write_report
from sgle.errors import FileError

PICTURES = {
    "kinetic_energy",
    "kinetic_energy_per_atom",
    "excess_kinetic_energy",
    "excess_kinetic_energy_per_atom",
    "heat_current",
    "excess_heat_current",
    "velocity_spectrum",
    "z_scores",
    "running_averages",
}


@pytest.fixture(scope="module")
def written(result, tmp_path_factory):
    folder = tmp_path_factory.mktemp("report")
    result.save(folder / "results.h5")
    return write_report(folder / "results.h5", folder / "new")


def test_every_picture_is_written_as_png_and_pdf(written):
    names = {path.name for path in written.parent.iterdir()}
    assert names == {f"{name}.{ending}" for name in PICTURES for ending in ("png", "pdf")} | {"report.html"}
    assert all(path.stat().st_size > 5000 for path in written.parent.iterdir())


def test_report_needs_nothing_but_itself(written):
    page = written.read_text(encoding="utf-8")
    assert not re.search(r'(src|href)\s*=\s*"(?!data:)', page)
    assert "http" not in re.sub(r"base64,[A-Za-z0-9+/=]+", "", page)
    assert page.count("data:image/png;base64,") == len(PICTURES)


def test_report_shows_verdict_numbers_and_origin(result, written):
    page = written.read_text(encoding="utf-8")
    assert "agree with theory" in page
    assert repr(result.kinetic_energy[0])[9:-1] in page
    assert f"{result.kinetic_energy.grid[0]:.6g}" in page
    assert f"<td>{result.settings['seed']}</td>" in page
    assert result.versions["numpy"] in page


def test_report_of_a_contradiction_says_so(result, tmp_path):
    energy = replace(result.kinetic_energy, grid=1.5 * result.kinetic_energy.grid)
    check = cross_check({"kinetic_energy": energy}, {"kinetic_energy": result.labels("kinetic_energy")})
    spoiled = replace(
        result,
        estimates=result.estimates | {"kinetic_energy": energy},
        crosscheck=check,
        interrupted=True,
        recipe="<b>not html</b>",
    )
    page = write_report(spoiled, tmp_path).read_text(encoding="utf-8")
    assert "contradict theory" in page and 'class="verdict failed"' in page and 'class="off"' in page
    assert "&lt;b&gt;not html" in page
    assert "nterrupted" in page


def test_plain_runs_without_reference_atoms_and_spectra_have_pictures_too(result, tmp_path):
    few = {name: result.estimates[name] for name in ("kinetic_energy", "heat_current")}
    plain = replace(result, estimates=few, frequency=None, band_edges=None, settings=result.settings | {"units": "eV"})
    drawn = figures(plain)
    assert set(drawn) == {"kinetic_energy", "heat_current", "z_scores", "running_averages"}
    assert "meV" in drawn["kinetic_energy"].axes[0].get_ylabel()
    assert "ps" in drawn["running_averages"].axes[-1].get_xlabel()
    save_figures(drawn, tmp_path)


def test_folders_that_cannot_be_written(result, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(FileError, match="cannot be written"):
        write_report(result, tmp_path / "file" / "below")
    with pytest.raises(FileError, match="cannot be written"):
        save_figures({"x": figures(result)["z_scores"]}, tmp_path / "nowhere")


def test_many_dofs_keep_their_names_readable():
    from matplotlib.figure import Figure

    from sgle.analysis.plot_style import name_ticks

    axes = Figure().subplots()
    name_ticks(axes, np.array([f"dof {k}" for k in range(100)]))
    assert len(axes.get_xticks()) <= 24


def test_public_loading(written):
    found = sgle.load(written.parent.parent / "results.h5")
    assert found.crosscheck.passed
