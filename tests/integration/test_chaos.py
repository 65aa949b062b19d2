"""Parts of the running show are killed, stopped and woken: it goes on, and everything comes back."""

import os
import shutil
import signal
import time

import numpy as np
import pytest

from livedance.stage_memory import RESUME_PLANS
from tests.integration.running_show import SCALE, OscListener, running, wait_for
from tests.integration.watchers import (
    Rhythm,
    WebClient,
    fastest_m_per_s,
    is_alive,
    processes_with,
    sent_times,
    x_server,
)

DEMO = ("--audio", "demo", "--play", "off", "--seed", "3")
WEB = ("--web", "127.0.0.1:0")
GAP_S = 0.050
"""Design: nothing that happens to the brain leaves a larger gap in OSC; the scheduler's own lateness comes on top."""
SEAM_M_PER_S = 4.0
"""The hips of a dancer never move faster (the library's fastest run: 3 m/s); a cut of 10 cm between frames does."""

pytestmark = pytest.mark.skipif(os.name != "posix", reason="stops and wakes processes by POSIX signals")


@pytest.fixture
def osc():
    listener = OscListener()
    yield listener
    listener.close()


@pytest.fixture
def rhythm():
    reference = Rhythm()
    yield reference
    reference.close()


def to(osc: OscListener) -> tuple[str, str]:
    return "--osc", f"default=127.0.0.1:{osc.port}"


def wait_for_dance(osc: OscListener) -> None:
    wait_for(lambda: osc.last("/livedance/beat/confidence", 0.0) > 0.3, 30, "a sure beat")
    time.sleep(2.0)


def largest_gap_s(osc: OscListener, start_s: float, end_s: float) -> float:
    times = sent_times(osc, start_s, end_s)
    assert len(times) > 20 * (end_s - start_s), "OSC stopped"
    assert (np.diff(times) >= 0).all(), "show time went back"
    return float(np.diff(times).max())


def assert_no_gap(osc: OscListener, rhythm: Rhythm, start_s: float, end_s: float) -> None:
    allowance = 2 * rhythm.lateness_s(start_s, end_s) + 0.02 * SCALE
    assert largest_gap_s(osc, start_s, end_s) < GAP_S + allowance


def test_stalled_and_killed_brains_are_stood_in_for(osc, rhythm):
    with running(*DEMO, *WEB, *to(osc)) as show:
        client = WebClient(show.fact("url", 20))
        wait_for_dance(osc)
        brain = show.pid("brain")
        os.kill(brain, signal.SIGSTOP)
        stopped = time.monotonic()
        wait_for(lambda: show.facts().get("standby") is True, 4, "the standby")
        time.sleep(max(0.0, stopped + 3.0 - time.monotonic()))
        newest = max(w.plan for w in client.windows())
        os.kill(brain, signal.SIGCONT)
        woken = time.monotonic()
        wait_for(lambda: show.facts().get("standby") is False, 4, "a window of the woken brain")
        accepted = time.monotonic()
        time.sleep(3.0)
        assert show.pid("brain") == brain, "a stall of 3 s is no reason for another brain"
        wait_for(lambda: show.facts().get("standby") is False, 4, "a brain that stays")
        show.kill("brain")
        killed, top = time.monotonic(), max(w.plan for w in client.windows())
        wait_for(lambda: any(w.plan >= top + RESUME_PLANS for w in client.windows(killed)), 8, "another brain's window")
        print(f"woken brain accepted after {accepted - woken:.2f} s, a new one after {time.monotonic() - killed:.2f} s")
        time.sleep(2.0)
        ended = time.monotonic()
        standby_windows, brain_windows = client.windows(stopped), client.windows(accepted)
        client.close()
    assert newest in {w.plan for w in standby_windows}, "the score did not go on during the stall"
    assert sum(w.plan >= newest + RESUME_PLANS for w in brain_windows) >= 4, "the brain's windows are not accepted"
    assert accepted - woken < 2.0 * SCALE
    assert_no_gap(osc, rhythm, stopped - 1.0, ended)
    assert fastest_m_per_s(osc, stopped, ended) < SEAM_M_PER_S, "the dancer jumped"


