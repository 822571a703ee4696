"""What an optimisation of a camera is to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from tvdrnet_nv.choices import Compare, DepthUnit, Effort, MethodName, ObjectiveName, Robust
from tvdrnet_nv.defaults import FOCUS_ITERATIONS, IMAGE_TEXT_ITERATIONS
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.jobs.background import TRANSPARENT
from tvdrnet_nv.jobs.checks import (
    COUNT,
    POSITIVE,
    SEED,
    Limit,
    check_choice,
    check_numbers,
    check_paths,
    check_switches,
)
from tvdrnet_nv.jobs.parameters import is_pose, parse_parameters, written
from tvdrnet_nv.jobs.part import EVERYTHING, SENTENCE, FocusText, parse_part
from tvdrnet_nv.jobs.scene_job import SceneJob
from tvdrnet_nv.jobs.sentence import check_sentence
from tvdrnet_nv.jobs.target_checks import check_target

if TYPE_CHECKING:
    from tvdrnet_nv.jobs.events import OnEvent
    from tvdrnet_nv.jobs.outcome import Optimized, ViewsFound
    from tvdrnet_nv.optimization import Progress, StepTime

ITERATIONS = 256  # at most, with a target or by TVDRNet's heuristic

FRAME = "frame:"  # a target that is a frame of a data set's scene

_MOVING = ("method", "learning_rate", "iterations", "starts", "search", "views", "parameters")  # how a camera moves
_LIMITS = {"iterations": COUNT, "views": COUNT, "starts": COUNT, "learning_rate": POSITIVE, "seed": SEED}
_LIMITS["object_id"] = Limit("0 or more", lambda value: value >= 0, whole=True)


@dataclass(frozen=True, kw_only=True)
class OptimizeJob(SceneJob):
    """Find the camera that shows a scene or a part of it best, or the camera that took a picture.

    `OptimizeJob(scene="room.ply", target="t.png").run()` finds it and writes the files.

    Attributes:
        target: the picture whose camera is wanted, or "frame:NAME", a frame of a data set's scene, whose pose and
            lens are then the start; its alpha, if it has some, is how much each pixel counts.
            A focal length in its EXIF data gives the start's `fov`, unless `fov` or `camera` is given.
        focus: what to show: "everything" (the default), "label=NAME,…", "object=NAME,…" (of a data set),
            "box=X0,Y0,Z0,X1,Y1,Z1", "point=X,Y,Z,RADIUS", or a file of one score for each vertex.
        text: a sentence that says what to show, such as "the chair next to the window", instead of `focus`.
        text_model: the encoder of its words: a name or a folder that sentence-transformers knows.
        features: a file of one feature for each vertex, in the encoder's space, to find the part by.
        image_text_model: a CLIP or its kin that judges pictures by the sentence; see `load_image_text_encoder`.
        parser: a command that is asked what the sentence says; see `tvdrnet_nv.grounding.external`.
        referral: a file of sentences about objects (docs/datasets.md), of which that about `object_id` is taken.
        objective: what makes a camera good where there is no target: "view", a view of the focus, or "tvdrnet",
            TVDRNet's heuristic. "auto" is tvdrnet with the method tvdrnet and without a focus, otherwise view.
        labels: the file of labels for a focus on labels; by default `SCENE.labels.ply` beside `SCENE.ply`.
        views: how many views of the focus, which differ and together show most of it.
        parameters: what may move: names from `tvdrnet_nv.optimization.PARAMETERS`, on an orbit, or from
            `POSE_PARAMETERS`, anywhere; "pose" stands for rotation and position. As a list, or in a text between
            commas. By default distance, elevation and azimuth, or the pose where `camera` holds one; for a target also
            the lens, unless `fov` or `camera` gives it.
        compare: "colors": only colours, in one optimisation; "photograph": local contrast, so that exposure and slow
            changes of the light do not count; "edges": where edges are and how they run, for a picture in other
            colours. "auto" tries colours, then a photograph.
        robust: "huber" or "geman-mcclure": the loss lets pixels that do not fit count less.
        mask: a picture of the target's size; its white pixels count, black and transparent ones do not. It is
            multiplied by the target's alpha.
        depth: a depth picture of the target's camera, of the same shape as the target; 0 and NaN are unknown. It is
            compared as well. The scene's unit must be the metre.
        depth_unit: of the numbers in `depth`, "mm" or "m"; by default whole numbers are millimetres and floats metres.
        exposure: the target may have another exposure and white balance than the renders.
        method: lm, adam or tvdrnet; auto is lm with a target and without a learning rate, else adam.
        learning_rate: of adam or tvdrnet; by default the method's own.
        iterations: at most so many; by default 16 for a view of the focus, otherwise 256.
        starts: how many cameras start in one batch; the best is kept. 1 by default.
        search: look from all around first; by default for a view of the focus, unless a mapping or `camera` says
            where to start.
        mapping: a file with a learned mapping, which proposes the start. Without a target, a focus, a sentence and an
            objective, the view that it proposes is the result.
        query: what the mapping is asked: a sentence, a file `.npy` or `.pt`, numbers, or a text of numbers. By default
            `text`, or the sentence of the referral; beside these it is no sentence, but an embedding.
        effort: how long a target's camera is looked for where the first attempts do not find it: "quick", "normal" (the
            default) or "thorough"; see `tvdrnet_nv.finding.find_camera`.
        seed: the same seed gives the same result.
        pictures: whether pictures are written beside the numbers.

    Raises:
        InputError: a field cannot be used, or does not go with another one.
    """

    name: ClassVar[str] = "optimize"

    target: str | Path | None = None
    focus: str | Path | None = None
    text: str | None = None
    text_model: str | None = None
    features: str | Path | None = None
    parser: str | None = None
    image_text_model: str | None = None
    referral: str | Path | None = None
    object_id: int | None = None
    objective: str = ObjectiveName.auto
    labels: str | Path | None = None
    views: int = 1
    parameters: str | Sequence[str] | None = None
    compare: str = Compare.auto
    robust: str | None = None
    mask: str | Path | None = None
    depth: str | Path | None = None
    depth_unit: str | None = None
    exposure: bool = False
    method: str = MethodName.auto
    learning_rate: float | None = None
    iterations: int | None = None
    starts: int | None = None
    search: bool | None = None
    mapping: str | Path | None = None
    query: str | Path | Sequence[float] | None = None
    effort: str | None = None
    seed: int = 0
    pictures: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        check_paths(vars(self), ("target", "labels", "mask", "depth", "mapping", "features", "referral"))
        check_switches(vars(self), ("exposure", "search", "pictures"))
        check_numbers(vars(self), _LIMITS)
        check_choice("depth_unit", self.depth_unit, DepthUnit)
        check_choice("compare", self.compare, Compare)
        check_choice("robust", self.robust, Robust)
        check_choice("method", self.method, MethodName)
        check_choice("effort", self.effort, Effort)
        check_choice("objective", self.objective, ObjectiveName)
        if self.parameters is not None:
            parse_parameters(self.parameters)
        if self.background == TRANSPARENT:
            raise InputError("`background` transparent: only to render; name a colour")
        check_sentence(self)
        check_target(self)
        self._check_focus()
        self._check_method()
        self._check_mapping()

    def run(
        self,
        progress: Callable[[Progress], bool | None] | None = None,
        on_event: OnEvent | None = None,
        command: str | None = None,
    ) -> Optimized | ViewsFound:
        """Do it and write the files.

        Args:
            progress: is called after each iteration; where it returns True, the run ends as by Ctrl-C.
            on_event: is called with each `Event`.
            command: how this run was started, for the record in the files; by default the job as JSON.

        Returns:
            `Optimized`, or `ViewsFound` where several views are wanted. After Ctrl-C or `progress`: the best so far.

        Raises:
            InputError: a file cannot be used, or the folder cannot be written.
        """
        from tvdrnet_nv.jobs.run_optimize import run_optimize

        return run_optimize(self, progress, on_event, self.to_json() if command is None else command)

    def profile(self, on_event: OnEvent | None = None) -> list[StepTime]:
        """Measure where the time of a step of adam goes, and write nothing; see `tvdrnet_nv.optimization.profile`.
        Without a target, it is a step by TVDRNet's heuristic.

        Raises:
            InputError: a file cannot be used, or the job has a focus.
        """
        if self.focus or self.text or self.referral or self.objective == ObjectiveName.view:
            raise InputError("a profile does not work with a focus; leave out `focus`, `text` and `objective` view")
        from tvdrnet_nv.jobs.run_optimize import run_profile

        return run_profile(self if self.target else replace(self, objective=ObjectiveName.tvdrnet), on_event)

    @property
    def finds_camera(self) -> bool:
        """Whether attempts are made until one explains the target; not where the job says itself how to search."""
        by_itself = self.method in (MethodName.auto, MethodName.lm) and self.learning_rate is None
        several = self.compare != Compare.colors and self.search is None and self.starts is None
        return self.target is not None and by_itself and several

    @property
    def near_start(self) -> bool:
        """Whether the job says where the camera is, about."""
        given = self.distance, self.elevation, self.azimuth, self.camera, self.mapping
        return any(value is not None for value in given)

    @property
    def iteration_limit(self) -> int:
        """How many iterations there are at most."""
        if self.keeps_proposal:
            return 1
        usual = ITERATIONS if self.part is None else FOCUS_ITERATIONS
        return self.iterations or (usual if self.image_text_model is None else IMAGE_TEXT_ITERATIONS)

    @property
    def part(self) -> FocusText | None:
        """What a view is to show; None where a target or the heuristic says which camera is good."""
        if self.focus is not None:
            return parse_part(str(self.focus))
        if self.image_text_model is not None:
            return EVERYTHING
        if self.text is not None or self.referral is not None:
            return FocusText(f"text={self.text or self.referral}", SENTENCE)
        by_heuristic = self.objective == ObjectiveName.tvdrnet or (
            self.objective == ObjectiveName.auto and self.method == MethodName.tvdrnet
        )
        return None if self.target is not None or by_heuristic else EVERYTHING

    @property
    def keeps_proposal(self) -> bool:
        """Whether the view that a mapping proposes is the result: nothing says what would be better."""
        undecided = not self.wants_something and self.objective == ObjectiveName.auto
        return self.mapping is not None and undecided

    @property
    def wants_something(self) -> bool:
        """Whether a picture, a part or a sentence says what is to be seen."""
        return any(value is not None for value in (self.target, self.focus, self.text, self.referral))

    @property
    def searches(self) -> bool:
        """Whether the run looks from all around first."""
        if self.search is not None:
            return self.search
        if self.compare == Compare.colors:
            return not self.near_start and not self._moves_pose
        return self.part is not None and self.mapping is None and self.camera is None

    @property
    def moving(self) -> tuple[str, ...] | None:
        """The names in `parameters`; None where the start decides."""
        return None if self.parameters is None else parse_parameters(self.parameters)

    def _check_focus(self) -> None:
        """What a focus allows, and what needs one."""
        part = self.part
        if self.labels is not None and (part is None or part.kind not in ("label", SENTENCE)):
            given = f", not with `focus` {part.text}" if part is not None and self.focus is not None else ""
            raise InputError(f"`labels` {self.labels}: works only with `focus` label=… or `text`{given}")
        if self.views > 1:
            if part is None:
                other = "`target`" if self.target is not None else "TVDRNet's heuristic"
                raise InputError(f"`views` {self.views}: several views do not go with {other}; leave one of them out")
            if self.camera is not None or self._moves_pose:
                raise InputError(
                    f"`views` {self.views}: the cameras are on orbits around what they show; leave out `camera` and a "
                    "pose's parameters"
                )
            for name, given in (("starts", self.starts is not None), ("search=False", self.search is False)):
                if given:
                    raise InputError(f"`{name}`: `views` {self.views} chooses the starts itself; leave `{name}` out")
            if self.method not in (MethodName.auto, MethodName.adam):
                raise InputError(f"`method` {self.method}: `views` {self.views} always uses adam; leave `method` out")

    def _check_method(self) -> None:
        """What a method allows."""
        if self.method == MethodName.tvdrnet and self._moves_pose:
            raise InputError(
                f"`parameters` {written(self.parameters)}: `method` tvdrnet works only on an orbit; use lm or adam"
            )
        if self.method == MethodName.lm and self.learning_rate is not None:
            raise InputError(
                f"`learning_rate` {self.learning_rate:g}: Levenberg-Marquardt has no learning rate; add `method` adam"
            )

    def _check_mapping(self) -> None:
        """What a mapping allows, and what needs one."""
        if self.query is not None and self.mapping is None:
            raise InputError(f"`query` {self.query}: is the input of a learned mapping; add its file with `mapping`")
        if self.mapping is not None and (self.camera is not None or self._moves_pose):
            raise InputError(
                f"`mapping` {self.mapping}: proposes a view on an orbit; leave out `camera` and a pose's parameters"
            )
        if not self.keeps_proposal:
            return
        for name in _MOVING:
            if getattr(self, name) != getattr(type(self), name):  # the field's default
                raise InputError(
                    f"`{name}`: a `mapping` alone gives the view that it proposes, and nothing moves; add a `text`, "
                    f"a `focus`, a `target` or an `objective`, or leave `{name}` out"
                )

    @property
    def _moves_pose(self) -> bool:
        return self.moving is not None and is_pose(self.moving)
