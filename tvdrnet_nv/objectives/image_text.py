"""A sentence as what the picture is to show, judged by a model of pictures and text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.nn import functional

from tvdrnet_nv.objectives.augmentations import Augmentations
from tvdrnet_nv.renderer import Render

if TYPE_CHECKING:
    from tvdrnet_nv.language import ImageTextEncoder

TEMPLATES = ("{}", "a photo of {}", "a picture of {} in a room")
"""What a sentence is put into: the mean of the embeddings is the sentence's (Radford et al. 2021, prompt ensembles)."""


class ImageText:
    """The objective of a view that shows what a sentence says, after a model that was trained on pictures and text.

    The picture and random cut-outs of it, slightly warped and recoloured, are encoded (as CLIP-guided rendering does:
    Jain et al., "Zero-Shot Text-Guided Object Generation with Dream Fields", 2022), so that no single pattern of
    pixels makes the loss low. Without other sentences, the loss is the mean of 1 - cosine. With others, it is the mean
    of -log of the softmax of the model's scaled cosines, at the sentence: the picture is to fit the sentence better
    than it fits the others.

    The cut-outs are the same in each call: the loss is a function of the camera alone, and a run can be repeated.

    Args:
        encoder: the model; on the renderer's device.
        text: the sentence.
        others: sentences that the picture is not to fit.
        templates: what the sentences are put into; see `TEMPLATES`.
        crops: how many views of a picture are encoded; 1: the picture alone.
        seed: of the cut-outs.
        redraw: draw other cut-outs in each call that has a gradient, as is usual; then the losses of two iterations
            differ also where the cameras do not.

    Attributes:
        sentences: the sentence, and the others.

    Raises:
        ValueError: an empty sentence, no template, or `crops` less than 1.
    """

    def __init__(
        self,
        encoder: ImageTextEncoder,
        text: str,
        *,
        others: Sequence[str] = (),
        templates: Sequence[str] = TEMPLATES,
        crops: int = 8,
        seed: int = 0,
        redraw: bool = False,
    ) -> None:
        self.sentences = sentences = [text, *others]
        if not all(sentence.strip() for sentence in sentences):
            raise ValueError("text and others must not be empty")
        if not templates:
            raise ValueError('templates must have at least one text, such as "{}"')
        if crops < 1:
            raise ValueError(f"crops must be at least 1; got {crops}")
        self._encoder, self._crops, self._redraw = encoder, crops, redraw
        self._random = torch.Generator().manual_seed(seed)
        self._augmentations = Augmentations(crops, self._random)
        filled = [template.format(sentence) for sentence in sentences for template in templates]
        embeddings = encoder.encode(filled).unflatten(0, (len(sentences), len(templates)))
        self._texts = functional.normalize(embeddings.mean(1), dim=1)  # [N, Q], the sentence's first

    def __call__(self, render: Render) -> Tensor:
        if self._redraw and torch.is_grad_enabled():
            self._augmentations = Augmentations(self._crops, self._random)
        pictures = self._augmentations(render.rgb.clamp(0, 1))
        return self._losses(pictures).unflatten(0, (len(render), self._crops)).mean(1)

    def quick(self, render: Render) -> Tensor:
        """[B]: the losses of the pictures as they are, without cut-outs."""
        return self._losses(render.rgb)

    def ranking(self, render: Render) -> list[tuple[str, float]]:
        """The sentence and the others with their cosines to a picture, the best first.

        Args:
            render: of one camera.
        """
        with torch.no_grad():
            found = self._encoder.encode_pictures(render.rgb)
            cosines = (found @ self._texts.to(found).T)[0].tolist()
        return sorted(zip(self.sentences, cosines, strict=True), key=lambda item: -item[1])

    def cosines(self, render: Render) -> Tensor:
        """[B] in [-1, 1]: how well the pictures go with the sentence."""
        return self._encoder.encode_pictures(render.rgb) @ self._texts[0].to(render.rgb.device)

    def _losses(self, pictures: Tensor) -> Tensor:
        found = self._encoder.encode_pictures(pictures)
        cosines = found @ self._texts.to(found).T
        if cosines.shape[1] == 1:
            return 1 - cosines[:, 0]
        return -functional.log_softmax(self._encoder.scale * cosines, dim=1)[:, 0]
