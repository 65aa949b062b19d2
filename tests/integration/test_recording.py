"""What a show leaves behind: recordings that can be read whatever ended it, nothing else."""

import itertools
import json
import os
import resource
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import soundfile

from livedance import replayer, skeleton
from livedance.broadcast import ldrec, wire
from livedance.messages import Origin
from livedance.paths import ASSETS
from tests.integration.running_show import REPOSITORY, SCALE, OscListener, running, wait_for
from tests.integration.test_bad_input import livedance
from tests.integration.watchers import WebClient, processes_with, sent_times

DEMO = ("--audio", "demo", "--play", "off", "--seed", "3")
LIMIT_BYTES = 60_000
"""Size at which the disk of `test_full_disk` is full; a show records more than that in its first seconds."""

pytestmark = pytest.mark.skipif(os.name != "posix", reason="uses POSIX signals and limits")


def assert_valid(path) -> list[ldrec.Record]:
    """Every record of the file can be read and decoded, nothing is torn, the welcome comes first."""
    records = list(ldrec.read(path))
    assert ldrec.good_length(path) == path.stat().st_size, "the last record is torn"
    assert records[0].json()["type"] == "welcome"
    for record in records:
        assert record.json() if record.is_text else record.messages()
    return records


@pytest.mark.parametrize("after_s", [0.15, 0.6, 1.2, 2.2, None])
def test_ctrl_c_at_any_moment(tmp_path, after_s):
    """As a terminal does it: every process of the group gets the signal. None: while the dance is recorded."""
    folder, path = tmp_path / "t", tmp_path / "show.ldrec"
    folder.mkdir()
    mark, value = "LIVEDANCE_TEST_MARK", f"{os.getpid()}-{time.monotonic_ns()}"
    process = subprocess.Popen(
        [sys.executable, "-m", "livedance", "run", *DEMO, "--web", "127.0.0.1:0", "--osc", "off", "--osc-in", "off",
         "--no-window", "--no-tui", "--record", str(path)],
        env={**os.environ, "TMPDIR": str(folder), "XDG_CACHE_HOME": str(tmp_path / "cache"), mark: value,
             "LIVEDANCE_WEB__OPEN_BROWSER": "off"},
        cwd=REPOSITORY, start_new_session=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        if after_s is None:
            wait_for(lambda: path.exists() and windows_in(path) >= 2, 30, "a recording")
        else:
            time.sleep(after_s)
        os.killpg(process.pid, signal.SIGINT)
        out, _ = process.communicate(timeout=8 * SCALE)
    finally:
        process.kill()
    if process.returncode == -signal.SIGINT:
        assert after_s in (0.15, 0.6), "only an interpreter that still imports may die of it; shells call that 130 too"
    else:
        assert process.returncode == 130 and "Traceback" not in out, out
    wait_for(lambda: not processes_with(f"{mark}={value}"), 3, "every process to end")
    assert not list(folder.iterdir()), "the show's private folder is still there"
    if path.exists():
        assert_valid(path)
    assert after_s is not None or windows_in(path) >= 2


def test_full_disk_does_not_stop_the_show(tmp_path):
    path = tmp_path / "show.ldrec"
    osc = OscListener()
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    args = (*DEMO, "--web", "127.0.0.1:0", "--osc", f"default=127.0.0.1:{osc.port}", "--record", str(path))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT_BYTES, hard))  # The children inherit it.
    try:
        show_context = running(*args)
        show = show_context.__enter__()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    try:
        client = WebClient(show.fact("url", 20), want=("score", "stats"))
        error = show.fact("recording_fault", 20)
        assert "large" in error.lower() or "space" in error.lower(), error
        assert wait_for(lambda: recording(client).get("lost"), 5, "records to be counted as lost") > 0
        start, stage = time.monotonic(), show.pid("stage")
        n_windows = len(client.windows())
        wait_for(lambda: len(client.windows()) > n_windows + 2, 8, "the score to go on")
        time.sleep(1.0)
        assert len(sent_times(osc, start, time.monotonic())) > 20 * (time.monotonic() - start)
        show.kill("stage")
        wait_for(lambda: show.pid("stage") not in (None, stage), 5, "a new stage")
        n = len(osc.packets)
        wait_for(lambda: len(osc.packets) > n + 30, 10, "the new stage to play in spite of the full disk")
        client.close()
    finally:
        show_context.__exit__(None, None, None)
        osc.close()
    records = list(ldrec.read(path))
    assert path.stat().st_size <= LIMIT_BYTES and records[0].json()["type"] == "welcome"
    assert any(not r.is_text and isinstance(r.messages()[0], wire.Window) for r in records)


