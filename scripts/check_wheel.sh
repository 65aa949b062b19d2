#!/usr/bin/env bash
# The wheel must stay small, and work outside the clone: installed without its dependencies, it must find its files.
set -euo pipefail
wheel=$(ls -t dist/livedance-*.whl | head -1)
bytes=$(stat -c %s "$wheel")
echo "wheel     $wheel, $((bytes / 1024)) KiB"
[ "$bytes" -le $((12 * 1024 * 1024)) ] || { echo "livedance: the wheel is larger than 12 MiB" >&2; exit 1; }
site=$(mktemp -d)
trap 'rm -rf "$site"' EXIT
.venv/bin/python -m pip install --quiet --no-deps --target "$site" "$wheel"
cd "$site"
PYTHONPATH="$site" "$OLDPWD/.venv/bin/python" - <<'PY'
import livedance, pathlib
assert pathlib.Path(livedance.__file__).parent.parent == pathlib.Path.cwd(), livedance.__file__
from livedance import paths
from livedance.beat.activation import ActivationNet
from livedance.dance.figures import Figures
from livedance.dance.library import style_names
from livedance.dance.motion_net import MotionNet
from livedance.render.mesh import figure, gl, look
assert (paths.VIEWER / "index.html").is_file(), "the viewer is not in the wheel"
assert list((paths.ASSETS / "music").glob("*.ogg")), "the demo music is not in the wheel"
assert style_names(), "the motion library is not in the wheel"
for name in look.ORDER:
    figure.load(name)  # raises when a dancer is not in the wheel, or not whole
assert (gl.SHADERS / "dancer.frag").is_file(), "the shaders are not in the wheel"
ActivationNet()  # raises when the beat network is not in the wheel, or not whole
MotionNet(), Figures.shipped()  # the same of the dance network
print("wheel     complete")
PY
