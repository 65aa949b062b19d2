"""Configurations of training runs: what fits is read, what does not is named."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from livedance.errors import ConfigError
from livedance.training import runs


@dataclass(frozen=True, kw_only=True)
class Small:
    epochs: int = 3
    between: tuple[float, ...] = (0.0, 1.0)


@dataclass(frozen=True, kw_only=True)
class Whole:
    name: str = "plain"
    train: Small = field(default_factory=Small)


def read(folder: Path, text: str) -> Whole:
    path = folder / "a.toml"
    path.write_text(text)
    return runs.read_config(path, Whole, "train it")


def test_tables_and_keys_become_fields_and_lists_tuples(tmp_path: Path) -> None:
    assert read(tmp_path, "") == Whole()
    whole = read(tmp_path, 'name = "other"\n[train]\nbetween = [2.0, 3.0]\n')
    assert whole == Whole(name="other", train=Small(between=(2.0, 3.0)))
    assert runs.with_epochs(whole, None) is whole
    assert runs.with_epochs(whole, 9).train == Small(epochs=9, between=(2.0, 3.0))


@pytest.mark.parametrize("text", ["[trian]\nepochs = 1\n", "[train]\nepoch = 1\n", "train = ["])
def test_what_does_not_fit_is_named_with_the_file_and_the_command(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match=r"a\.toml is no configuration of 'train it'"):
        read(tmp_path, text)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml"):
        runs.read_config(tmp_path / "none.toml", Whole, "train it")
