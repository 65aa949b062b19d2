"""Held-out clips of our generator and songs of LMMS, rendered once and kept in the cache.

A clip is kept until the generator's code or its split changes, a song for good.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path
from typing import Final

from livedance import paths
from livedance.errors import FileError
from livedance.messages import F32
from livedance.training.beat_music import truths
from livedance.training.beat_music.piece import Truth

HELD_OUT_FROM: Final = 1_000_000
"""Seeds from here on are not trained on (configs/splits/beat.toml)."""


def example(kind: str, index: int, seconds: float, cache: Path | None = None) -> tuple[F32, Truth]:
    """Return the held-out clip `index` of `kind`; `cache` None is the user's. Raises `FileError`, `ConfigError`."""
    from livedance.training.beat_music import banks, clips, dataset

    folder = (cache or paths.cache_dir()) / "beat_eval" / version()
    stem = folder / f"{kind}_{index}_{round(seconds)}"
    try:
        if not stem.with_suffix(".json").exists():
            places = banks.Places(cache=cache)
            clips.write(stem, *dataset.example(HELD_OUT_FROM + index, "held-out", kind, seconds, places=places))
        return clips.read(stem)
    except OSError as error:
        raise FileError(f"the cache {folder} cannot be used: {error}") from error


@lru_cache(maxsize=1)
def version() -> str:
    """Return a digest of everything that the generator's sound depends on, but for the sample libraries."""
    from livedance.training.beat_music import banks

    digest = hashlib.sha256()
    for path in [*sorted(Path(truths.__file__).parent.glob("*.py")), banks.SPLIT_FILE]:
        digest.update(path.name.encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
