#!/usr/bin/env bash
# Builds and tests the browser viewer, and fails when the committed bundle is not what the sources give.
set -euo pipefail
cd "$(dirname "$0")/../web_viewer"
command -v npm >/dev/null || { echo "livedance: the viewer is built with node 20 or newer, which is missing" >&2; exit 2; }
npm ci --no-audit --no-fund --loglevel=error
npm run check
npm test
# Builds the page and compares it byte for byte with the committed one.
npm run verify || {
  echo "livedance: the committed viewer differs from its sources: run 'npm run build' in web_viewer and commit" >&2
  exit 1
}
