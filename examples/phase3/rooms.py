"""Does training the views through the renderer help the mask? A comparison on rooms made by code: docs/phase3.md.

python rooms.py [rooms.toml] [--out phase3] [--resume] [--until STEP] [--tensorboard FOLDER]

Trains each arm of the settings with each seed, then measures the IoU of vertices in rooms that were not trained on.
Writes OUT/ARM-SEED.pt, a checkpoint, and OUT/ARM-SEED.json, the IoU of each test room and thing. With --resume, what is
there is taken up again; the result is that of an uninterrupted run. With --until, each arm stops at that step and is
measured there.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
from joint_comparison import difference, measure
from joint_model import THINGS, QueriedRoom
from joint_settings import ARMS, Settings, read_settings
from joint_training import Training
from torch import Tensor

from tvdrnet_nv import InputError
from tvdrnet_nv.atomic import atomic_path
from tvdrnet_nv.language import load_text_encoder

# Rooms that the package's mapping and segmenter were not trained on.
_TEST, _VALIDATION, _TRAIN = 40_000, 41_000, 42_000
_BETWEEN = 10  # steps between lines


def embeddings() -> Tensor:
    """[8, Q]: of "the" and the name of each of `THINGS`."""
    return load_text_encoder().encode([f"the {thing.replace('_', ' ')}" for thing in THINGS])


def writer_of(folder: Path | None, name: str):
    """TensorBoard's writer of a run; None where none is wanted."""
    if folder is None:
        return None
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise InputError("--tensorboard: TensorBoard is not installed; pip install 'tvdrnet_nv[train]'") from error
    return SummaryWriter(str(folder / name))


def known(result: Path, header: dict) -> np.ndarray | None:
    """The IoU that a result has, if it is that of the header.

    Raises:
        InputError: the file is no result.
    """
    if not result.exists():
        return None
    try:
        content = json.loads(result.read_text("utf-8"))
        found = np.array(content["iou"], dtype=np.float64)
        return found if all(content[name] == value for name, value in header.items()) else None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"result {result}: cannot be read; remove it to measure again") from error


class Rooms:
    """The rooms of a comparison."""

    def __init__(self, settings: Settings) -> None:
        self.train, self.validation, self.test = (
            [QueriedRoom(first + i, settings) for i in range(count)]
            for first, count in ((_TRAIN, settings.rooms), (_VALIDATION, settings.validation), (_TEST, settings.test))
        )


def run(
    settings: Settings, arm: str, seed: int, rooms: Rooms, queries: Tensor, args: argparse.Namespace, say
) -> np.ndarray:
    """Train and measure one arm with one seed: the IoU, [R, 8]."""
    name = f"{arm}-{seed}"
    training = Training(settings, arm, seed, queries)
    checkpoint, result = args.out / f"{name}.pt", args.out / f"{name}.json"
    if args.resume and checkpoint.exists():
        training.resume(checkpoint)
    until = max(training.step, min(args.until or settings.steps, settings.steps))
    header = {"arm": arm, "seed": seed, "step": until, "validation": settings.validation, "test": settings.test}
    if args.resume and training.step == until and (ious := known(result, header)) is not None:
        say(f"{name}: mean IoU {ious.mean():.3f} at step {until}, as measured before")
        return ious
    writer = writer_of(args.tensorboard, name)
    recent: list[float] = []

    def told(step: int, found: dict[str, float]) -> None:
        recent.append(found["mask"])
        if step % _BETWEEN == 0:
            focus = f", FocusOn {found['focus']:.3f}" if "focus" in found else ""
            say(f"{name}: step {step}, mask {np.mean(recent[-_BETWEEN:]):.3f}{focus}")
        if writer is not None:
            for what, value in found.items():
                writer.add_scalar(what, value, step)

    training.run(rooms.train, until, checkpoint, told)
    threshold, ious = measure(training, rooms.validation, rooms.test, queries)
    if writer is not None:
        writer.add_scalar("mean IoU in test rooms", ious.mean(), training.step)
        writer.close()
    with atomic_path(result) as temporary:
        temporary.write_text(json.dumps({**header, "threshold": threshold, "iou": ious.tolist()}), "utf-8")
    say(f"{name}: mean IoU {ious.mean():.3f} at step {training.step}, threshold {threshold:.2f}")
    return ious


def report(found: dict[str, np.ndarray]) -> None:
    """Tables of [seeds, R, 8] for each arm."""
    print(f"{'mean IoU of vertices':22s}{'all':>6s}  {'of each seed':22s}" + " ".join(f"{t[:9]:>9s}" for t in THINGS))
    for arm, ious in found.items():
        seeds = " ".join(f"{value:.3f}" for value in ious.mean((1, 2)))
        print(f"{arm:22s}{ious.mean():6.3f}  {seeds:22s}" + " ".join(f"{value:9.3f}" for value in ious.mean((0, 1))))
    pairs = (("joint", "detached"), ("joint-alone", "frozen"), ("joint", "frozen"), ("frozen", "uniform"))
    for first, second in pairs:
        if first in found and second in found:
            mean, low, high = difference(found[first], found[second])
            print(f"{first} − {second}: {mean:+.4f}, 95 % interval over rooms {low:+.4f} to {high:+.4f}")


def main() -> None:
    lines = "\n".join(f"  {arm:12s}{what}" for arm, what in ARMS.items())
    parser = argparse.ArgumentParser(
        description=f"{__doc__}\narms:\n{lines}", formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("settings", type=Path, nargs="?", default=Path(__file__).with_name("rooms.toml"))
    parser.add_argument("--out", type=Path, default=Path("phase3"))
    parser.add_argument("--resume", action="store_true", help="take up what is in --out")
    parser.add_argument("--until", type=int, help="stop at this step, to go on later")
    parser.add_argument("--tensorboard", type=Path, help="folder of TensorBoard's logs; needs the extra train")
    args = parser.parse_args()
    if args.until is not None and args.until < 1:
        raise InputError(f"--until {args.until}: wanted a step of 1 or more")
    settings = read_settings(args.settings)
    try:
        args.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"--out {args.out}: cannot be made; choose another folder") from error
    began = time.perf_counter()

    def say(text: str) -> None:
        print(f"{time.perf_counter() - began:5.0f} s  {text}", flush=True)

    queries, rooms = embeddings(), Rooms(settings)
    say(f"{settings.rooms} rooms to train on, {settings.validation} to validate, {settings.test} to test")
    found: dict[str, list[np.ndarray]] = {arm: [] for arm in settings.arms}
    for seed in settings.seeds:
        for arm in settings.arms:
            found[arm].append(run(settings, arm, seed, rooms, queries, args, say))
    report({arm: np.stack(ious) for arm, ious in found.items()})


if __name__ == "__main__":
    try:
        main()
    except InputError as error:
        print(f"rooms.py: {error}", file=sys.stderr)
        raise SystemExit(2) from None
