"""OSC against an independent implementation: liblo's oscdump hears us, its oscsend controls us."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from livedance.broadcast.osc_default import DefaultProfile
from livedance.broadcast.osc_profile import PackedProfile
from livedance.broadcast.osc_sink import OscSink
from livedance.broadcast.osc_td import TouchDesignerProfile
from livedance.control.osc_in import OscIn
from livedance.messages import Command, Levels

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "broadcast"))
from tests.unit.broadcast.osc_samples import clock, pose

pytestmark = pytest.mark.skipif(
    not (shutil.which("oscdump") and shutil.which("oscsend")), reason="liblo-tools is not installed"
)


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def heard_by_oscdump(profile: PackedProfile, frames: int, file: Path) -> list[list[str]]:
    """Send frames to oscdump, which writes to `file`; return [address, types, numbers...] of all its lines."""
    port = free_port()
    with file.open("w") as out:
        dump = subprocess.Popen(["oscdump", "-L", str(port)], stdout=out, stderr=subprocess.DEVNULL)
    sink = OscSink(profile, "127.0.0.1", port)
    sink.open()
    try:
        end = time.monotonic() + 10
        while time.monotonic() < end and not _is_bound(port):
            time.sleep(0.05)
        for n in range(frames):
            sink.send_hit(clock(), n / 60)
            sink.send(pose(1, t_s=n / 60), clock(), Levels(bass=0.25), n / 60)
            time.sleep(0.02)
        time.sleep(0.3)
    finally:
        sink.close()
        dump.terminate()
        dump.wait(10)
    return [line.split()[1:] for line in file.read_text().splitlines() if "/livedance/" in line]


def _is_bound(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("0.0.0.0", port))
        except OSError:
            return True
    return False


@pytest.mark.parametrize("make", [DefaultProfile, TouchDesignerProfile])
def test_oscdump_reads_every_address_with_its_types(make: type[PackedProfile], tmp_path: Path) -> None:
    profile = make()  # type: ignore[call-arg]
    lines = heard_by_oscdump(profile, 40, tmp_path / "dump.txt")
    types = {address: tags for address, tags, *_ in lines}
    assert types == {field.address: field.types for field in profile.fields}
    numbers = {address: [float(v) for v in rest] for address, _, *rest in lines}
    assert numbers["/livedance/audio/bass"] == [0.25]
    counts = [int(float(rest[0])) for address, _, *rest in lines if address == "/livedance/frame"]
    assert counts == list(range(40))


def test_oscsend_controls_the_show() -> None:
    osc = OscIn(port=0)
    osc.open()
    sent: list[list[str]] = [
        ["/livedance/energy", "f", "0.5"],
        ["/livedance/formation", "s", "canon"],
        ["/livedance/blackout", "T"],
        ["/livedance/tempo", "d", "128.0"],
        ["/livedance/nonsense", "h", "1"],
    ]
    commands: list[Command] = []
    for words in sent:
        subprocess.run(["oscsend", "127.0.0.1", str(osc.port), *words], check=True, timeout=10)
    end = time.monotonic() + 5
    while time.monotonic() < end and osc.accepted + osc.unknown < len(sent):
        commands += osc.poll()
    osc.close()
    assert [c.op for c in commands] == ["set", "set", "blackout", "tempo"]
    assert [c.args for c in commands[:2]] == [{"energy": 0.5}, {"formation": "canon"}]
    assert [c.value for c in commands[2:]] == [1.0, 128.0]
