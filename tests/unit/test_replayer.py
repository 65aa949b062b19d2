"""A recording shows what the show showed: its dancers, its look and its freezes, whenever they changed."""

import importlib
import json
import tempfile
import threading
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from livedance import config, offline, replayer, stage
from livedance import state as states
from livedance.broadcast import ldrec, text, wire
from livedance.broadcast.recorder import Recorder
from livedance.clock import TimeMap
from livedance.control import controls as control
from livedance.dance.arrangement import arrangement_for
from livedance.feed import Feed
from livedance.messages import HOP_RATE_HZ, HOP_SAMPLES, Command, Controls, Hop
from livedance.score_stream import ScoreStream
from tests.unit.stage_rig import Running, Standby
from tests.unit.waiting import until

command = importlib.import_module("livedance.cli.replay")  # `livedance.cli.replay` is the command of the same name
SECONDS = 4.0


def state_json(controls: Controls) -> dict[str, Any]:
    return states.StageState(controls=controls, arrangement=arrangement_for(controls, 0.0)).to_json()


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two dancers in silhouette; after half of the time three of them, frozen."""
    before = Controls(dancers=2, formation="mirror", look="silhouette", palette=3)
    after = control.reduce(before, Command(op="set", args={"dancers": 3, "freeze": True}))
    return record(tmp_path_factory.mktemp("recording") / "show.ldrec", before, after)


def record(path: Path, before: Controls, after: Controls) -> Path:
    """Record a show in silence whose controls change after half of the time."""
    live = config.check({"dance": {"generator": "idle"}})
    recorder, stream = Recorder(), ScoreStream(TimeMap(rigid=True))
    recorder.open(path, text.welcome(session="s", boot="b", server_s=0.0, state=state_json(before), seed=7))
    hops = (
        Hop(index=i, t_s=(i + 1) * HOP_SAMPLES / HOP_RATE_HZ, samples=np.zeros(HOP_SAMPLES, np.float32))
        for i in range(int(SECONDS * HOP_RATE_HZ / HOP_SAMPLES))
    )
    told = False
    for step in offline.steps(live, 7, hops):
        if step.features.t_s > SECONDS / 2 and not told:
            told = True
            recorder.write_text(json.dumps(state_json(after)))
        for message in stream.messages(step, step.estimate.index, step.features.t_s):
            recorder.write(message)
    recorder.close()
    return path


def test_dancers_come_and_freeze_when_they_did(recording: Path) -> None:
    shown = [frame.pose for frame in replayer.frames(recording, 20)]
    counts = [len(pose.root_position_m) for pose in shown]
    assert counts[0] == 2 and counts[-1] == 3 and counts == sorted(counts)
    assert not np.array_equal(shown[5].joint_positions_m, shown[10].joint_positions_m)
    assert np.array_equal(shown[-1].joint_positions_m, shown[-10].joint_positions_m)
    assert shown[-1].beat_position > shown[-10].beat_position


def test_the_seed_is_the_recorded_one(recording: Path) -> None:
    assert replayer.seed_of(recording) == 7


def test_a_replay_has_places_for_all_dancers_and_the_recorded_look(recording: Path, monkeypatch: Any) -> None:
    seen: list[config.LiveConfig] = []
    monkeypatch.setattr(command, "run_config", lambda live: seen.append(live) or 0)
    options: dict[str, Any] = {"web": "off", "osc": ["off"], "window": False}
    assert command.replay(recording, out=None, fps=60.0, options=options) == 0
    assert command.replay(recording, out=None, fps=60.0, options=options | {"look": "neon"}) == 0
    first, second = seen
    assert (first.dance.dancers, first.dance.formation) == (3, "mirror")
    assert (first.look.name, first.look.palette, second.look.name) == ("silhouette", 3, "neon")


def test_changes_are_told_to_the_stage_once(recording: Path) -> None:
    told = [message for _, message in replayer.timed(recording) if isinstance(message, dict)]
    assert len(told) == 2
    shown = [replayer.shown(state) for state in told]
    assert [s["dancers"] for s in shown] == [2, 3] and [s["freeze"] for s in shown] == [False, True]


def test_a_video_shows_what_changed(tmp_path: Path) -> None:
    before = Controls(look="silhouette", palette=3)
    after = control.reduce(before, Command(op="set", args={"blackout": True, "blackout_fade_ms": 0.0}))
    path, out = record(tmp_path / "show.ldrec", before, after), tmp_path / "show.mp4"
    options: dict[str, Any] = {"size": "128x72", "background": "black"}
    assert command.replay(path, out=out, fps=10.0, options=options) == 0
    video = cv2.VideoCapture(str(out))
    pictures = [picture for is_read, picture in iter(video.read, (False, None)) if is_read]
    light = [float(picture.max()) for picture in pictures]
    assert min(light[: len(light) // 2 - 2]) > 60 and max(light[len(light) // 2 + 2 :]) < 20


def test_a_look_that_was_asked_for_stays_until_the_recorded_one_changes(tmp_path: Path) -> None:
    before = Controls(look="silhouette", palette=3)
    same = control.reduce(before, Command(op="set", args={"palette": 5}))
    other = control.reduce(before, Command(op="set", args={"look": "skeleton"}))
    seen = []
    for after in (same, other):
        path = record(tmp_path / "show.ldrec", before, after)
        states = [frame.state or {} for frame in replayer.frames(path, 10, "neon")]
        seen.append([(states[at]["look"], states[at]["palette"]) for at in (0, -1)])
    assert seen == [[("neon", 3), ("neon", 5)], [("neon", 3), ("skeleton", 3)]]


def cut_short(path: Path, out: Path) -> Path:
    """Copy a recording up to where less than a beat of its score is left: as a show ends that is stopped anywhere."""
    records = list(ldrec.read(path))
    messages = [(record, record.messages()[0]) for record in records if not record.is_text]
    clock = next(m for _, m in reversed(messages) if isinstance(m, wire.Clock))
    last = [m for _, m in messages if isinstance(m, wire.Window)][-2]
    end_s = wire.clock_state(clock).time_at(last.beat_start + last.samples / last.samples_per_beat - 0.4)
    kept = [r for r, m in messages if m.t_s < end_s and not (isinstance(m, wire.Window) and m.plan > last.plan)]
    welcome = next(record for record in records if record.is_text)
    out.write_bytes(ldrec.MAGIC + b"".join(ldrec.frame(record.data) for record in [welcome, *kept]))
    return out


def test_rounds_follow_each_other_without_a_standby(
    recording: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(stage, "Standby", Standby)
    rig = Running({"replay": str(cut_short(recording, tmp_path / "short.ldrec"))})
    window = Feed(rig.show, "window")
    player = replayer.Replayer(rig.show, rig.life)  # type: ignore[arg-type]
    thread = threading.Thread(target=player.run, daemon=True)
    thread.start()
    epochs, gaps, first = set(), 0, 0

    def two_rounds_were_shown() -> bool:
        nonlocal gaps, first
        window.update()
        epochs.add(window.clock.epoch)
        if first or len(window.player.score.windows()):
            first = 1
            shown = window.player.score.covers(0, window.clock.dance_at(rig.show.clock.now()))
            gaps += not shown
        return len(epochs) > 2 and window.clock.position_at(rig.show.clock.now()) > 1.0

    until(two_rounds_were_shown, 30.0)
    assert not rig.standby.active
    assert gaps < 40, "a few looks in the moment between a new clock and its windows"
    window.close()
    rig.close()
    thread.join(5.0)
