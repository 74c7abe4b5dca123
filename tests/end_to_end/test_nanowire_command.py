"""Recipes of the nanowire from the command line."""

import csv

from end_to_end.command import sgle

SMALL = ("--set", "nanowire.temperatures=[0.3]", "--set", "nanowire.biases=[0.1]")


def test_one_recipe_by_both_commands(tmp_path):
    for command in ("landauer", "run"):
        done = sgle(command, "nanowire-heating", *SMALL, "-o", command, cwd=tmp_path)
        assert (done.status, done.err) == (0, "")
        assert "-5.978: 1.057; 8.513: 0.9912" in done.out
    for file in ("heating.png", "parts.png", "heating.csv", "spots.csv", "recipe.toml"):
        assert (tmp_path / "landauer" / file).stat().st_size > 100
    with (tmp_path / "run" / "spots.csv").open(newline="") as file:
        assert len(list(csv.DictReader(file))) == 2


def test_what_is_refused_is_one_line(tmp_path):
    strong = ("--set", "nanowire.widths=[5.0]", "--set", "nanowire.biases=[0.4]")
    done = sgle("landauer", "nanowire-iv", *strong, cwd=tmp_path)
    assert done.status == 3
    assert done.err.startswith("sgle: error: peak 0.64, width 5, bias 0.4, temperature 0.1: the field over one free")
    for command in ("check", "stability"):
        done = sgle(command, "nanowire-iv", cwd=tmp_path)
        assert done.status == 2
        assert done.err == "sgle: error: [nanowire] has no junction: it is answered by sgle landauer, or sgle run\n"
