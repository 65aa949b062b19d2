"""Is the picture on the beat? A real show hears real audio; every output is watched from outside.

The probe generator stops once on every dance beat. Its stops are found in what a receiver got (OSC poses, WebSocket
poses, the pixels of the window) at the time it got them, and laid against the beats at the time they were in the room.
"""

from __future__ import annotations

import functools
import json
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from livedance.errors import FileError
from livedance.evaluation import report
from livedance.evaluation.clicks import as_written, click_track, metronome, write_wav
from livedance.evaluation.listeners import OscListener, ScreenListener, SocketListener
from livedance.evaluation.pulse_rig import PulseRig, RigError
from livedance.evaluation.show_process import BenchError, ShowProcess
from livedance.evaluation.timing import Timing, chance, locked_s, picture_accents, pose_accents, timing

Array = NDArray[np.floating]
T = TypeVar("T")

SETTLE_S: Final = 4.0
"""The numbers count from so long after the first sound."""
BEFORE_S: Final = 4.0
"""Silence that the show hears before the track."""
TRIES: Final = 3
START_S: Final = 40.0
"""A busy machine has this long to start a show."""
FIXED_BPM: Final = 120.0
CALIBRATION_S: Final = 12.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """Something to play whose beats are known."""

    name: str
    samples: NDArray[np.float32]
    beats_s: Array
    tracker: str

    @property
    def seconds(self) -> float:
        """Length."""
        return len(self.samples) / 44_100


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One line of the report."""

    track: str
    tracker: str
    output: str
    found: Timing
    locked_s: float = float("nan")
    """From the first beat to the first of four accents in a row within 60 ms of one."""


def click_tracks(bpms: Sequence[float], seconds: float, tracker: str) -> list[Track]:
    """Return click tracks for a tracker (`click` knows their beats exactly)."""
    tracks = []
    for bpm in bpms:
        samples, beats = click_track(bpm, seconds)
        tracks.append(Track(name=f"clicks {bpm:g}", samples=samples, beats_s=beats, tracker=tracker))
    return tracks


def music_tracks(folder: Path, names: Sequence[str], seconds: float, tracker: str) -> list[Track]:
    """Return the beginnings of pieces with known beats from a folder with `index.json`; raises `FileError`."""
    import soundfile
    import soxr

    try:
        index = {entry["file"]: entry for entry in json.loads((folder / "index.json").read_text(encoding="utf-8"))}
        tracks = []
        for name in names:
            data, rate = soundfile.read(str(folder / name), dtype="float32", always_2d=True)
            mono = soxr.resample(data.mean(axis=1), rate, 44_100).astype(np.float32)[: round(seconds * 44_100)]
            beats = np.array(index[name]["beats"])
            tracks.append(
                Track(name=Path(name).stem, samples=mono, beats_s=beats[beats < len(mono) / 44_100], tracker=tracker)
            )
    except (OSError, KeyError, ValueError, RuntimeError) as error:
        raise FileError(f"no music with beats in '{folder}': {error}") from error
    return tracks


def watch(rig: PulseRig, track: Track, *, window: bool) -> list[Row]:
    """Run a show that hears `track`; return how each output lay on the beat."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "track.wav"
        write_wav(path, track.samples)
        samples = as_written(track.samples)
        osc = OscListener()
        screen = ScreenListener() if window else None
        socket: SocketListener | None = None
        env = rig.env | ({"DISPLAY": screen.display} if screen else {})
        try:
            with ShowProcess(_options(track, osc.port, screen), env) as show:
                url = show.wait_for("url", START_S)
                socket = SocketListener(socket_url(url), token=token_of(url))
                if screen is not None:
                    screen.wait(START_S)
                time.sleep(BEFORE_S)
                asked_s = rig.play(path)
                time.sleep(track.seconds + 0.5)
                rig.stop_playing()
                said = show.said
        finally:
            osc.stop()
            if socket is not None:
                socket.stop()
            if screen is not None:
                screen.stop()
        if any('"health": "lost"' in line for line in said):
            raise RigError("the audio device stalled for more than 250 ms: the machine is overloaded")
        heard = rig.listener.heard_s(asked_s, samples, track.beats_s)
    accents = {
        "OSC poses": pose_accents(*osc.poses()),
        "OSC beat/hit": osc.hits(),
        "WebSocket poses": pose_accents(*socket.poses()),
    }
    if screen is not None:
        accents["window pixels"] = picture_accents(*screen.pictures())
    if not len(accents["OSC poses"]):
        raise BenchError(f"no poses came over OSC; the show said: {' '.join(said[-3:])}")
    start = heard[0] + SETTLE_S
    rows = [
        Row(
            track=track.name,
            tracker=track.tracker,
            output=output,
            found=timing(found, heard, start),
            locked_s=locked_s(found, heard),
        )
        for output, found in accents.items()
    ]
    return rows + _controls(track, accents["OSC poses"], heard, start)


def _controls(track: Track, accents: Array, heard: Array, start: float) -> list[Row]:
    """Return what chance and a dancer of fixed tempo would have reached on the same track."""
    fixed = timing(metronome(heard, FIXED_BPM), heard, start)
    return [
        Row(track=track.name, tracker="–", output="chance", found=chance(accents, heard, start)),
        Row(track=track.name, tracker="–", output=f"fixed {FIXED_BPM:g} BPM", found=fixed),
    ]


