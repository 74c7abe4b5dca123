"""Faults, tried for real on small real runs, as a markdown table: `python -m benchmarks.faults [--kills 100]`.

Needs Linux; full and read-only disks need root (mount, setpriv), the turned clock the program faketime.
"""

import argparse
import sys
import time
from importlib import import_module

HEAD = "| fault | times | checked | outcome |\n|---|---|---|---|"
KINDS = ("kill", "disk", "damage", "circumstances")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--only", choices=KINDS, action="append")
    arguments = parser.parse_args()
    begin, wrong = time.monotonic(), []
    print(HEAD, flush=True)
    for kind in arguments.only or KINDS:
        for row in import_module(f"benchmarks.faults_{kind}").rows(arguments.kills):
            print(row, flush=True)
            wrong += [f"{row.fault}: {text}" for text in row.wrong]
    print(f"\n{time.monotonic() - begin:.0f} s", *wrong, sep="\n")
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
