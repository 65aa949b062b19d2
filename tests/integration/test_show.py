"""The whole show on real parts: processes, sockets, sound files."""

import os
import signal
import time

import numpy as np
import pytest
import soundfile

from tests.integration.running_show import OscListener, running, wait_for
from tests.integration.watchers import WebClient

DEMO = ("--audio", "demo", "--play", "off")


@pytest.fixture
def osc():
    listener = OscListener()
    yield listener
    listener.close()


def test_demo_dances_on_the_beat_over_osc(osc):
    with running(*DEMO, "--web", "off", "--osc", f"default=127.0.0.1:{osc.port}", "--seed", "3") as show:
        show.fact("beat", 20)
        wait_for(lambda: osc.last("/livedance/beat/confidence", 0.0) > 0.3, 15, "a sure beat")
        time.sleep(3.0)
        frames = osc.values("/livedance/frame")
        wrists = np.array([m.values for m in osc.values("/livedance/dancer/1/l_wrist")])
        assert show.stop() == 130
    rate = len(frames) / (frames[-1].t_s - frames[0].t_s)
    assert 50 < rate < 65
    assert np.ptp(wrists[-180:], axis=0).max() > 0.05, "the dancer stands still"
    assert np.isfinite(wrists).all()


def test_killed_brain_leaves_no_gap_and_comes_back(osc):
    with running(*DEMO, "--web", "off", "--osc", f"default=127.0.0.1:{osc.port}") as show:
        show.fact("beat", 20)
        time.sleep(2.0)
        killed = time.monotonic()
        old = show.kill("brain")
        wait_for(lambda: show.pid("brain") not in (None, old), 5, "a new brain")
        wait_for(lambda: show.facts().get("standby") is True, 5, "the standby")
        wait_for(lambda: show.facts().get("standby") is False, 8, "the new brain's first window")
        time.sleep(3.0)
    times = np.array([m.t_s for m in osc.values("/livedance/frame")])
    around = times[(times > killed - 0.5) & (times < killed + 4.0)]
    assert len(around) > 200
    # A gap here is a gap of the sender: both ends run on this machine.
    assert np.diff(around).max() < 0.25
    positions = np.array([m.values for m in osc.values("/livedance/dancer/1/hips")])
    assert np.abs(np.diff(positions, axis=0)).max() < 0.15, "the dancer jumped"


def test_killed_stage_comes_back_and_the_show_goes_on(osc):
    with running(*DEMO, "--web", "off", "--osc", f"default=127.0.0.1:{osc.port}") as show:
        show.fact("beat", 20)
        time.sleep(1.0)
        show.kill("stage")
        n = len(osc.packets)
        wait_for(lambda: len(osc.packets) > n + 60, 10, "OSC from a new stage")
        last = osc.values("/livedance/time")
        assert last[-1].values[0] > last[0].values[0], "show time went back"


def test_children_end_when_the_supervisor_dies():
    with running(*DEMO, "--web", "off", "--osc", "off") as show:
        show.fact("hear")
        pids = [wait_for(lambda role=role: show.pid(role), 5, role) for role in ("stage", "brain")]
        os.kill(show.process.pid, signal.SIGKILL)
        wait_for(lambda: not any(alive(pid) for pid in pids), 4, "the children to end")


def alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_duration_ends_the_show_with_success():
    with running(*DEMO, "--web", "off", "--osc", "off", "--duration", "2") as show:
        assert show.process.wait(20) == 0


def test_demo_key_outlives_the_brain(tmp_path):
    silence = tmp_path / "silence.wav"
    soundfile.write(silence, np.zeros(44_100 * 60, np.float32), 44_100)
    with running("--audio", str(silence), "--play", "off", "--web", "127.0.0.1:0", "--osc", "off") as show:
        wait_for(lambda: show.facts().get("hear") == "silence.wav", 15, "the silent file")
        client = WebClient(show.fact("url"))
        assert client.control("demo")["ok"]
        wait_for(lambda: show.facts().get("hear") == "demo", 15, "the demo")
        old = show.kill("brain")
        wait_for(lambda: show.pid("brain") not in (None, old), 10, "a new brain")
        time.sleep(3.0)
        assert show.facts()["hear"] == "demo"
        client.close()
