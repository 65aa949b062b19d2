"""Configuration: order of strength, unknown keys, sentences."""

import re
import tomllib
from pathlib import Path

import pytest
from pydantic import BaseModel

from livedance import config
from livedance.cli.config import template
from livedance.errors import ConfigError, FileError


def test_unknown_key_names_the_near_one():
    with pytest.raises(ConfigError, match=r"audio\.devic.*did you mean 'device'"):
        config.check({"audio": {"devic": "x"}})


def test_unknown_key_in_a_list_of_tables():
    with pytest.raises(ConfigError, match="did you mean 'port'"):
        config.check({"osc": [{"prot": 9000}]})


def test_bad_value_names_key_and_value():
    with pytest.raises(ConfigError, match=r"dance\.dancers = 0 cannot be used"):
        config.check({"dance": {"dancers": 0}})


def test_command_line_beats_environment_beats_file(tmp_path, monkeypatch):
    path = tmp_path / "show.toml"
    path.write_text('seed = 1\n[audio]\ndevice = "file"\nsource = "mic"\n[dance]\ndancers = 2\n')
    monkeypatch.setenv("LIVEDANCE_AUDIO__DEVICE", "environment")
    monkeypatch.setenv("LIVEDANCE_DANCE__DANCERS", "3")
    loaded = config.load(path, {"dance": {"dancers": 4}, "seed": None})
    assert (loaded.seed, loaded.audio.source, loaded.audio.device, loaded.dance.dancers) == (1, "mic", "environment", 4)


def test_unreadable_and_broken_files(tmp_path):
    with pytest.raises(FileError, match="cannot read"):
        config.load(tmp_path / "none.toml")
    broken = tmp_path / "broken.toml"
    broken.write_text("seed = = 1")
    with pytest.raises(ConfigError, match="not valid TOML"):
        config.load(broken)


def test_defaults_survive_a_round_trip_through_toml():
    text = config.to_toml(config.LiveConfig())
    assert config.check(tomllib.loads(text)) == config.LiveConfig()


def test_the_file_to_begin_with_has_every_key_and_says_what_it_means():
    text = template()
    assert config.check(tomllib.loads(text)) == config.LiveConfig()
    for name, field in config.LiveConfig.model_fields.items():
        default = getattr(config.LiveConfig(), name)
        table = default[0] if isinstance(default, list) else default
        for key in type(table).model_fields if isinstance(table, config.Section) else [name]:
            assert re.search(rf"^(# )?{key} =", text, re.MULTILINE), (name, key, field)
    assert re.search(r'# unison, mirror, canon.*\nformation = "unison"', text)
    assert "# device =" in text and "None" not in text


def test_values_are_frozen():
    with pytest.raises(ValueError, match="frozen"):
        config.LiveConfig().seed = 3


EXAMPLES = sorted((Path(__file__).parents[2] / "configs" / "live").glob("*.toml"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_every_example_is_a_configuration(path: Path) -> None:
    assert config.load(path) != config.LiveConfig() or path.stem in ("default", "life")


@pytest.mark.parametrize(("name", "model"), [("life", config.LifeConfig), ("director", config.DirectorConfig)])
def test_examples_show_every_field_of_life_and_director_with_a_comment(name: str, model: type[BaseModel]) -> None:
    text = next(path for path in EXAMPLES if path.stem == name).read_text(encoding="utf-8")
    table = text.split(f"[{name}]")[1].split("\n[")[0]
    lines = [line for line in table.splitlines() if line]
    assert [line.split(" = ")[0] for line in lines] == list(model.model_fields)
    assert all(len(line.partition("#")[2].strip()) > 10 for line in lines)
