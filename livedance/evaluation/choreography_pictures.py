"""Motion that can be looked at on paper: strips of pictures, the path over the floor, speed over time."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from livedance import registry
from livedance.errors import FileError
from livedance.evaluation.accents import joint_speed
from livedance.evaluation.beat_plot import require
from livedance.evaluation.choreography_track import FPS, BeatTrack, shown
from livedance.messages import PoseFrame
from livedance.render.look import DrawContext

Array = NDArray[np.floating]
Image = NDArray[np.uint8]

PICTURES: Final = 16
LOOK: Final = "neon"
SIZE_PX: Final = (124, 150)
"""Width and height of one picture."""
SMALL_PX: Final = (64, 92)
PLOT_PX: Final = 190
DPI: Final = 80
MARK_PX: Final = 4
LABEL_PX: Final = 18
COLOURS: Final = 96
"""Of the palette that pictures are written with."""
STAGE_M: Final = 1.8
TOP_M_PER_S: Final = 2.5
_INK: Final = (235, 235, 235)
_ON_BEAT: Final = (80, 200, 255)
_OFF_BEAT: Final = (90, 60, 40)


def strip(
    tracks: Sequence[BeatTrack], start: float, beats: float, size_px: tuple[int, int] = SIZE_PX, n: int = PICTURES
) -> Image:
    """Return `n` pictures of the dancers in a row, from dance beat `start` on, spread over `beats`.

    The bar under each picture is bright where it shows a whole beat. The camera follows as it does live.
    """
    look = registry.build("look", LOOK)
    width_px, height_px = size_px
    context = DrawContext(width_px=width_px, height_px=height_px, background="black")
    row = []
    for i in range(n):
        beat = start + i * beats / n
        picture = np.ascontiguousarray(look.draw(pose_at(tracks, beat), context)[..., :3])
        on_beat = abs(beat - round(beat)) < 1e-6
        cv2.rectangle(
            picture, (1, height_px - MARK_PX), (width_px - 2, height_px), _ON_BEAT if on_beat else _OFF_BEAT, -1
        )
        row.append(picture)
    return np.hstack(row)


def pose_at(tracks: Sequence[BeatTrack], beat: float) -> PoseFrame:
    """Return the dancers at the sample nearest to dance beat `beat`."""
    rows = [min(max(track.index(beat), 0), len(track.t_s) - 1) for track in tracks]
    pairs = list(zip(tracks, rows, strict=True))
    return PoseFrame(
        t_s=float(tracks[0].t_s[rows[0]]),
        beat_position=beat,
        dance_position=beat,
        root_position_m=np.stack([track.root_position_m[i] for track, i in pairs]),
        joint_rotations_wxyz=np.stack([track.joint_rotations_wxyz[i] for track, i in pairs]),
        joint_positions_m=np.stack([track.joint_positions_m[i] for track, i in pairs]),
        origin=np.ones(len(tracks), np.uint8),
        hands=np.zeros((len(tracks), 2), np.uint8),
        foot_contact=np.stack([track.foot_contact[i] for track, i in pairs]),
    )


def plots(tracks: Sequence[BeatTrack], start: float, beats: float, width_px: int) -> Image:
    """Return the hips' path over the floor, and the joint speed over time, of the same stretch."""
    pyplot = require()
    figure, (path, speed) = pyplot.subplots(
        1, 2, figsize=(width_px / DPI, PLOT_PX / DPI), dpi=DPI, width_ratios=(1, 5), layout="constrained"
    )
    for track in tracks:
        part = track.between(start, start + beats)
        path.plot(part.root_position_m[:, 0], part.root_position_m[:, 2], lw=1)
        path.plot(*part.root_position_m[0, [0, 2]], "o", ms=3, color="black")
        seen = shown(part)
        speed.plot(seen.beats - start, joint_speed(seen.positions_m, FPS), lw=1)
    far = max([STAGE_M, *(float(np.abs(track.root_position_m[:, [0, 2]]).max()) for track in tracks)])
    path.set(xlim=(-far, far), ylim=(far, -far), aspect="equal")
    path.set_title("hips from above, m", fontsize=7)
    for beat in range(int(beats) + 1):
        at = np.ceil(start) - start + beat
        speed.axvline(at, color="0.7", lw=0.8)
    speed.set(xlim=(0, beats), ylim=(0, TOP_M_PER_S))
    speed.set_title("mean joint speed, m/s, over beats", fontsize=7)
    for axes in (path, speed):
        axes.tick_params(labelsize=6)
    return _drawn(figure)


def sheet(tracks: Sequence[BeatTrack], start: float, title: str = "", beats: float = 8.0) -> Image:
    """Return strips over two beats and over `beats` from dance beat `start` on, path and speed, one over the other."""
    rows = [strip(tracks, start, 2.0), strip(tracks, start, beats)]
    rows.append(plots(tracks, start, beats, rows[0].shape[1]))
    return np.vstack(([labelled(title, rows[0].shape[1])] if title else []) + rows)


def labelled(text: str, width_px: int) -> Image:
    """Return a line of text as a picture."""
    line = np.zeros((LABEL_PX, width_px, 3), np.uint8)
    cv2.putText(line, text, (6, LABEL_PX - 5), cv2.FONT_HERSHEY_SIMPLEX, 0.42, _INK, 1, cv2.LINE_AA)
    return line


def save(image: Image, path: Path) -> None:
    """Write a picture as a small png; raises `FileError`."""
    from PIL import Image as Pillow

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        Pillow.fromarray(image[..., ::-1]).quantize(COLOURS).save(path, optimize=True)
    except OSError as error:
        raise FileError(f"cannot write the picture {path}: {error.strerror}") from error


def _drawn(figure: object) -> Image:
    """Return a figure as a picture, BGR, and close it."""
    buffer = io.BytesIO()
    figure.savefig(buffer, dpi=DPI, format="rgba")  # type: ignore[attr-defined]
    width, height = (round(v) for v in figure.bbox.size)  # type: ignore[attr-defined]
    require().close(figure)
    rgba = np.frombuffer(buffer.getvalue(), np.uint8).reshape(height, width, 4)
    return np.ascontiguousarray(rgba[..., [2, 1, 0]])
