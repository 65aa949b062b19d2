#!/usr/bin/env bash
# Installs the Debian/Ubuntu packages that are missing, as root or through sudo, and says so.
# Without either it names them and goes on. Usage: system_packages.sh run|test
set -euo pipefail

run=(libportaudio2 libgl1 libegl1 libgl1-mesa-dri libglib2.0-0)
build=(gcc portaudio19-dev)          # only where pyaudio has no wheel
test=(pulseaudio pulseaudio-utils libasound2-plugins alsa-utils xvfb xdotool imagemagick procps liblo-tools chromium)

command -v dpkg-query >/dev/null || { echo "packages  not a Debian system: see README for what yours needs"; exit 0; }

wanted=("${run[@]}" "${build[@]}")
[ "$1" = test ] && wanted=("${test[@]}")
missing=()
for package in "${wanted[@]}"; do
  # 64-bit-time systems renamed some libraries: libglib2.0-0t64 provides libglib2.0-0.
  # dpkg-query fails when it does not know one of the two names: only what it prints counts.
  { dpkg-query -W -f='${Status}\n' "$package" "${package}t64" 2>/dev/null || true; } | grep -q "ok installed" ||
    missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && { echo "packages  all there"; exit 0; }

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if sudo -n true 2>/dev/null || { [ -t 0 ] && command -v sudo >/dev/null; }; then
    as_root=(sudo)
  else
    echo "packages  missing: ${missing[*]}; install them for everything to work: sudo apt-get install ${missing[*]}"
    exit 0
  fi
fi
echo "packages  installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq || true
"${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
  echo "packages  could not install all of: ${missing[*]}; what needs them will say so"
