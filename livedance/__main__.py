"""`python -m livedance`."""

from livedance.cli import main

main()