def recording(client: WebClient) -> dict:
    newest = next(itertools.islice(reversed(client.of("stats")), 1), {})
    return newest.get("recording") or {}


def test_a_restarted_stage_goes_on_with_the_recording(tmp_path):
    path = tmp_path / "show.ldrec"
    with running(*DEMO, "--web", "off", "--osc", "off", "--record", str(path)) as show:
        wait_for(lambda: path.exists() and windows_in(path) >= 3, 20, "a recording")
        show.kill("stage")
        n = windows_in(path)
        wait_for(lambda: windows_in(path) >= n + 4, 15, "the recording to go on")
        assert show.stop() == 130
    records = assert_valid(path)
    welcomes = [r.json() for r in records if r.is_text and r.json()["type"] == "welcome"]
    assert len(welcomes) == 2 and welcomes[0]["session"] == welcomes[1]["session"]
    assert welcomes[1]["server_s"] > welcomes[0]["server_s"]


def windows_in(path) -> int:
    if path.stat().st_size < len(ldrec.MAGIC):  # just being made
        return 0
    binary = [r for r in ldrec.read(path) if not r.is_text]
    return sum(isinstance(m, wire.Window) for r in binary for m in r.messages())


# --- the same few seconds live, rendered, and as beats --------------------------------------------------------------

SILENCE_S, MUSIC_S, END_S = 3.0, 7.0, 2.2
START_S, STOP_S = 3.0, 1.5
"""Design: dancing so soon after the first sound, idle so soon after the last."""


@pytest.fixture(scope="module")
def track(tmp_path_factory):
    """Silence, music, silence."""
    samples, rate = soundfile.read(ASSETS / "music" / "own_techno_132.ogg", always_2d=True)
    samples = samples[np.flatnonzero(np.abs(samples).max(axis=1) > 0.02)[0] :]
    before, after = (np.zeros((int(seconds * rate), samples.shape[1])) for seconds in (SILENCE_S, END_S))
    path = tmp_path_factory.mktemp("audio") / "track.wav"
    soundfile.write(path, np.concatenate([before, samples[: int(MUSIC_S * rate)], after]), rate)
    return path


def assert_idle_dance_idle(t_s: np.ndarray, origin: np.ndarray, what: str) -> None:
    """Check what was shown at `t_s`, seconds since the first sound."""
    changes = np.flatnonzero(np.diff(origin.astype(int))) + 1
    assert [int(origin[i]) for i in (0, *changes)] == [Origin.IDLE, Origin.MOTION_GRAPH, Origin.IDLE], what
    dances_s, rests_s = t_s[changes[0]], t_s[changes[1]] - MUSIC_S
    print(f"{what}: dances {dances_s:.2f} s after the first sound, idle {rests_s:.2f} s after the last")
    assert 0.0 < dances_s <= START_S and -0.5 < rests_s <= STOP_S


def test_live_show_starts_with_the_sound_and_ends_with_it(track, tmp_path):
    path = tmp_path / "show.ldrec"
    args = ("--audio", str(track), "--play", "off", "--web", "off", "--osc", "off", "--seed", "3")
    with running(*args, "--record", str(path)) as show:
        wait_for(lambda: show.facts().get("health") == "ended", 40, "the end of the file")
        time.sleep(0.5)
        show.stop()
    messages = replayer.timed(path)
    loud = [t_s for t_s, m in messages if isinstance(m, wire.Levels) and m.rms > 0.1]
    first_clock_s = next(t_s for t_s, m in messages if isinstance(m, wire.Clock))
    shown = [frame.pose for frame in replayer.frames(path, 60)]
    t_s = np.array([pose.t_s for pose in shown]) + first_clock_s - loud[0]
    assert_idle_dance_idle(t_s, np.array([pose.origin[0] for pose in shown]), "live")


