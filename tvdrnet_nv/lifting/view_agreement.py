"""Which views' masks are of the same thing."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from tvdrnet_nv.lifting.view_sums import ViewSums

_LEAST = 0.5  # of the median agreement
_ROUNDS = 5


def agreeing_views(views: Sequence[ViewSums]) -> tuple[Tensor, Tensor]:
    """How much the masks of K views agree with the vote of all that are used, and which those are.

    A view's agreement is the intersection over union of what its mask and the vote of the other used views have, on
    the vertices that it shows, as its weights count them. Views below half the median are left out, and all is judged
    anew, until the same views remain. With fewer than three views, or where no view agrees with another, all are used.

    Args:
        views: K, of one channel.

    Returns:
        float32 [K] in 0..1, 1 for a view whose mask and the others' vote are both empty there; and bool [K].
    """
    count = len(views)
    used = torch.ones(count, dtype=torch.bool)
    agreement = torch.ones(count)
    if count < 3:
        return agreement, used
    say = [view.weight / (1 + view.weight) for view in views]
    inside = [2 * view.total[:, 0] > view.weight for view in views]
    for _ in range(_ROUNDS):
        votes, shown = torch.zeros_like(say[0]), torch.zeros_like(say[0])
        for k in used.nonzero()[:, 0].tolist():
            votes += say[k] * inside[k]
            shown += say[k]
        for k in range(count):
            own = say[k] if bool(used[k]) else torch.zeros_like(say[k])
            others = shown - own
            theirs = 2 * (votes - own * inside[k]) > others
            here = say[k] * (others > 1e-6)
            both, either = float((here * (theirs & inside[k])).sum()), float((here * (theirs | inside[k])).sum())
            agreement[k] = both / either if either > 0 else 1.0
        fitting = agreement >= _LEAST * float(agreement[used].median())
        if float(agreement.max()) == 0 or torch.equal(fitting, used):
            break
        used = fitting
    return agreement, used
