#!/usr/bin/env bash
# Makes the virtual environment with a supported Python (3.11 to 3.13; 3.14 is tried). Usage: make_venv.sh FOLDER
set -euo pipefail
supported() { "$1" -c 'import sys; raise SystemExit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null; }
for python in ${PYTHON:-} python3 python3.13 python3.12 python3.11; do
  if supported "$python"; then
    echo "python  $("$python" --version 2>&1) at $(command -v "$python")"
    if ! "$python" -m venv "$1"; then
      echo "livedance: this Python cannot make a virtual environment: install its venv package (Debian: python3-venv)" >&2
      rm -rf "$1"
      exit 2
    fi
    exit 0
  fi
done
echo "livedance: needs Python 3.11 to 3.13, and $(python3 --version 2>&1 || echo 'no python3') is not one of them:" \
  "install python3.12 (Debian and Ubuntu: python3; macOS: brew install python@3.12), then make PYTHON=python3.12 run" >&2
exit 2
