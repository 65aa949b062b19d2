"""How networks are opened; that they are whole and fit is tested where each is used."""

import os
import subprocess
import sys


def test_onnxruntime_writes_and_reports_nothing(tmp_path):
    """Some versions report to their makers: they write an identifier into the folder for temporary files at once."""
    code = "from livedance.beat.activation import ActivationNet; net = ActivationNet(); net.initial_state()"
    environment = {k: v for k, v in os.environ.items() if k != "ORT_DISABLE_TELEMETRY"} | {
        "TMPDIR": str(tmp_path / "t"), "XDG_CACHE_HOME": str(tmp_path / "c"), "HOME": str(tmp_path / "h"),
    }  # fmt: skip
    for name in "tch":
        (tmp_path / name).mkdir()
    subprocess.run([sys.executable, "-B", "-c", code], env=environment, check=True, timeout=60)
    assert not [path for name in "tch" for path in (tmp_path / name).rglob("*")]
