import pytest
import torch

from livedance.beat.activation import BEAT, FIRST_SECTION, N_OUTPUTS, RHYTHM
from livedance.beat.bands import N_FEATURES
from livedance.training.beat_frames import N_TAUGHT
from livedance.training.beat_net import BeatNet, NetConfig, loss, probabilities


@pytest.fixture
def net() -> BeatNet:
    torch.manual_seed(0)
    return BeatNet(NetConfig(dense=12, channels=6, layers=3, units=10)).eval()


def heard(n_hops: int = 30, n_streams: int = 2) -> torch.Tensor:
    return torch.rand(n_hops, n_streams, N_FEATURES, generator=torch.Generator().manual_seed(1))


def test_parts_with_the_state_carried_are_the_whole(net):
    whole, last = net(heard(), net.initial_state(2))
    first, state = net(heard()[:13], net.initial_state(2))
    second, state = net(heard()[13:], state)
    assert torch.allclose(torch.cat((first, second)), whole, atol=1e-6)
    assert torch.allclose(state, last, atol=1e-6)


def test_answers_know_nothing_of_later_hops_and_other_streams(net):
    changed = heard().clone()
    changed[20:] += 1.0
    changed[:, 1] += 1.0
    one, other = (net(x, net.initial_state(2))[0] for x in (heard(), changed))
    assert torch.allclose(one[:20, 0], other[:20, 0], atol=1e-6)
    assert not torch.allclose(one[20:, 0], other[20:, 0], atol=1e-3)


def test_probabilities_are_what_the_runtime_gives():
    found = probabilities(torch.randn(5, 2, N_TAUGHT))
    assert ((found > 0.0) & (found < 1.0)).all()
    assert found.shape[-1] == N_OUTPUTS
    assert torch.allclose(found[..., FIRST_SECTION:].sum(-1), torch.ones(5, 2))


def test_the_loss_is_least_for_the_truth_and_deaf_to_what_has_no_weight():
    target = torch.zeros(40, 2, N_TAUGHT)
    target[::10, :, BEAT] = 1.0
    target[..., FIRST_SECTION] = 1.0
    weight = torch.ones_like(target)
    right = target * 12.0 - 6.0
    right[..., N_OUTPUTS:] = 0.0
    assert loss(right, target, weight) < 0.05
    wrong = right.clone()
    wrong[..., RHYTHM] = 6.0
    assert loss(wrong, target, weight) > loss(right, target, weight) + 0.5
    weight[..., RHYTHM] = 0.0
    assert loss(wrong, target, weight) == pytest.approx(float(loss(right, target, weight)), abs=0.01)


def test_standardised_features_have_no_mean_and_unit_spread(net):
    sample = heard(500).reshape(-1, N_FEATURES) * 3.0 + 1.0
    net.standardise(sample)
    scaled = (sample - net.mean) * net.scale
    assert scaled.mean(0).abs().max() < 1e-4
    assert (scaled.std(0) - 1.0).abs().max() < 0.01
