"""What the paper's generator and its two critics make small: a plain GAN, by cross entropy."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from livedance.training.paper.content_critic import ContentCritic


def taken_for(verdict: Tensor, is_real: bool) -> Tensor:
    """Return the cross entropy of verdicts (before the sigmoid) against what they should be."""
    wanted = torch.full_like(verdict, float(is_real))
    return torch.as_tensor(binary_cross_entropy_with_logits(verdict, wanted))


def critics(real: Tensor, made: Tensor) -> Tensor:
    """Return a critic's loss over its verdicts on real and on made dance."""
    return 0.5 * (taken_for(real, True) + taken_for(made, False))


def matching(critic: ContentCritic, made: Tensor, real: Tensor) -> Tensor:
    """Return the distance of the pose branch's six taps; the critic is heard without its dropout."""
    was = critic.training
    critic.eval()
    with torch.no_grad():
        wanted = critic.body(real)[1]
    found = torch.stack([(a - b).abs().mean() for a, b in zip(critic.body(made)[1], wanted, strict=True)]).sum()
    critic.train(was)
    return found


def penalty(critic: ContentCritic, real: Tensor, made: Tensor, heard: Tensor) -> Tensor:
    """Return how far the slope of the verdict (after the sigmoid) over poses is from 1, between real and made.

    Gulrajani et al. 2017; only poses lie between, the music is the same, as released.
    """
    share = torch.rand(len(real), 1, 1, device=real.device)
    between = (share * real + (1.0 - share) * made.detach()).requires_grad_()
    verdict = torch.sigmoid(critic.judge(between, heard))
    (slope,) = torch.autograd.grad(verdict.sum(), between, create_graph=True)
    return ((slope.flatten(1).norm(dim=1) - 1.0) ** 2).mean()
