"""A small CLIPModel, trained from scratch on pictures of furnished rooms, and saved as a released one is."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional
from transformers import CLIPConfig, CLIPModel, CLIPTokenizer

from tvdrnet_nv import Orbit, PhongLight, Renderer
from tvdrnet_nv.scenes import Room, make_room

THINGS = ("sofa", "desk", "dining table", "sideboard", "shelf", "plant", "floor lamp", "coffee table")
ELSE = "empty floor and bare walls"
SIZE = 64  # pixels a side
# What a caption is, of which one is drawn for each step; others are kept for the sentences that are tried later.
CAPTIONS = ("{}", "the {}", "a {}", "a photo of {}", "a picture of {} in a room", "a view of the {}", "here is the {}")
AS_IT_IS = PhongLight(location=(0.0, 0.0, 0.0), ambient=1.0, diffuse=0.0, specular=0.0)
_BATCH = 64
_TRIED, _OF_THINGS, _ANYTHING = 420, 300, 60  # views in each room: of things, of which the best are taken, and others
_ELSE = 0.04  # what a pixel of floor and wall counts beside one of a thing
_RATE = 1e-3
_MEAN, _STD = [0.5] * 3, [0.25] * 3


class PicturedRoom:
    """A room with its renderer, and which of the things each of its faces belongs to.

    Args:
        seed: of the room.
        size: pixels a side.
    """

    def __init__(self, seed: int, size: int = SIZE) -> None:
        self.room: Room = make_room(5000, seed, shuffled=True)
        mesh = self.room.mesh
        self.renderer = Renderer(mesh, size, light=AS_IT_IS)
        kinds = [name.rsplit("_", 1)[0].replace("_", " ") for name in self.room.names]
        numbers = [THINGS.index(kind) if kind in THINGS else len(THINGS) for kind in kinds]
        self.vertex_things = torch.tensor(numbers)[self.room.labels.long()]
        self._face_things = self.vertex_things[mesh.faces[:, 0].long()]
        self.low, self.high = mesh.bounds

    def shares(self, render) -> torch.Tensor:
        """[B, things + 1]: which share of each picture's pixels shows each thing; the last is all else."""
        ids = render.face_ids.flatten(1).long()
        things = torch.where(ids >= 0, self._face_things[ids.clamp_min(0)], len(THINGS))
        return functional.one_hot(things, len(THINGS) + 1).float().mean(1)

    def random_views(self, count: int, rng: np.random.Generator) -> Orbit:
        """From 0.8 to 4 metres, 5 to 60 degrees high, at anything between the walls up to half their height."""
        low, high = self.low.double().numpy(), self.high.double().numpy()
        at = rng.uniform(low, [*high[:2], (low[2] + high[2]) / 2], (count, 3))
        return _orbit(np.exp(rng.uniform(np.log(0.8), np.log(4.0), count)), at, rng)

    def views_of(self, things: np.ndarray, rng: np.random.Generator) -> Orbit:
        """Of each thing a view of about it: from 1 to 4 times its radius, past its middle by up to its radius."""
        at, distance = np.empty((len(things), 3)), np.empty(len(things))
        for row, thing in enumerate(things):
            mine = self.room.mesh.vertices[self.vertex_things == thing].double().numpy()
            low, high = mine.min(0), mine.max(0)
            radius = np.linalg.norm(high - low) / 2
            at[row] = (low + high) / 2 + radius * rng.uniform(-0.6, 0.6, 3)
            distance[row] = radius * np.exp(rng.uniform(0.0, np.log(4.0)))
        return _orbit(distance, at, rng)


def _orbit(distance: np.ndarray, at: np.ndarray, rng: np.random.Generator) -> Orbit:
    def number(values: np.ndarray) -> torch.Tensor:
        return torch.tensor(values, dtype=torch.float32)

    many = len(distance)
    turn = number(rng.uniform(5, 60, many)), number(rng.uniform(0, 360, many))
    return Orbit.create(number(distance), *turn, 60.0, at=number(at), up="z")


