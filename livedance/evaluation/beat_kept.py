"""What peers said of the same audio in earlier runs: they do not change while ours does.

One file a peer and a piece of audio, in the cache; named by a digest of the samples, the peer and the adapters' code.
"""

from __future__ import annotations

import hashlib
from dataclasses import fields
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import numpy as np

from livedance import paths
from livedance.errors import FileError
from livedance.evaluation import beat_aubio, beat_hearing, beat_host, beat_take
from livedance.evaluation.beat_hearing import Peer
from livedance.evaluation.beat_take import Cost, Take
from livedance.messages import F32

_COSTS: Final = tuple(field.name for field in fields(Cost))
_ADAPTERS: Final = (beat_take, beat_hearing, beat_aubio, beat_host)


class KeptPeer:
    """A peer whose takes are kept; the cost in them is that of the run in which they were made."""

    def __init__(self, peer: Peer, cache: Path | None = None) -> None:
        self.name = peer.name
        self._peer = peer
        self._folder = (cache or paths.cache_dir()) / "beat_eval" / "takes"

    def listen(self, audio: F32) -> tuple[Take, ...]:
        """Return the takes of an earlier run, or hear the item; raises `FileError` when the cache cannot be used."""
        path = self._folder / f"{_digest(self.name, audio)}.npz"
        try:
            if not path.exists():
                path.parent.mkdir(parents=True, exist_ok=True)
                partial = path.with_suffix(".part")
                with partial.open("wb") as file:
                    np.savez_compressed(file, **_flat(self._peer.listen(audio)))
                partial.rename(path)
            return _takes(path)
        except OSError as error:
            raise FileError(f"the cache {self._folder} cannot be used: {error}") from error


def _flat(takes: tuple[Take, ...]) -> dict[str, Any]:
    """Return number.field -> array; fields that are None are left out."""
    return {
        f"{number}.{field.name}": np.asarray(_plain(getattr(take, field.name)))
        for number, take in enumerate(takes)
        for field in fields(Take)
        if getattr(take, field.name) is not None
    }


def _plain(value: Any) -> Any:
    return [getattr(value, name) for name in _COSTS] if isinstance(value, Cost) else value


def _takes(path: Path) -> tuple[Take, ...]:
    with np.load(path) as file:
        kept = dict(file)
    count = 1 + max(int(key.partition(".")[0]) for key in kept)
    return tuple(_take({f.name: kept.get(f"{number}.{f.name}") for f in fields(Take)}) for number in range(count))


def _take(table: dict[str, Any]) -> Take:
    cost = Cost(**dict(zip(_COSTS, table["cost"].tolist(), strict=True)))
    return Take(**{**table, "tracker": str(table["tracker"]), "cost": cost})


def _digest(name: str, audio: F32) -> str:
    digest = hashlib.sha256(f"{name} {_code()}".encode())
    digest.update(np.ascontiguousarray(audio, dtype=np.float32).tobytes())
    return digest.hexdigest()[:24]


@lru_cache(maxsize=1)
def _code() -> str:
    digest = hashlib.sha256()
    for module in _ADAPTERS:
        digest.update(Path(str(module.__file__)).read_bytes())
    return digest.hexdigest()
