"""Dancers made from their cuts, written as they ship."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from livedance.render.mesh import figure
from livedance.training.character import outfit, solids, surface


def dressed(cut: outfit.Cut) -> figure.Figure:
    """Return one dancer with everything on; takes about a second."""
    pieces = outfit.pieces(cut)
    surfaces = [surface.of(piece) for piece in pieces]
    whole = solids.union(*(piece.solid for piece in pieces))
    first = np.cumsum([0, *(len(made.position_m) for made in surfaces[:-1])])
    position_m = np.concatenate([made.position_m for made in surfaces])
    weights = np.concatenate([made.weights for made in surfaces])
    return figure.Figure(
        position_m=position_m,
        normal=np.concatenate([made.normal for made in surfaces]),
        weights=weights,
        carry=figure.twisted(weights, position_m),
        material=np.concatenate(
            [
                np.full(len(made.position_m), figure.MATERIALS.index(piece.material), np.uint8)
                for made, piece in zip(surfaces, pieces, strict=True)
            ]
        ),
        open=np.concatenate(
            [surface.openness(whole, made.position_m, made.normal) for made in surfaces], dtype=np.float32
        ),
        triangles=np.concatenate([made.triangles + n for made, n in zip(surfaces, first, strict=True)]),
    )


def make(out: Path) -> Iterator[tuple[str, figure.Figure]]:
    """Write all dancers into the folder `out`; yields each with its name when it is written."""
    out.mkdir(parents=True, exist_ok=True)
    for cut in outfit.CUTS:
        made = dressed(cut)
        figure.write(out / f"{cut.name}.npz", made)
        yield cut.name, made
