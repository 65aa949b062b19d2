import shutil

import numpy as np
import pytest

from livedance import networks
from livedance.beat import activation
from livedance.beat.activation import ActivationNet
from livedance.beat.bands import N_FEATURES
from livedance.errors import ModelError
from livedance.messages import F32
from livedance.networks import MANIFEST_FILE, MODEL_FILE
from livedance.paths import model_dir


@pytest.fixture
def folder(tmp_path):
    shutil.copytree(model_dir(activation.MODEL_NAME), tmp_path / "beat")
    return tmp_path / "beat"


def heard(n: int = 200) -> F32:
    return np.random.default_rng(0).random((n, N_FEATURES), np.float32)


def answers(net: ActivationNet, features: F32) -> list[activation.Activation]:
    state, found = net.initial_state(), []
    for one in features:
        found.append(net.step(state, one))
    return found


def test_answers_are_probabilities():
    for answer in answers(ActivationNet(), heard()):
        moments = (answer.beat, answer.downbeat, answer.rhythm, answer.build, answer.drop, answer.phrase)
        assert all(0.0 <= p <= 1.0 for p in (*moments, *answer.section))
        assert len(answer.section) == activation.N_SECTIONS
        assert sum(answer.section) == pytest.approx(1.0, abs=1e-5)


def test_two_runs_and_two_sessions_give_the_same_bits():
    net = ActivationNet()
    assert answers(net, heard()) == answers(net, heard()) == answers(ActivationNet(), heard())


def test_taps_are_what_each_layer_was_given_so_many_hops_ago_however_long_the_run():
    layers, channels = 4, 3
    state = activation.ActivationState(layers, channels, units=2)
    rng = np.random.default_rng(1)
    unit = np.zeros((1, 1, 2), np.float32)
    given = [np.zeros((layers, channels), np.float32)] * 64  # before any sound
    taps = np.empty((layers, 1, (activation.KERNEL - 1) * channels), np.float32)
    for _ in range(200):
        state.tap(out=taps)
        for layer in range(layers):
            lags = [tap * 2**layer for tap in range(activation.KERNEL - 1, 0, -1)]
            wanted = np.concatenate([given[-lag][layer] for lag in lags])
            assert np.array_equal(taps[layer, 0], wanted)
        given.append(rng.random((layers, channels), np.float32))
        state.keep(given[-1], unit, unit)


def test_the_state_remembers_what_was_heard():
    net = ActivationNet()
    assert answers(net, heard())[-1] != answers(net, heard()[-1:])[-1]


@pytest.mark.parametrize("name", [MODEL_FILE, MANIFEST_FILE])
def test_a_missing_file_is_one_sentence(folder, name):
    (folder / name).unlink()
    with pytest.raises(ModelError, match="cannot be read"):
        ActivationNet(folder)


def test_damage_of_one_byte_is_found(folder):
    data = bytearray((folder / MODEL_FILE).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / MODEL_FILE).write_bytes(data)
    with pytest.raises(ModelError, match="sha256"):
        ActivationNet(folder)


def test_a_broken_manifest_is_found(folder):
    (folder / MANIFEST_FILE).write_text("format = ", encoding="utf-8")
    with pytest.raises(ModelError, match="cannot be read"):
        ActivationNet(folder)


@pytest.mark.parametrize("key", ["features_version", "latency_hops", "n_features", "format"])
def test_a_network_for_another_livedance_is_refused(folder, key):
    text = (folder / MANIFEST_FILE).read_text(encoding="utf-8")
    lines = [f"{key} = 99" if line.startswith(f"{key} =") else line for line in text.splitlines()]
    (folder / MANIFEST_FILE).write_text("\n".join(lines), encoding="utf-8")
    with pytest.raises(ModelError, match=key):
        ActivationNet(folder)


def test_what_is_no_network_is_refused_in_one_line(folder, monkeypatch):
    monkeypatch.setattr(networks, "_checked_weights", lambda *_: b"no network")
    with pytest.raises(ModelError, match="cannot be loaded") as caught:
        ActivationNet(folder)
    assert "\n" not in str(caught.value)


def test_two_runs_of_one_network_in_turns_do_not_hear_each_other():
    net = ActivationNet()
    left, right = net.initial_state(), net.initial_state()
    mixed = [(net.step(left, one), net.step(right, 1.0 - one)) for one in heard()]
    assert [one for one, _ in mixed] == answers(net, heard())
    assert [other for _, other in mixed] == answers(net, 1.0 - heard())
