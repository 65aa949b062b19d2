"""Demo songs of LMMS as items, one fold an artist: exact grids of real producers.

The network may have been trained on these songs, so each is scored with a model that never heard its artist; without
one it goes into a group of its own, which counts for no goal.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import partial
from pathlib import Path
from typing import Final

from livedance import paths
from livedance.evaluation.beat_suite import LMMS, Heard, Item
from livedance.messages import HOP_RATE_HZ
from livedance.training.beat_music import clips, lmms_songs, truths
from livedance.training.beat_music.lmms_songs import Song

EXCERPT_S: Final = 90.0
HEARD: Final = f"{LMMS}, perhaps heard in training"


def items(cache: Path | None, folds: Collection[str]) -> list[Item]:
    """Return the songs at their own tempo; `folds` are the artists for whom there is a model."""
    return [
        Item(
            name=song.name,
            group=LMMS if song.artist in folds else HEARD,
            category=song.artist,
            fold=song.artist,
            load=partial(_load, song, cache or paths.cache_dir()),
        )
        for song in lmms_songs.find()
    ]


def _load(song: Song, cache: Path) -> Heard:
    """Return the beginning of a song, rendered if it is not in the cache."""
    stem = lmms_songs.folder(cache) / f"{song.name}@{song.bpm}"
    if not stem.with_suffix(".json").exists():
        clips.write(stem, *lmms_songs.render(song))
    audio, truth = clips.read(stem)
    audio = audio[: round(EXCERPT_S * HOP_RATE_HZ)]
    return Heard(audio=audio, truth=truths.window(truth, 0.0, len(audio) / HOP_RATE_HZ))
