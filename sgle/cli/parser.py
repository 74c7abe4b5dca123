"""Arguments of every command. No heavy import here: `sgle --version` and `--help` answer at once."""

import argparse
import sys
from typing import NoReturn

import sgle

EPILOG = """examples:
  sgle list                               what is shipped
  sgle check minimal-model                is it stable, is the step small enough, how long will it take
  sgle run minimal-model                  simulate, compare with theory, write ./minimal-model-run/report.html
  sgle run my.toml --set run.seed=7 -o out
  sgle run my.toml -o out --workers 4 --resume      go on where it was interrupted, with four processes"""


class Parser(argparse.ArgumentParser):
    """An argument parser whose mistakes are one line."""

    def error(self, message: str) -> NoReturn:
        """Print the mistake and leave with status 2."""
        print(f"sgle: error: {message} (see {self.prog} --help)", file=sys.stderr)
        sys.exit(2)


def make_parser() -> argparse.ArgumentParser:
    """The parser of `sgle`."""
    formatter = argparse.RawDescriptionHelpFormatter
    text = "Semi-classical generalized Langevin dynamics of current-carrying nano-junctions."
    parser = Parser(prog="sgle", description=text, epilog=EPILOG, formatter_class=formatter)
    parser.add_argument("--version", action="version", version=f"sgle {sgle.__version__}")
    parser.add_argument("--traceback", action="store_true", help="show where in sgle an error comes from")
    commands = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=Parser)
    _add_run(commands)
    _add_check(commands)
    _add_landauer(commands)
    _add_stability(commands)
    _add_report(commands)
    _add_import(commands)
    _add_list(commands)
    return parser


def _add_run(commands: argparse._SubParsersAction) -> None:
    text = "Simulate, compare every number with theory, write pictures and a report."
    parser = _command(commands, "run", text, "simulate a recipe and compare it with theory")
    _add_recipe(parser)
    _add_output(parser, "NAME-run")
    parser.add_argument("--workers", metavar="N", type=_count, default=1, help="processes on this machine (default 1)")
    parser.add_argument("--dask", metavar="ADDRESS", help="scheduler of a dask cluster, such as tcp://node7:8786")
    parser.add_argument("--resume", action="store_true", help="go on with an interrupted run, bit for bit")
    text = "stop as soon as every number is known to this relative error, such as 0.01"
    parser.add_argument("--target-error", metavar="ERROR", type=_error, help=text)


def _count(text: str) -> int:
    """A whole number, at least 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} must be a whole number, at least 1")
    return int(text)


def _error(text: str) -> float:
    """A relative error."""
    try:
        error = float(text)
    except ValueError:
        error = 0.0
    if not 0.0 < error < 1.0:
        raise argparse.ArgumentTypeError(f"{text!r} must be a number between 0 and 1")
    return error


def _add_check(commands: argparse._SubParsersAction) -> None:
    text = "Validate a recipe, test stability and time step, predict the cost. Runs nothing."
    parser = _command(commands, "check", text, "validate a recipe and predict its cost")
    _add_recipe(parser)
    parser.add_argument("--workers", metavar="N", type=_count, default=1, help="processes to predict the time for")


def _add_landauer(commands: argparse._SubParsersAction) -> None:
    text = "Exact answers in the frequency domain, without time step or noise: tables and pictures, also over a sweep."
    parser = _command(commands, "landauer", text, "exact answers in the frequency domain only")
    _add_recipe(parser)
    _add_output(parser, "NAME-landauer")


def _add_stability(commands: argparse._SubParsersAction) -> None:
    text = (
        "Eigenfrequencies against bias, the critical bias, and what the mode that goes first does: tables and pictures."
    )
    parser = _command(commands, "stability", text, "eigenfrequencies against bias, critical bias")
    _add_recipe(parser)
    _add_output(parser, "NAME-stability")


def _add_report(commands: argparse._SubParsersAction) -> None:
    text = "Write report.html and the pictures again from the results.h5 of a run."
    parser = _command(commands, "report", text, "write report and pictures of a run again")
    parser.add_argument("folder", metavar="DIR", help="folder of a run, or its results.h5")


def _add_import(commands: argparse._SubParsersAction) -> None:
    text = "Turn a file of another program into a junction.h5 that recipes can use (system.junction)."
    parser = _command(commands, "import", text, "turn another program's file into junction.h5", module="import_")
    parser.add_argument("format", metavar="FORMAT", choices=("sclmd",), help="sclmd")
    parser.add_argument("files", metavar="FILE", nargs="+", help="the file to read")
    parser.add_argument("-o", "--output", metavar="FILE", required=True, help="the junction file to write")
    parser.add_argument("--overwrite", action="store_true", help="replace the output file if it exists")
    parser.add_argument("--temperature-K", type=float, default=300.0, help="of the electrons (default %(default)g)")
    parser.add_argument("--cutoff-eV", type=float, default=0.5, help="of the electron bath (default %(default)g)")
    parser.add_argument("--symbols", help="chemical symbols of the atoms in the order of the file, such as HCHHCH")


def _add_list(commands: argparse._SubParsersAction) -> None:
    _command(commands, "list", "Name the recipes shipped with sgle.", "name the shipped recipes", module="list_")


def _command(
    commands: argparse._SubParsersAction, name: str, description: str, summary: str, module: str | None = None
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(name, description=description, help=summary)
    parser.add_argument("--traceback", action="store_true", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    parser.set_defaults(module=module or name)
    return parser


def _add_recipe(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("recipe", metavar="RECIPE", help="a TOML file, or the name of a shipped recipe (sgle list)")
    text = "change one value, such as run.seed=7 or baths.L.temperature_K=400; may be repeated"
    parser.add_argument("--set", metavar="KEY=VALUE", action="append", default=[], dest="overrides", help=text)


def _add_output(parser: argparse.ArgumentParser, default: str) -> None:
    parser.add_argument("-o", "--output", metavar="DIR", help=f"folder for the results (default: ./{default})")
    parser.add_argument("--overwrite", action="store_true", help="replace what an earlier run left in that folder")
