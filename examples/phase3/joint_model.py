"""Rooms with their queries, and the networks: views of a query, scores in pictures, a mask of the room's faces."""

import torch
from joint_lifting import Samples, face_areas, lift, samples_of
from joint_settings import Settings
from torch import Tensor, nn

from tvdrnet_nv import Orbit, Renderer, scene_orbit
from tvdrnet_nv.camera import concatenate
from tvdrnet_nv.jobs.proposal import mapping_file
from tvdrnet_nv.mapping import CameraMapping, ScenePoints, load_mapping
from tvdrnet_nv.objectives import FocusOn
from tvdrnet_nv.scenes import make_room
from tvdrnet_nv.segmentation.files import load_network
from tvdrnet_nv.segmentation.network import TextConditionedNetwork
from tvdrnet_nv.segmentation.small import ROOMS
from tvdrnet_nv.shading import UNLIT

THINGS = ("sofa", "desk", "dining_table", "sideboard", "shelf", "plant", "floor_lamp", "coffee_table")
VIEWS = 4
_ELEVATION = 45.0  # of the uniform views, degrees
_FOCUS_SIZE = 48  # pixels
_TURNS = (0.0, 60.0, -60.0, 180.0)  # degrees from the mapping's answer to each of a query's views
_TILT = 30.0  # degrees; the views beside the answer are halfway from its elevation to this one
_FARTHER = (1.0, 1.3, 1.3, 1.3)
_PRIOR = -3.0  # the first logit of a face that no view shows


class QueriedRoom:
    """A room with the truth of each thing.

    Attributes:
        truth: bool [8, V], the vertices of each of `THINGS`.
        of_faces: [8, F] in 0..1, the share of each face's corners.
        starts: four cameras that see the whole room.
    """

    def __init__(self, seed: int, settings: Settings, dtype: torch.dtype = torch.float32) -> None:
        room = make_room(settings.triangles, seed, shuffled=True)
        self.mesh, kinds = room.mesh, [name.rsplit("_", 1)[0] for name in room.names]
        mine = torch.tensor([[kind == thing for kind in kinds] for thing in THINGS])
        self.truth = mine[:, room.labels.long()]
        self.of_faces = self.truth[:, self.mesh.faces.long()].to(dtype).mean(2)
        self.areas = face_areas(self.mesh).to(dtype)
        self.renderer = Renderer(self.mesh, settings.pixels, light=UNLIT, dtype=dtype)
        self.scene = ScenePoints.of(self.mesh, "z")
        turns = 45.0 + torch.arange(VIEWS) * (360.0 / VIEWS)
        usual = scene_orbit(self.mesh, up="z", elevation=_ELEVATION)
        self.starts = concatenate([usual.replace(azimuth=turn[None]) for turn in turns])
        self._focus: dict[int, FocusOn] = {}

    def focus(self, thing: int) -> FocusOn:
        """The objective of a view that shows a thing; made on first use."""
        if thing not in self._focus:
            self._focus[thing] = FocusOn(self.mesh, self.truth[thing].float(), size=_FOCUS_SIZE)
        return self._focus[thing]


class JointModel(nn.Module):
    """The mapping, the decoder, and what they share.

    The mapping gives almost the same view from all starts. So the first of a query's four views is its answer, and the
    others are turned about the point looked at. The turns are learned as well; and each view has a learned shift of the
    query, 0 at first, with which the mapping can answer otherwise.

    Args:
        settings: the files or sizes of the networks.
        query_size: Q, the numbers of an embedding.
        seed: of new weights.

    Raises:
        InputError: a file cannot be used, or is for embeddings of another size.
    """

    def __init__(self, settings: Settings, query_size: int, seed: int) -> None:
        super().__init__()
        named = settings.mapping
        self.mapping = load_mapping(mapping_file(named)) if named else CameraMapping(query_size, seed=seed)
        if settings.decoder:
            file = ROOMS if settings.decoder == "default" else settings.decoder
            self.decoder = load_network(file).requires_grad_(True)
        else:
            self.decoder = TextConditionedNetwork(query_size, seed=seed)
        self.shift = nn.Parameter(torch.zeros(VIEWS, query_size))
        self.turns, self.tilts = nn.Parameter(torch.tensor(_TURNS)), nn.Parameter(torch.full((VIEWS - 1,), _TILT))
        self.prior = nn.Parameter(torch.tensor(_PRIOR))
        self.settings = settings

    def train(self, mode: bool = True) -> "JointModel":
        """A decoder from a file keeps its statistics: the few pictures of a step are all of one room."""
        super().train(mode)
        if self.settings.decoder:
            self.decoder.eval()
        return self

    def views(self, room: QueriedRoom, queries: Tensor) -> Orbit:
        """M queries' four views each, [4 M], of queries [M, Q]."""
        shifted = (queries[:, None] + self.shift).flatten(0, 1)
        answer = self.mapping(concatenate([room.starts[:1]] * len(shifted)), shifted, room.scene)
        slot = torch.arange(VIEWS).repeat(len(queries))
        halfway = torch.cat([self.tilts.new_zeros(1), self.tilts])[slot]
        return answer.replace(
            azimuth=answer.azimuth + self.turns[slot],
            elevation=torch.where(slot == 0, answer.elevation, (answer.elevation + halfway) / 2),
            distance=answer.distance * answer.distance.new_tensor(_FARTHER)[slot],
        )

    def view_parameters(self) -> list[nn.Parameter]:
        """All that decides where the cameras are."""
        return [*self.mapping.parameters(), self.shift, self.turns, self.tilts]

    def mask(self, room: QueriedRoom, views: Orbit, queries: Tensor, held: Samples | None = None) -> Tensor:
        """[M, F] in (0, 1): the faces that M queries mean, by four views of each; differentiable in all of it.

        `held` are the points of the surface that the pixels stand for, where they are not the views' own.
        """
        camera = views.camera().to(room.areas.dtype)
        render = room.renderer(camera)
        samples = samples_of(render, room.mesh) if held is None else held
        owner = torch.arange(len(queries)).repeat_interleave(VIEWS)
        logits = self.decoder(render.rgb, queries)[torch.arange(len(owner)), owner]
        return lift(logits, camera, samples, owner, len(queries), len(room.areas), self.prior, self.settings.doubt)