@pytest.fixture(scope="module")
def rendered(track, tmp_path_factory) -> list[dict[str, np.ndarray]]:
    """The track rendered twice with the same seed."""
    out = []
    for name in ("a.npz", "b.npz"):
        path = tmp_path_factory.mktemp("render") / name
        done = livedance("render", str(track), "--out", str(path), "--seed", "3", "--dancers", "2")
        assert done.returncode == 0, done.stderr
        with np.load(path) as archive:
            out.append(dict(archive))
    return out


def test_render_starts_with_the_sound_and_ends_with_it(rendered):
    assert_idle_dance_idle(rendered[0]["t_s"] - SILENCE_S, rendered[0]["origin"][:, 0], "render")


def test_render_twice_is_equal(rendered):
    first, second = rendered
    assert first.keys() == second.keys()
    for key in first:
        assert np.array_equal(first[key], second[key]), key


def test_npz_holds_what_design_says(rendered):
    archive = rendered[0]
    n_frames, n_dancers, n_joints = len(archive["t_s"]), 2, 23
    expected = {
        "t_s": ((n_frames,), np.float64),
        "beat_position": ((n_frames,), np.float64),
        "dance_position": ((n_frames,), np.float64),
        "tempo_bpm": ((n_frames,), np.float64),
        "joint_positions_m": ((n_frames, n_dancers, n_joints, 3), np.float32),
        "joint_rotations_wxyz": ((n_frames, n_dancers, n_joints, 4), np.float32),
        "root_position_m": ((n_frames, n_dancers, 3), np.float32),
        "origin": ((n_frames, n_dancers), np.uint8),
        "joint_names": ((n_joints,), None),
        "parents": ((n_joints,), np.int32),
        "fps": ((), np.float64),
        "seed": ((), np.int64),
    }
    assert set(archive) == set(expected)
    for key, (shape, dtype) in expected.items():
        assert archive[key].shape == shape, key
        assert dtype is None or archive[key].dtype == dtype, key
    assert archive["fps"] == 60.0 and archive["seed"] == 3
    assert tuple(archive["joint_names"]) == skeleton.JOINT_NAMES and tuple(archive["parents"]) == skeleton.PARENTS
    assert np.allclose(archive["t_s"], np.arange(n_frames) / 60.0)
    assert archive["t_s"][-1] == pytest.approx(SILENCE_S + MUSIC_S + END_S, abs=0.05)
    assert (np.diff(archive["beat_position"]) >= 0).all()
    assert np.allclose(np.linalg.norm(archive["joint_rotations_wxyz"], axis=-1), 1.0, atol=1e-5)
    rebuilt = skeleton.forward_kinematics(archive["root_position_m"], archive["joint_rotations_wxyz"])
    assert np.abs(rebuilt - archive["joint_positions_m"]).max() < 1e-4


BEAT_KEYS = [
    "t_s", "beat_position", "tempo_bpm", "confidence", "bar_phase", "is_beat", "is_downbeat", "next_beat_s", "section",
    "build", "source",
]  # fmt: skip


def test_beats_lines_hold_what_design_says(track):
    done = livedance("beats", str(track))
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    hop_s = 512 / 44_100
    assert len(lines) == pytest.approx((SILENCE_S + MUSIC_S + END_S) / hop_s, abs=1)
    for i, line in enumerate(lines[:-1]):
        assert list(line) == BEAT_KEYS
        assert line["t_s"] == pytest.approx((i + 1) * hop_s, abs=1e-6)
        assert line["next_beat_s"] is None or line["next_beat_s"] > line["t_s"]
        assert isinstance(line["is_beat"], bool) and isinstance(line["is_downbeat"], bool)
        assert 0.0 <= line["confidence"] <= 1.0 and 0.0 <= line["build"] <= 1.0
    silent = [line for line in lines if line["t_s"] < SILENCE_S]
    assert all(line["beat_position"] is None and not line["is_beat"] for line in silent), "a beat in silence"
    known = [line["beat_position"] for line in lines if line["beat_position"] is not None]
    assert known and all(b >= a for a, b in itertools.pairwise(known)), "the position goes back"
    beats = [line["t_s"] for line in lines if line["is_beat"] and SILENCE_S + 3 < line["t_s"] < SILENCE_S + MUSIC_S]
    assert 60 / np.median(np.diff(beats)) == pytest.approx(132, rel=0.02)
