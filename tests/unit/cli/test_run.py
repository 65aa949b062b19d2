"""Options of `run` that name styles and the director: what they set, and what is wrong with them in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from livedance import config as configs
from livedance.cli.run import check_names, overrides
from livedance.errors import ConfigError, FileError
from livedance.state import first_controls


def config(**options: object) -> configs.LiveConfig:
    return configs.check(configs.merge({}, overrides(**options)))


def test_the_director_is_on_unless_it_is_switched_off() -> None:
    assert first_controls(config()).director
    assert first_controls(config(director=True)).director
    assert not first_controls(config(director=False)).director


@pytest.mark.parametrize("style", ["auto", "salsa", "club:2+jazz:1", "club + groove"])
def test_a_style_or_a_mix_is_taken(style: str) -> None:
    checked = config(style=style)
    check_names(checked)
    assert first_controls(checked).style == style


@pytest.mark.parametrize(("style", "said"), [("salza", "'salsa'"), ("club:2+jaz", "'jazz'"), ("club+auto", "auto")])
def test_a_style_that_is_not_there_is_told(style: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        check_names(config(style=style))


def test_a_style_table_is_checked_before_the_show(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    checked = configs.check({"dance": {"style_table": str(path)}})
    with pytest.raises(FileError, match=r"mine\.toml"):
        check_names(checked)
    path.write_text("[[row]]\nname = 'all'\nstyles = { clubb = 1 }", encoding="utf-8")
    with pytest.raises(ConfigError, match="did you mean 'club'"):
        check_names(checked)
    path.write_text("[[row]]\nname = 'all'\nstyles = { club = 1 }", encoding="utf-8")
    check_names(checked)
