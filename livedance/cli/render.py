"""`livedance render`: brain and screen in one process on a virtual clock."""

from __future__ import annotations

import gc
import json
import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import typer

from livedance import config as configs
from livedance import offline
from livedance import state as states
from livedance.audio.file_source import open_sound
from livedance.brain import BrainStep
from livedance.cli.run import check_look, check_style, parse_size
from livedance.clock import TimeMap
from livedance.config import LiveConfig
from livedance.errors import ConfigError, FileError
from livedance.offline import OfflineFrame
from livedance.render.look import Image
from livedance.score_stream import ScoreStream

FORMATS = (".npz", ".bvh", ".mp4", ".png", ".ldrec")
REFRESH_HZ = 4.0
"""Of the progress bar: drawing it more often takes time from the dance."""
COLLECT_EVERY: Final = 50_000
"""New objects between two looks for cycles: a render makes many records, keeps its poses, and hardly makes cycles."""


def render(
    file: Path,
    out: Path,
    *,
    fps: float,
    seed: int | None,
    dancers: int,
    formation: str,
    director: bool,
    generator: str,
    tracker: str,
    style: str,
    look: str,
    background: str,
    size: str,
) -> None:
    """Dance to `file` into `out`; raises a `LivedanceError`, and then nothing is left half-written."""
    gc.freeze()
    gc.set_threshold(COLLECT_EVERY)
    config = configs.check(
        {
            "beat": {"tracker": tracker},
            "dance": {"generator": generator, "style": style, "dancers": dancers, "formation": formation},
            "director": {"enabled": director},
            "look": {"name": look, "background": background},
        },
        "render",
    )
    if not 1.0 <= fps <= 240.0:
        raise ConfigError(f"--fps {fps:g} cannot be used: choose 1 to 240")
    check_style(style)
    check_look(look)
    check_out(out)
    picture_size = parse_size(size)
    with open_sound(file) as sound:
        duration_s = sound.frames / sound.samplerate
    chosen = secrets.randbits(31) if seed is None else seed
    if seed is None:
        typer.echo(f"seed    {chosen}", err=True)
    with _progress(f"{file.name} -> {out.name}", duration_s) as tell:
        recorded, keep = recording(config)
        on_step = keep if suffix_of(out) == ".ldrec" else lambda step: None
        frames = offline.frames(config, chosen, offline.hear(file), duration_s, fps, on_step)
        watched = _watched(frames, tell)
        write(out, watched, config=config, seed=chosen, fps=fps, audio=file, size=picture_size, records=recorded)
    typer.echo(f"wrote   {out}", err=True)


def recording(config: LiveConfig) -> tuple[list[bytes], Callable[[BrainStep], None]]:
    """Return the messages of a recording of a render (none yet), and what adds to them step by step."""
    messages: list[bytes] = []
    stream, show = ScoreStream(TimeMap(rigid=True)), states.first_state(config)

    def keep(step: BrainStep) -> None:
        messages.extend(stream.messages(step, step.estimate.index, step.features.t_s))
        if step.directed is not None:
            states.direct(show, step.directed)
            messages.append(json.dumps(show.to_json(), separators=(",", ":")).encode())

    return messages, keep


@contextmanager
def _progress(title: str, duration_s: float) -> Iterator[Callable[[float], None]]:
    """Yield what takes the seconds done so far: a bar on a terminal, else nothing (loading a bar takes 50 ms)."""
    if not sys.stderr.isatty():
        yield lambda t_s: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:3.0f} %"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True, refresh_per_second=REFRESH_HZ) as bar:
        task = bar.add_task(title, total=duration_s)
        yield lambda t_s: bar.update(task, completed=t_s)


def suffix_of(out: Path) -> str:
    """Return the ending that says the format; capitals count as small letters."""
    return out.suffix.lower()


def check_out(out: Path) -> None:
    """Raise `ConfigError` or `FileError` when `out` cannot become a file of a known kind."""
    if suffix_of(out) not in FORMATS:
        raise ConfigError(f"cannot write '{out}': its name must end in {', '.join(FORMATS)}")
    if not out.parent.is_dir():
        raise FileError(f"cannot write '{out}': the folder '{out.parent}' does not exist")
    probe = out.with_name(f".{out.name}.probe")
    try:
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise FileError(f"cannot write '{out}': {error.strerror}") from error


def _watched(frames: Iterator[OfflineFrame], tell: Callable[[float], None]) -> Iterator[OfflineFrame]:
    for index, frame in enumerate(frames):
        if index % 30 == 0:
            tell(frame.pose.t_s)
        yield frame


def write(
    out: Path,
    frames: Iterator[OfflineFrame],
    *,
    config: LiveConfig,
    seed: int,
    fps: float,
    audio: Path | None,
    size: tuple[int, int],
    records: list[bytes],
) -> None:
    """Write `frames` in the format that the name of `out` asks for."""
    suffix = suffix_of(out)
    if suffix == ".npz":
        from livedance.broadcast.npz import write_npz

        write_npz(out, ((f.pose, f.clock.tempo_bpm) for f in frames), fps=fps, seed=seed)
    elif suffix == ".bvh":
        from livedance.broadcast.bvh import write_bvh

        write_bvh(out, (f.pose for f in frames), fps=fps)
    elif suffix == ".mp4":
        _write_video(out, frames, config, fps, audio, size)
    elif suffix == ".png":
        from livedance.broadcast.stills import StillsWriter

        with StillsWriter(out) as stills:
            for image in _pictures(frames, config, size):
                stills.write(image)
    else:
        from livedance.broadcast import text
        from livedance.broadcast.recorder import Recorder

        for _ in frames:
            pass
        state = first_state(config)
        recorder = Recorder()
        recorder.open(out, text.welcome(session="render", boot="render", server_s=0.0, state=state, seed=seed))
        for record in records:
            recorder.write(record)
        recorder.close()


def first_state(config: LiveConfig) -> dict[str, Any]:
    """Return the `state` message with which a show of `config` begins."""
    return states.first_state(config).to_json()


def _write_video(
    out: Path, frames: Iterator[OfflineFrame], config: LiveConfig, fps: float, audio: Path | None, size: tuple[int, int]
) -> None:
    from livedance.broadcast.video import Sound, VideoWriter

    sound = None
    if audio is not None:
        with open_sound(audio) as file:
            sound = Sound(samples=file.read(dtype="float32", always_2d=True), sample_rate_hz=file.samplerate)
    with VideoWriter(out, size, fps, sound=sound) as video:
        if video.note:
            typer.echo(video.note, err=True)
        for image in _pictures(frames, config, size):
            video.write(image)


def _pictures(frames: Iterator[OfflineFrame], config: LiveConfig, size: tuple[int, int]) -> Iterator[Image]:
    """Yield the finished picture of every frame, (H, W, 4) BGRA with straight alpha."""
    from livedance.picture import Picture

    look = config.look
    picture = Picture(look.name, look.background, look.flash_limiter)
    first = first_state(config)
    for frame in frames:
        state = first if frame.state is None else frame.state
        yield picture.draw(frame.pose, frame.levels, state, size, frame.pose.t_s)
