"""How fast each look draws, at each size, on moving dancers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeAlias

from livedance.evaluation import report
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
) -> list[LookTime]:
    """Measure every look alone on nothing and on the full stage; writes a report where `out` is given."""
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
    report.write(out, "How fast the looks draw", _explanation(frames), {"looks": found}, [report.table(head, rows)])
    return found


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
