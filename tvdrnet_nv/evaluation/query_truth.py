"""What queries mean in a scene: masks of its vertices, and where these are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from tvdrnet_nv.datasets import Objects, Referral, SceneFolder
from tvdrnet_nv.errors import InputError
from tvdrnet_nv.evaluation.answers import Answer, Answers
from tvdrnet_nv.evaluation.mask_files import MASK_SUFFIXES, read_mask
from tvdrnet_nv.mesh import Mesh


@dataclass(frozen=True, eq=False)
class QueryTruth:
    """What one query means.

    Attributes:
        mask: bool [V], of the vertices of the scene's file.
        positions: float64 [V, 3], the vertices in the data set's aligned coordinates; NaN for those in no face.
        object_ids: the objects that are meant; empty where the data set's file names none.
    """

    mask: np.ndarray
    positions: np.ndarray
    object_ids: tuple[int, ...]

    def inside(self, box: np.ndarray) -> np.ndarray:
        """bool [V]: the vertices within a box [2, 3] in aligned coordinates."""
        return ((self.positions >= box[0]) & (self.positions <= box[1])).all(1)


class TruthOfScene:
    """The truth of one scene's queries.

    Args:
        scene: its files.
        masks: a folder of true masks by the queries' keys, instead of the scene's objects; for files that name none.
    """

    def __init__(self, scene: SceneFolder, masks: Path | None = None) -> None:
        self.folder = scene
        self._masks = masks

    @cached_property
    def mesh(self) -> Mesh:
        """The scene's mesh, in the coordinates of its file."""
        return self.folder.load_mesh()

    @cached_property
    def objects(self) -> Objects:
        """The scene's objects, which belong to the mesh.

        Raises:
            InputError: a file is missing or broken.
        """
        found = self.folder.objects()
        found.check(self.mesh, self.folder.mesh_file)
        return found

    @property
    def num_vertices(self) -> int:
        """V: how many vertices the scene's file has."""
        if self._masks is None:
            return self.objects.num_vertices
        of_file = self.mesh.file_vertices
        return self.mesh.num_vertices if of_file is None else int(of_file.max()) + 1

    @cached_property
    def positions(self) -> np.ndarray:
        """float64 [V, 3]: the vertices in aligned coordinates, where the data set gives an alignment."""
        mesh, alignment = self.mesh, self.folder.alignment()
        points = mesh.vertices.double().numpy() + np.array(mesh.origin)
        if alignment is not None:
            points = points @ alignment[:3, :3].T + alignment[:3, 3]
        found = np.full((self.num_vertices, 3), np.nan)
        found[np.arange(len(points)) if mesh.file_vertices is None else mesh.file_vertices.numpy()] = points
        return found

    def truth_file(self, key: str) -> Path:
        """The file of a query's true mask, where a folder of them is given."""
        assert self._masks is not None
        files = [self._masks / f"{key}{suffix}" for suffix in MASK_SUFFIXES]
        return next((file for file in files if file.is_file()), files[0])

    def of_query(self, key: str, referral: Referral) -> QueryTruth:
        """What a query means.

        Raises:
            InputError: its objects are not in the scene, or its mask is missing or of another mesh.
        """
        if self._masks is None:
            mask = self.objects_mask(referral.object_ids, f"{key} of the data set")
        else:
            mask = read_mask(self.truth_file(key), self.num_vertices)
        return QueryTruth(mask, self.positions, referral.object_ids)

    def read_answer(self, answers: Answers, key: str, threshold: float) -> Answer:
        """The prediction for a query; where it names objects, with their mask.

        Raises:
            InputError: it cannot be used, or names an object that the scene does not have.
        """
        answer = answers.load(key, self.num_vertices, threshold)
        if answer.object_ids is None:
            return answer
        return replace(answer, mask=self.objects_mask(answer.object_ids, f"the prediction for {key}"))

    def objects_mask(self, ids: Sequence[int], who: str) -> np.ndarray:
        """bool [V]: the vertices of objects.

        Args:
            ids: the objects'.
            who: names them, for the message.

        Raises:
            InputError: the scene has no object of an id.
        """
        known = {item.id: item.vertices for item in self.objects.objects}
        missing = [number for number in ids if number not in known]
        if missing:
            raise InputError(
                f"{self.objects.file}: has no object {missing[0]}, which {who} names; its ids are "
                f"{min(known, default=0)} to {max(known, default=0)}"
            )
        mask = np.zeros(self.objects.num_vertices, dtype=bool)
        for number in ids:
            mask[known[number]] = True
        return mask
