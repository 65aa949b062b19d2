"""`python -m livedance`."""

import sys

try:
    from livedance.cli import main
except KeyboardInterrupt:
    sys.exit(130)

main()
