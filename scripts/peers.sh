#!/usr/bin/env bash
# Makes a virtual environment with madmom, for `livedance eval beat --peer-python FOLDER/bin/python`. Usage: peers.sh FOLDER
# Its model files are CC BY-NC-SA 4.0: a yardstick, never part of livedance. Needs Python 3.11 or 3.12 and a C compiler.
set -euo pipefail
folder=$(realpath -m "$1")
"${PYTHON:-python3}" -m venv "$folder"
pip() { "$folder/bin/python" -m pip --disable-pip-version-check --quiet "$@"; }
pip install "numpy<2" "scipy<1.14" mido "cython<3" "setuptools<70" wheel
source=$(mktemp -d)
trap 'rm -rf "$source"' EXIT
pip download --no-deps --no-binary madmom --no-build-isolation --dest "$source" madmom==0.16.1
tar xzf "$source"/madmom-0.16.1.tar.gz -C "$source"
cd "$source/madmom-0.16.1"
# 0.16.1 is of 2018: names that Python 3.10 and NumPy 1.24 have removed, and C files of an old Cython.
grep -rlE "from collections import Mutable" --include=*.py madmom |
  xargs sed -i -E 's/from collections import (Mutable)/from collections.abc import \1/'
grep -rlE "np\.(float|int|bool|object)\b" --include=*.py --include=*.pyx madmom |
  xargs sed -i -E 's/np\.(float|int|bool|object)([^_0-9a-z]|$)/\1\2/g'
find madmom -name '*.c' -delete
pip install --no-deps --no-build-isolation .
cd /
"$folder/bin/python" -W ignore -c "from madmom.features.beats import RNNBeatProcessor; RNNBeatProcessor(online=True)"
echo "peers     madmom in $folder"
