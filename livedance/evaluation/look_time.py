"""How fast each look draws, at each size, on moving dancers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final, TypeAlias

from livedance.evaluation import look_show, report
from livedance.evaluation.look_show import LookInShow
from livedance.render import bench
from livedance.render.bench import LookTime

Case: TypeAlias = tuple[str, tuple[int, int], str, int]
"""Look, size, background, dancers."""


def run(
    looks: Sequence[str],
    sizes: Sequence[tuple[int, int]],
    dancers: Sequence[int],
    frames: int,
    out: Path | None,
    track: Callable[[Sequence[Case]], Iterable[Case]] = lambda cases: cases,
    show_s: float = 0.0,
) -> tuple[list[LookTime], list[LookInShow]]:
    """Measure every look alone on nothing and on the full stage; writes a report where `out` is given.

    With `show_s` each is then watched for so many seconds in the window of a whole show.
    """
    cases = [
        (name, size, ground, n) for name in looks for size in sizes for ground in ("none", "stage") for n in dancers
    ]
    found = [
        bench.measure(name, size=size, background=ground, dancers=n, frames=frames)
        for name, size, ground, n in track(cases)
    ]
    head = ["look", "size", "background", "dancers", "ms p50", "ms p99", "pictures/s", "CPU ms p50", "CPU ms p99"]
    rows = [
        [t.look, f"{t.width_px}x{t.height_px}", t.background, t.dancers, t.wall_p50_ms, t.wall_p99_ms,
         1000.0 / t.wall_p50_ms, t.p50_ms, t.p99_ms]
        for t in found
    ]  # fmt: skip
    shows = [look_show.measure(name, size, n, show_s) for name in looks for size in sizes for n in dancers if show_s]
    tables = [report.table(head, rows)]
    if shows:
        head = ["look", "size", "dancers", "pictures/s", "draw ms p50", "draw ms p99", "level"]
        rows = [
            [s.look, f"{s.width_px}x{s.height_px}", s.dancers, s.fps, s.draw_p50_ms, s.draw_p99_ms, s.level]
            for s in shows
        ]
        tables.append(_SHOW_HEADING.format(seconds=show_s) + report.table(head, rows))
    report.write(out, "How fast the looks draw", _explanation(frames), {"looks": found, "shows": shows}, tables)
    return found, shows


_SHOW_HEADING: Final = """\
In the window of a whole show on a virtual display (`livedance run --audio demo --look NAME --window`, 60 pictures a
second wanted), {seconds:g} s after it has settled: drawing and handing over. Level 0 is full rate and size; a look
that is too slow gives up rate, then size (`livedance/pace.py`).

"""


def _explanation(frames: int) -> str:
    bones_ms, skin_ms, vertices = bench.skinning()
    return (
        f"`livedance bench look`: {frames} pictures each of synthetic dancers in one process that does nothing else;\n"
        "from a pose to a finished picture in memory, without the flash limiter. ms: by the wall clock. CPU ms:\n"
        "processor time of the whole process, all its threads; OpenCV draws on one, OpenGL on what the driver uses\n"
        f"({_opengl()}). Background `none` is the dancer alone with alpha, `stage` everything.\n"
        f"Of `mesh`, moving the bones takes {bones_ms:.1f} ms a picture and moving the skin {skin_ms:.1f} ms a dancer\n"
        f"of {vertices:,} vertices: once a picture, by numpy, whatever is drawn of it.\n"
    )


def _opengl() -> str:
    from livedance.errors import LivedanceError

    try:
        from livedance.render.mesh.gl import probe

        return probe()[0]
    except LivedanceError as error:
        return str(error)
