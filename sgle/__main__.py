"""`python -m sgle` is the command line."""

import sys

from sgle.cli import main

if __name__ == "__main__":
    sys.exit(main())