def make_model() -> tuple[CLIPModel, CLIPTokenizer]:
    """A CLIPModel of 730,000 weights, and a tokenizer that knows the words of the captions as whole."""
    words = sorted({word for text in (*CAPTIONS, *THINGS, ELSE) for word in text.replace("{}", "").split()})
    tokenizer = word_tokenizer(words)
    text = {"vocab_size": len(tokenizer), "hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 2}
    text |= {"intermediate_size": 128, "max_position_embeddings": 16}
    text |= {name: getattr(tokenizer, name) for name in ("bos_token_id", "eos_token_id", "pad_token_id")}
    vision = {"hidden_size": 128, "num_hidden_layers": 4, "num_attention_heads": 4, "intermediate_size": 256}
    vision |= {"image_size": SIZE, "patch_size": 16}
    return CLIPModel(CLIPConfig(text_config=text, vision_config=vision, projection_dim=64)), tokenizer


def word_tokenizer(words: list[str]) -> CLIPTokenizer:
    """Byte-pair encoding with the merges that make the words; other words are spelt."""
    letters = [chr(code) for code in range(33, 127)]
    pieces, merges = [*letters, *(f"{letter}</w>" for letter in letters)], []
    for word in words:
        left, *rest = [*word[:-1], f"{word[-1]}</w>"]
        for part in rest:
            if (left, part) not in merges:
                merges.append((left, part))
            left += part
    pieces += [*(left + right for left, right in merges), "<|startoftext|>", "<|endoftext|>"]
    vocabulary = {piece: number for number, piece in enumerate(dict.fromkeys(pieces))}
    return CLIPTokenizer(vocab=vocabulary, merges=merges, model_max_length=16)


class Pictures:
    """Pictures of rooms and what they show: of each room 300 views of its things, and 60 of anything.

    Attributes:
        pictures: [N, H, W, 3] uint8.
        shares: [N, things + 1] float32, how much a picture shows of each thing, and of anything else; rows of sum 1.
    """

    def __init__(self, rooms: list[PicturedRoom], seed: int) -> None:
        rng = np.random.default_rng(seed)
        found = [self._of(room, rng) for room in rooms]
        self.pictures, self.shares = (torch.cat(values) for values in zip(*found, strict=True))

    @staticmethod
    def _of(room: PicturedRoom, rng: np.random.Generator) -> tuple[torch.Tensor, torch.Tensor]:
        things = rng.integers(len(THINGS), size=_TRIED)
        with torch.no_grad():
            tried = room.renderer(room.views_of(things, rng).camera())
            elsewhere = room.renderer(room.random_views(_ANYTHING, rng).camera())
            shares = room.shares(tried)
            # From behind a wall nothing is seen: those that show most of what they are about.
            kept = shares[torch.arange(_TRIED), torch.from_numpy(things)].argsort(descending=True)[:_OF_THINGS]
            pictures = torch.cat([tried.rgb[kept], elsewhere.rgb]).clamp(0, 1)
            shares = torch.cat([shares[kept], room.shares(elsewhere)])
        shares[:, -1] *= _ELSE
        return (pictures * 255).round().byte(), shares / shares.sum(1, keepdim=True)

    def batch(self, rows: torch.Tensor) -> torch.Tensor:
        """[B, 3, H, W] as the model takes them."""
        pictures = self.pictures[rows].float() / 255
        return ((pictures - torch.tensor(_MEAN)) / torch.tensor(_STD)).movedim(-1, 1)


def train(
    model: CLIPModel, tokenizer: CLIPTokenizer, seen: Pictures, unseen: Pictures, steps: int, say: Callable[[str], None]
) -> None:
    """Teach a model what is in pictures.

    As CLIP is trained: the softmax over a step's captions is to be what the picture shows. A step has one caption a
    thing, and a picture shows a thing by its share of the pixels.
    """
    rng, random = np.random.default_rng(0), torch.Generator().manual_seed(0)
    optimizer = torch.optim.AdamW(model.parameters(), lr=_RATE, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, _RATE, total_steps=steps, pct_start=0.1)
    model.train()
    for step in range(steps):
        rows = torch.randint(len(seen.pictures), (_BATCH,), generator=random)
        pictures, shares = _changed(seen.batch(rows), random), seen.shares[rows]
        captions = [CAPTIONS[rng.integers(len(CAPTIONS))].format(thing) for thing in THINGS]
        tokens = tokenizer([*captions, ELSE], padding=True, return_tensors="pt")
        loss = functional.cross_entropy(model(pixel_values=pictures, **tokens).logits_per_image, shares)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if (step + 1) % max(1, steps // 8) == 0:
            say(f"step {step + 1}: of pictures of things in other rooms, {named_right(model, tokenizer, unseen):.0%} "
                f"get the right name; loss {float(loss.detach()):.2f}")  # fmt: skip
    model.eval()


def named_right(model: CLIPModel, tokenizer: CLIPTokenizer, pictures: Pictures) -> float:
    """Of the pictures that show more of a thing than of anything else, the share that goes best with its name."""
    tokens = tokenizer([*(f"the {thing}" for thing in THINGS), ELSE], padding=True, return_tensors="pt")
    rows = torch.nonzero(pictures.shares.argmax(1) < len(THINGS))[:, 0]
    right = 0
    model.eval()
    with torch.no_grad():
        for some in rows.split(128):
            found = model(pixel_values=pictures.batch(some), **tokens).logits_per_image.argmax(1)
            right += int((found == pictures.shares[some].argmax(1)).sum())
    model.train()
    return right / len(rows)


def _changed(pictures: torch.Tensor, random: torch.Generator) -> torch.Tensor:
    """Half of them mirrored, and all in slightly other colours."""
    mirrored = torch.rand(len(pictures), 1, 1, 1, generator=random) < 0.5
    gain = 1 + 0.1 * (2 * torch.rand(len(pictures), 3, 1, 1, generator=random) - 1)
    shift = 0.2 * (2 * torch.rand(len(pictures), 1, 1, 1, generator=random) - 1)
    return torch.where(mirrored, pictures.flip(3), pictures) * gain + shift


def save(model: CLIPModel, tokenizer: CLIPTokenizer, folder: Path) -> None:
    """Write the model, its tokenizer and its preprocessing to a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    settings = {
        "image_processor_type": "CLIPImageProcessor",
        "do_resize": True,
        "size": {"shortest_edge": SIZE},
        "resample": 3,
        "do_center_crop": True,
        "crop_size": {"height": SIZE, "width": SIZE},
        "do_rescale": True,
        "rescale_factor": 1 / 255,
        "do_normalize": True,
        "image_mean": _MEAN,
        "image_std": _STD,
    }
    (folder / "preprocessor_config.json").write_text(json.dumps(settings, indent=2))