def calibrate(rig: PulseRig) -> dict[str, float]:
    """Return how much later than in the room the product's own capture dates a click, in this rig (ms)."""
    from livedance.audio.capture import Capture
    from livedance.clock import TimeMap
    from livedance.config import AudioConfig

    samples, beats = click_track(120.0, CALIBRATION_S)
    samples = as_written(samples)
    capture, time_map = Capture(AudioConfig(source="mic", backend="pyaudio")), TimeMap()
    heard: list[tuple[float, NDArray[np.float32]]] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "clicks.wav"
        write_wav(path, samples)
        capture.start()
        begin, asked_s = time.monotonic(), 0.0
        while time.monotonic() < begin + BEFORE_S + CALIBRATION_S + 1.0:
            if not asked_s and time.monotonic() > begin + BEFORE_S:
                asked_s = rig.play(path)
            block = capture.take(0.05)
            if block is not None:
                stamp = block.device_t_s
                if stamp is None:
                    stamp = time.monotonic() - len(block.samples) / block.sample_rate_hz - capture.info.latency_s
                time_map.observe(block.t_s, stamp)
                heard.append((time_map.show_at(block.t_s), block.samples[:, 0]))
        capture.close()
        rig.stop_playing()
    true = rig.listener.heard_s(asked_s, samples, beats)
    rate = 44_100.0
    times = np.concatenate([start + np.arange(len(block)) / rate for start, block in heard])
    loud = times[np.abs(np.concatenate([block for _, block in heard])) > 0.2]
    late = [1e3 * (loud[np.searchsorted(loud, beat - 0.1)] - beat) for beat in true if loud[-1] > beat - 0.1]
    return {"median_ms": float(np.median(late)), "sd_ms": float(np.std(late)), "clicks": len(late)}


def run(
    *, exact_bpms: Sequence[float], tracker: str, music: Path | None, music_names: Sequence[str], seconds: float,
    window: bool, out: Path | None,
) -> list[Row]:  # fmt: skip
    """Measure everything and write the report, if one is wanted; returns its rows."""
    tracks = click_tracks(exact_bpms, seconds, "click") + click_tracks(exact_bpms, seconds, tracker)
    if music is not None:
        tracks += music_tracks(music, music_names, seconds, tracker)
    rows: list[Row] = []
    failures: list[str] = []
    with PulseRig() as rig:
        offset = again(functools.partial(calibrate, rig))
        for track in tracks:
            try:
                rows += again(functools.partial(watch, rig, track, window=window))
            except BenchError as failure:
                failures.append(f"{track.name} with {track.tracker}: {failure}")
    write_report(rows, offset, seconds, failures, out)
    return rows


def again(measure: Callable[[], T]) -> T:
    """Return what `measure` gives, tried anew when rig or show failed."""
    for _ in range(TRIES - 1):
        try:
            return measure()
        except BenchError:
            continue
    return measure()


def write_report(
    rows: Sequence[Row], offset: dict[str, float], seconds: float, failures: Sequence[str], out: Path | None
) -> None:
    """Write `out`.json and `out`.md; what could not be measured is listed too."""
    head = [
        "track",
        "tracker",
        "output",
        "accents",
        "mean ms",
        "less rig ms",
        "sd ms",
        "median ms",
        "p95 abs ms",
        "R",
        "locked after s",
    ]
    cells: list[list[Any]] = [
        [r.track, r.tracker, r.output, r.found.accents, r.found.mean_ms, r.found.mean_ms - offset["median_ms"],
         r.found.sd_ms, r.found.median_ms, r.found.p95_ms, r.found.phase_r, r.locked_s]
        for r in rows
    ]  # fmt: skip
    explanation = _EXPLANATION.format(seconds=seconds, settle=SETTLE_S, **offset)
    report.write(
        out,
        "Timing at presentation",
        explanation,
        {"rig_offset": offset, "seconds": seconds, "rows": list(rows), "not_measured": list(failures)},
        [report.table(head, cells), *[f"Not measured: {failure}\n" for failure in failures]],
    )


def socket_url(url: str) -> str:
    """Return the socket's address from the page's."""
    return url.partition("#")[0].rstrip("/").replace("http", "ws", 1) + "/ws"


def token_of(url: str) -> str:
    """Return the token in the fragment of the page's address, "" without one."""
    return url.partition("token=")[2].partition("&")[0]


def _options(track: Track, osc_port: int, screen: ScreenListener | None) -> list[str]:
    window = ["--no-window"]
    if screen is not None:
        size = f"{ScreenListener.WIDTH_PX}x{ScreenListener.HEIGHT_PX}"
        window = ["--window", "--size", size, "--look", "skeleton", "--background", "black"]
    return [
        "--audio", "mic", "--generator", "probe", "--no-director", "--tracker", track.tracker, "--web", "127.0.0.1:0",
        "--seed", "1", "--osc", f"default=127.0.0.1:{osc_port}", "--osc-in", "off", *window,
    ]  # fmt: skip


_EXPLANATION: Final = """\
`livedance bench sync`: `livedance run --generator probe --no-director` hears {seconds:g} s of each track through a
PulseAudio null sink and PyAudio. Beats count when they were in the room (earliest arrival at another program on the
same monitor), accents when a receiver had them, from {settle:g} s after the first beat on; positive = late. "Locked
after" runs from the first beat to the first of four accents in a row within 60 ms of a beat. In this rig the
product's own capture dates an impulse {median_ms:.1f} ms late (median of {clicks:.0f} clicks, sd {sd_ms:.1f} ms):
what PulseAudio and ALSA add and do not report. `audio.offset_ms` takes it out; column "less rig" is the mean without
it, all others are as measured.
Tracker `click` knows the beats of a click track to the sample: its rows are the chain with exact beats.
A run in which the audio server lost sound or stalled for 250 ms (an overloaded machine) is repeated.

Goals: exact beats mean ±10 ms, sd 20 ms; with the tracker ±20 / 30 ms.
"""
