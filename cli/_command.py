"""How a command gets its options, and the job that they describe."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar, get_args

import typer

from tvdrnet_nv.cli._options import Group
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.jobs import EvaluateJob, SceneJob

Job = TypeVar("Job", bound=SceneJob)


def takes(*groups: Group, job: type[SceneJob | EvaluateJob]) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Make a function of (context, values by name) a command that has the options of some groups.

    An option's default is that of the job's field of the same name. Any other option may be left out: it is None then,
    or False for a switch.
    """
    defaults = {field.name: field.default for field in fields(job) if field.name != "scene"}
    kinds = {name: kind for group in groups for name, kind in group.items()}

    def default(name: str) -> Any:
        return defaults.get(name, False if get_args(kinds[name])[0] is bool else None)

    def decorate(body: Callable[[typer.Context, dict[str, Any]], int]) -> Callable[..., int]:
        def command(ctx: typer.Context, **values: Any) -> int:
            return body(ctx, values)

        keyword = inspect.Parameter.KEYWORD_ONLY
        options = [inspect.Parameter(n, keyword, annotation=kind, default=default(n)) for n, kind in kinds.items()]
        context = inspect.Parameter("ctx", keyword, annotation=typer.Context)
        # What Typer reads; it takes no other way of saying which options there are.
        setattr(command, "__signature__", inspect.Signature([context, *options]))  # noqa: B010
        command.__annotations__ = {"ctx": typer.Context, **kinds}
        command.__doc__ = body.__doc__
        return command

    return decorate


def job_of(kind: type[Job], values: dict[str, Any]) -> Job:
    """The job that options describe; what is no field of it is left to the command.

    Raises:
        InputError: the options cannot be used.
    """
    names = {field.name for field in fields(kind)} - {"scene"}
    return kind(
        scene=chosen_scene(values["scene"], values["mesh"]),
        **{name: value for name, value in values.items() if name in names},
    )


def chosen_scene(scene: Path | None, mesh: Path | None) -> Path:
    """The scene file, named in one of two ways."""
    if scene and mesh:
        raise InputError(f"two scenes given, {scene} and --mesh {mesh}; name one")
    chosen = scene or mesh
    if chosen is None:
        raise InputError("no scene given; name a PLY, OBJ, GLB, OFF or STL file (tvdr-nv scene OUT.ply makes one)")
    return chosen