def test_killed_and_hung_stage_come_back_at_the_same_show_time(osc):
    with running(*DEMO, *WEB, *to(osc)) as show:
        client = WebClient(show.fact("url", 20))
        wait_for_dance(osc)
        for number, name, also in ((signal.SIGKILL, "killed", "brain"), (signal.SIGSTOP, "hung", None)):
            old, brain = show.pid("stage"), show.pid("brain")
            newest, beat = max(w.plan for w in client.windows()), osc.last("/livedance/beat/count", 0)
            n, ended = len(osc.packets), time.monotonic()
            os.kill(old, number)
            if also is not None:
                show.kill(also)  # Nobody is left who knows the beat, but for what the stage has saved.
            wait_for(lambda n=n: len(osc.packets) > n + 60, 15, f"OSC after the stage was {name}")
            assert show.pid("stage") != old and not is_alive(old)
            assert (show.pid("brain") == brain) == (also is None), "only what has died is to be replaced"
            wait_for(lambda newest=newest: any(w.plan > newest for w in client.windows()), 10, "the score")
            times = sent_times(osc, ended - 1.0, time.monotonic())
            assert (np.diff(times) >= 0).all(), "show time went back"
            beats = [m.values[0] for m in osc.values("/livedance/beat/count") if m.t_s > ended]
            assert min(beats) >= beat, "the beat went back"
            print(f"gap in OSC after the stage was {name}: {np.diff(times).max():.2f} s")
            wait_for(lambda: show.facts().get("beat") == "sure", 10, "the beat to be sure again")
        assert client.closed_s is None, "a viewer lost its connection with the stage"
        client.close()


def test_killed_window_and_herald_come_back(osc):
    if not shutil.which("Xvfb"):
        pytest.skip("Xvfb is not installed (apt-get install xvfb)")
    with x_server() as display, running(
        *DEMO, *WEB, *to(osc), "--window", "--size", "320x240", "--look", "skeleton", env={"DISPLAY": display}
    ) as show:  # fmt: skip
        url = show.fact("url", 20)
        client = WebClient(url, want=("score", "stats"))
        wait_for(lambda: window_report(client).get("fps", 0) > 0, 20, "the first window to draw")
        start = time.monotonic()
        killed = show.kill("window")
        wait_for(lambda: show.pid("window") not in (None, killed), 5, "a new window")
        time.sleep(0.6)  # One round of stats: what it says now is the dead window's last report.
        last = window_report(client)
        wait_for(lambda: window_report(client) != last, 15, "the new window to draw")

        old = show.kill("herald")
        wait_for(lambda: client.closed_s, 3, "the viewer to notice")
        wait_for(lambda: show.pid("herald") not in (None, old), 5, "a new herald")
        again = wait_for(lambda: reconnected(url), 10, "the same port to answer")
        wait_for(lambda: len(again.windows()) >= 3, 5, "the score on the new connection")
        assert again.of("welcome")[0]["session"] == client.of("welcome")[0]["session"]
        assert show.facts()["url"] == url
        n = len(osc.packets)
        time.sleep(0.5)
        assert len(osc.packets) > n + 10, "OSC does not care for windows and viewers"
        assert (np.diff(sent_times(osc, start, time.monotonic())) >= 0).all()
        again.close()


def window_report(client: WebClient) -> dict:
    """Return the window's newest report about itself; it changes once a second while it draws."""
    newest = client.of("stats")[-1:] or [{}]
    return newest[0].get("processes", {}).get("window", {})


def reconnected(url: str) -> WebClient | None:
    try:
        return WebClient(url)
    except OSError:
        return None


def test_no_child_outlives_a_killed_supervisor():
    name, value = "LIVEDANCE_TEST_MARK", f"{os.getpid()}-{time.monotonic_ns()}"
    with running(*DEMO, *WEB, "--osc", "off", env={name: value}) as show:
        show.fact("health", 20)
        children = processes_with(f"{name}={value}")
        assert len(children) >= 5, "supervisor, stage, brain, herald, terminal"
        os.kill(show.process.pid, signal.SIGKILL)
        killed = time.monotonic()
        wait_for(lambda: not any(is_alive(pid) for pid in children), 4, "every child to end")
        assert time.monotonic() - killed < 2.0 * SCALE + 0.3
