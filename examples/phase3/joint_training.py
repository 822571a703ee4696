"""One arm of the comparison: training with checkpoints, equal to the last bit after an interruption."""

import math
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import torch
from joint_lifting import mask_loss
from joint_model import THINGS, VIEWS, JointModel, QueriedRoom
from joint_settings import Settings
from torch import Tensor

from tvdrnet_nv import InputError, Orbit
from tvdrnet_nv.atomic import atomic_path

MOVING = ("distance", "elevation", "azimuth", "at")
_FORMAT = "tvdrnet_nv.phase3"
_FLOOR = 0.01  # added to FocusOn's score before its logarithm
_CLIP = 1.0  # the longest gradient of one camera that counts in full, and of all weights together
_WARM_UP = 0.05  # of the steps


class Training:
    """The state of an arm: networks, optimiser, generator of the draws, and the step.

    Args:
        settings: of the comparison.
        arm: one of `ARMS`.
        seed: of new weights and of the draws.
        embeddings: [8, Q], of `THINGS`.

    Attributes:
        step: how many steps are done.
        history: the mask's loss of each.
    """

    def __init__(self, settings: Settings, arm: str, seed: int, embeddings: Tensor) -> None:
        self.settings, self.arm, self.seed, self._embeddings = settings, arm, seed, embeddings
        self.model = JointModel(settings, embeddings.shape[1], seed)
        self.trains_views = arm not in ("uniform", "frozen")
        views = self.model.view_parameters()
        for weight in views:
            weight.requires_grad_(self.trains_views)
        groups = [{"params": [*self.model.decoder.parameters(), self.model.prior], "lr": settings.decoder_rate}]
        if self.trains_views:
            groups.append({"params": views, "lr": settings.mapping_rate})
        self._rates = [group["lr"] for group in groups]
        self._optimizer = torch.optim.Adam(groups, betas=(0.9, 0.98))
        self._draws = torch.Generator().manual_seed(seed)
        self.step = 0
        self.history: list[float] = []

    def run(
        self, rooms: list[QueriedRoom], until: int, file: Path, callback: Callable[[int, dict[str, float]], None]
    ) -> None:
        """Train up to a step; a checkpoint is written to `file` now and then, and at the end."""
        self.model.train()
        while self.step < until:
            found = self._one_step(rooms)
            self.step += 1
            self.history.append(found["mask"])
            callback(self.step, found)
            if self.step % self.settings.save_every == 0 or self.step == until:
                self.save(file)

    def _one_step(self, rooms: list[QueriedRoom]) -> dict[str, float]:
        model, settings = self.model, self.settings
        room = rooms[int(torch.randint(len(rooms), (), generator=self._draws))]
        things = torch.randperm(len(THINGS), generator=self._draws)[: settings.queries]
        queries = self._embeddings[things]
        done = self.step / settings.steps
        rate = min(1.0, (self.step + 1) / (_WARM_UP * settings.steps + 1)) * 0.5 * (1 + math.cos(math.pi * done))
        for group, most in zip(self._optimizer.param_groups, self._rates, strict=True):
            group["lr"] = most * rate
        self._optimizer.zero_grad()
        views = self.views(room, queries)
        seen = views if self.arm.startswith("joint") else views.detach()
        loss = mask_loss(model.mask(room, seen, queries), room.of_faces[things], room.areas).mean()
        found = {"mask": float(loss.detach())}
        weight = settings.focus * (1 - done) if self.arm in ("detached", "joint") else 0.0
        if weight:
            focus = focus_loss(room, things.tolist(), views)
            found["focus"] = float(focus.detach())
            loss = loss + weight * focus
        if not math.isfinite(float(loss.detach())):
            raise FloatingPointError(f"{self.arm}, seed {self.seed}, step {self.step + 1}: the loss is {float(loss)}")
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), _CLIP)
        self._optimizer.step()
        return found

    def views(self, room: QueriedRoom, queries: Tensor) -> Orbit:
        """[4 M]: the views that this arm takes for M queries; a camera's gradient is shortened on its way back."""
        if self.arm == "uniform":
            return room.starts[torch.arange(VIEWS).repeat(len(queries))]
        with torch.set_grad_enabled(self.trains_views and torch.is_grad_enabled()):
            views = self.model.views(room, queries)
        values = views.pack(MOVING)
        if values.requires_grad:
            values.register_hook(lambda gradient: shortened(gradient, room.scene.radius))
        return views.unpack(values, MOVING)

    def save(self, file: Path) -> None:
        """Write all that the next steps depend on, whole or not at all."""
        content = {
            "format": _FORMAT,
            "settings": _plain(self.settings),
            "arm": self.arm,
            "seed": self.seed,
            "step": self.step,
            "history": self.history,
            "model": self.model.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "draws": self._draws.get_state(),
        }
        with atomic_path(file) as temporary:
            torch.save(content, temporary)

    def resume(self, file: Path) -> None:
        """Go on from a checkpoint. No code in the file is run.

        Raises:
            InputError: it holds something else, or was written with other settings.
        """
        try:
            content = torch.load(file, weights_only=True)
        except Exception as error:  # whatever the unpickler stumbles over in a file of another kind
            raise InputError(f"checkpoint {file}: cannot be read; remove it to begin again") from error
        if not isinstance(content, dict) or content.get("format") != _FORMAT:
            raise InputError(f"checkpoint {file}: is none of this program; remove it to begin again")
        mine = _plain(self.settings)
        differing = [name for name, value in mine.items() if content["settings"].get(name) != value]
        if differing or (content["arm"], content["seed"]) != (self.arm, self.seed):
            what = ", ".join(differing) or "arm or seed"
            raise InputError(f"checkpoint {file}: was written with another {what}; give another --out, or remove it")
        self.model.load_state_dict(content["model"])
        self._optimizer.load_state_dict(content["optimizer"])
        self._draws.set_state(content["draws"])
        self.step, self.history = content["step"], content["history"]


def _plain(settings: Settings) -> dict:
    """What a run depends on, as plain types; which other arms and seeds there are does not matter."""
    left_out = ("arms", "seeds", "test", "validation", "save_every")
    return {name: value for name, value in asdict(settings).items() if name not in left_out}


def shortened(gradient: Tensor, radius: float) -> Tensor:
    """The gradient of the mean over N cameras, [N, 6] as `MOVING`, with no camera's longer than `_CLIP`.

    Lengths count in radii and angles in radians. A camera whose gradient is not finite gets none.
    """
    turn = 180 / math.pi
    units = gradient.new_tensor([radius, turn, turn, radius, radius, radius])
    scaled = gradient * units
    length = scaled.norm(dim=1, keepdim=True) * len(gradient)
    good = scaled.isfinite().all(1, keepdim=True)
    return torch.where(good, scaled / length.clamp_min(_CLIP) * _CLIP, 0) / units


def focus_loss(room: QueriedRoom, things: list[int], views: Orbit) -> Tensor:
    """The mean over the views of -log of `FocusOn`'s score."""
    resolution = room.renderer.resolution
    scores = [
        room.focus(thing).scores(views[VIEWS * i : VIEWS * (i + 1)].camera(), resolution).score
        for i, thing in enumerate(things)
    ]
    return -(torch.cat(scores) + _FLOOR).log().mean()
