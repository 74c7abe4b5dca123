"""The jellium wire as a user asks for it."""

from end_to_end.command import sgle

FAST = ("--set", "jellium.points=12", "--set", "jellium.line=20")


def test_curl(tmp_path):
    done = sgle("landauer", "jellium-curl", *FAST, cwd=tmp_path)
    assert (done.status, done.err) == (0, "")
    folder = tmp_path / "jellium-curl-landauer"
    assert {path.name for path in folder.iterdir()} == {"recipe.toml", "map.csv", "line.csv", "jellium.png"}
    assert (folder / "jellium.png").stat().st_size > 20_000
    assert len((folder / "map.csv").read_text().splitlines()) == 1 + 23**2


def test_an_edge_is_one_line(tmp_path):
    done = sgle("run", "jellium-curl", *FAST, "--set", 'jellium.edges="refuse"', cwd=tmp_path)
    assert done.status == 3
    (line,) = done.err.splitlines()
    assert line.startswith("sgle: error: the edge of subband (12, 16) and (16, 12) lies at 1 ε_F")
