import numpy as np
import torch

from livedance.beat import bands
from livedance.training import beat_augment
from livedance.training.beat_augment import AugmentConfig
from livedance.training.beat_streams import LEAD_HOPS


def levels(n_hops: int = 50, n_streams: int = 4) -> torch.Tensor:
    return torch.rand(n_hops, n_streams, bands.N_BANDS, generator=torch.Generator().manual_seed(0))


def test_rises_are_those_of_the_runtime():
    alone = levels(n_streams=1)
    padded = torch.cat((torch.zeros(LEAD_HOPS, 1, bands.N_BANDS), alone))
    assert np.allclose(beat_augment.with_rises(padded)[:, 0].numpy(), bands.with_rises(alone[:, 0].numpy()), atol=1e-6)


def test_no_augmentation_leaves_levels_as_they_are():
    plain = AugmentConfig(share=0.0, noise_share=0.0, mask_share=0.0)
    heard = beat_augment.augment(levels(), plain, torch.Generator().manual_seed(1))
    assert torch.allclose(heard, levels(), atol=1e-5)


def test_every_stream_has_an_equaliser_of_its_own_that_stays():
    only_eq = AugmentConfig(share=1.0, noise_share=0.0, mask_share=0.0)
    steady = torch.full((20, 3, bands.N_BANDS), 0.8)
    heard = beat_augment.augment(steady, only_eq, torch.Generator().manual_seed(1))
    assert torch.allclose(heard[0], heard[-1])
    assert (heard[0, 0] - heard[0, 1]).abs().max() > 0.01


def test_noise_only_adds_and_masks_only_take_away():
    generator = torch.Generator().manual_seed(2)
    noisy = beat_augment.augment(levels(), AugmentConfig(share=0.0, noise_share=1.0, mask_share=0.0), generator)
    assert (noisy >= levels() - 1e-5).all()
    masked = beat_augment.augment(levels(), AugmentConfig(share=0.0, noise_share=0.0, mask_share=1.0), generator)
    is_out = masked == 0.0
    assert 0.0 < is_out.float().mean() < 0.4
    assert torch.allclose(masked[~is_out], levels()[~is_out], atol=1e-5)


def test_the_same_generator_gives_the_same_ears():
    first, again = (beat_augment.augment(levels(), AugmentConfig(), torch.Generator().manual_seed(3)) for _ in range(2))
    assert torch.equal(first, again)
