#!/usr/bin/env bash
# Installs livedance and its Python packages into a virtual environment. Usage: install.sh PYTHON run|test|train
set -euo pipefail
python=$1
"$python" -m pip install --quiet --disable-pip-version-check --upgrade "pip>=24"
if [ "$2" = test ]; then
  echo "install   livedance[dev]"
  exec "$python" -m pip install --disable-pip-version-check --progress-bar on --quiet -e ".[dev]"
fi
if [ "$2" = train ]; then
  echo "install   livedance[dev,train] (torch: gigabytes to download the first time)"
  exec "$python" -m pip install --disable-pip-version-check --progress-bar on --quiet -e ".[dev,train]"
fi
echo "install   livedance[aubio,video,gl] (about 250 MB to download the first time)"
"$python" -m pip install --disable-pip-version-check -e ".[aubio,video,gl]" | grep -vE "already satisfied|^WARNING" || true
"$python" -c "import livedance, aubio, cv2" || { echo "livedance: the installation is not complete" >&2; exit 1; }
# pyaudio is compiled against PortAudio on Linux and macOS; the show runs without it.
"$python" -c "import pyaudio" 2>/dev/null || "$python" -m pip install --disable-pip-version-check --quiet -e ".[pyaudio]" ||
  echo "install   pyaudio could not be built: sounddevice is used instead"
