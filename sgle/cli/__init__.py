"""The command line, the one part of sgle/ that sees integrators and analysis; every command is a module here.

Exit status: 0 done and cross-check passed, 1 cross-check failed, 2 the user's mistake, 3 refused by physics,
70 a bug in sgle, 130 interrupted.
"""

import os
import sys
import traceback
import warnings
from collections.abc import Sequence
from importlib import import_module

from sgle.cli.parser import make_parser

BUG, INTERRUPTED, MISTAKE = 70, 130, 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit status, never raises."""
    _one_thread()
    arguments = make_parser().parse_args(argv)
    warnings.showwarning = _show_warning  # type: ignore[assignment]
    try:
        command = import_module(f"sgle.cli.{arguments.module}")
        status: int = command.execute(arguments)
        sys.stdout.flush()
        return status
    except KeyboardInterrupt:
        print("\nsgle: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output has left, as in `sgle list | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        return _report(error, arguments.traceback)


def _one_thread() -> None:
    """One BLAS thread unless the user says otherwise: the matrices are small. Must come before numpy is imported."""
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")


def _show_warning(message: Warning | str, category: type[Warning], *_: object) -> None:
    text = " ".join(str(message).split())
    print(f"sgle: warning: {text}", file=sys.stderr)


def _report(error: Exception, with_traceback: bool) -> int:
    """Say what went wrong on stderr, one line per problem; returns the exit status."""
    from sgle.errors import SgleError

    if with_traceback:
        traceback.print_exc()
    if isinstance(error, SgleError):
        for line in str(error).splitlines():
            print(f"sgle: error: {line}", file=sys.stderr)
        return error.exit_status
    if isinstance(error, OSError):
        print(f"sgle: error: {error}", file=sys.stderr)
        return MISTAKE
    summary = " ".join(f"{type(error).__name__}: {error}".split())[:300]
    print(f"sgle: internal error: {summary}", file=sys.stderr)
    print("sgle: this is a bug in sgle; please report it with the output of sgle --traceback ...", file=sys.stderr)
    return BUG
