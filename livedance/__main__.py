"""`livedance` and `python -m livedance`: listen for Ctrl-C first, import the rest then."""

import os
import sys

from livedance import interrupts


def main() -> None:
    """Run the command line."""
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")  # nobody's plug-in checks our config: looking takes 20 ms
    try:
        interrupts.install()
        from livedance.cli import main as command_line
    except KeyboardInterrupt:
        sys.exit(130)
    command_line()


if __name__ == "__main__":
    main()
