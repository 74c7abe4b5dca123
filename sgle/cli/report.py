"""`sgle report DIR`: report and pictures again, from results.h5."""

from argparse import Namespace
from pathlib import Path

from sgle.cli.run import REPORT, RESULTS, status


def execute(arguments: Namespace) -> int:
    """Write report.html and the pictures beside results.h5; the exit status is that of the run."""
    from sgle.analysis.report import write_report
    from sgle.analysis.result_file import load

    given = Path(arguments.folder)
    path = given if given.is_file() else given / RESULTS
    result = load(path)
    write_report(result, path.parent)
    print(result.crosscheck.sentences()[0])
    print(f"report: {path.parent / REPORT}")
    return status(result)
