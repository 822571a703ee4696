"""What a segmentation of a scene is to do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from tvdrnet_nv.choices import Lighting
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.jobs.background import TRANSPARENT
from tvdrnet_nv.jobs.checks import COUNT, POSITIVE, SEED, check_numbers, check_paths, check_switches
from tvdrnet_nv.jobs.optimize_job import OptimizeJob
from tvdrnet_nv.jobs.scene_job import SceneJob

if TYPE_CHECKING:
    from tvdrnet_nv.jobs.events import OnEvent
    from tvdrnet_nv.jobs.outcome import Segmented

MOST_VIEWS = 200
_LIMITS = {"views": COUNT, "first": COUNT, "timeout": POSITIVE, "seed": SEED}
_ONE_CAMERA = ("camera", "intrinsics", "distance", "elevation", "azimuth", "at")


@dataclass(frozen=True, kw_only=True)
class SegmentJob(SceneJob):
    """Find the vertices of a scene that a sentence means, by masks in pictures of chosen views.

    `SegmentJob(scene="room.ply", text="the sofa", segmenter="rooms").run()` finds them and writes the files.

    Attributes:
        text: the sentence.
        segmenter: what finds the sentence in pictures: "rooms", the package's own; "clipseg:FOLDER", "owlv2:FOLDER",
            "grounding-dino:FOLDER+sam2:FOLDER", "sam3:FOLDER", models of transformers by a folder or a name; a command
            line with {image}, {text} and {out}; or "oracle", the scene's own objects, with errors such as
            "oracle:border=0.1,confused=0.2". docs/segmentation.md describes them.
        views: how many views at most.
        first: how many views are taken before the mask chooses them. By default 3 where the scene's objects say where
            to look, otherwise 6.
        around: begin with views all over the scene, though its objects are known.
        timeout: seconds that a command may take for a picture.
        text_model, parser, features, referral, object_id, labels: say what the sentence means among the scene's
            objects, as for `OptimizeJob`.
        seed: the same seed gives the same result.
        lighting: the scene's colours as they are, unless another is named.

    Raises:
        InputError: a field cannot be used, or does not go with another one.
    """

    name: ClassVar[str] = "segment"

    text: str | None = None
    segmenter: str = "rooms"
    views: int = 12
    first: int | None = None
    around: bool = False
    timeout: float = 120.0
    text_model: str | None = None
    parser: str | None = None
    features: str | None = None
    referral: str | None = None
    object_id: int | None = None
    labels: str | None = None
    seed: int = 0
    lighting: str = Lighting.none

    def __post_init__(self) -> None:
        super().__post_init__()
        check_numbers(vars(self), _LIMITS)
        check_switches(vars(self), ("around",))
        check_paths(vars(self), ("features", "referral", "labels"))
        if not isinstance(self.segmenter, str) or not self.segmenter.strip():
            raise InputError("`segmenter`: is empty; wanted a model or a command line")
        if self.views > MOST_VIEWS:
            raise InputError(f"`views` {self.views}: wanted 1 to {MOST_VIEWS}")
        if self.background == TRANSPARENT:
            raise InputError("`background` transparent: only to render; name a colour")
        for name in _ONE_CAMERA:
            if getattr(self, name) is not None:
                raise InputError(f"`{name}`: the views are chosen by what they tell; leave `{name}` out")
        if self.text is None and self.referral is None:
            raise InputError('`text`: is missing; say what is meant, such as "the chair next to the window"')
        self.meaning_job()

    def meaning_job(self) -> OptimizeJob:
        """The job whose sentence and scene are the same."""
        names = ("text", "text_model", "parser", "features", "referral", "object_id", "labels")
        return OptimizeJob(scene=self.scene, align=self.align, **{name: getattr(self, name) for name in names})

    def run(self, on_event: OnEvent | None = None, command: str | None = None) -> Segmented:
        """Do it and write the files.

        Args:
            on_event: is called with each `Event`.
            command: how this run was started, for the record in the files; by default the job as JSON.

        Raises:
            InputError: a file or the segmenter cannot be used, or the folder cannot be written.
            NothingMeantError: the sentence means nothing of the scene, and the segmenter is the oracle.
        """
        from tvdrnet_nv.jobs.run_segment import run_segment

        return run_segment(self, on_event, self.to_json() if command is None else command)
