"""Where the jobs of a batch come from."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tvdrnet_nv.batch.fields import absolute, to_json
from tvdrnet_nv.batch.job import BatchJob
from tvdrnet_nv.batch.sources.pictures import jobs_of_cameras, jobs_of_photos, photo_files
from tvdrnet_nv.batch.sources.referrals import jobs_of_referrals
from tvdrnet_nv.batch.sources.tables import read_jobs
from tvdrnet_nv.errors import InputError


@dataclass(frozen=True)
class Source:
    """Where the jobs of a batch come from: one of the first three.

    Attributes:
        table: a file of jobs; with `scenes`, one of sentences.
        photos: a folder of pictures.
        cameras: a file of cameras that name their pictures.
        scenes: the folder of the scenes that the sentences are about.
        common: fields of all jobs; what a row says comes first.
    """

    table: Path | None = None
    photos: Path | None = None
    cameras: Path | None = None
    scenes: str | None = None
    common: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        given = [path for path in (self.table, self.photos, self.cameras) if path is not None]
        if len(given) != 1:
            named = " and ".join(map(str, given)) or "none of them"
            raise InputError(f"a batch has one source, a file of jobs, photos or a camera file; given: {named}")
        if self.scenes is not None and self.table is None:
            raise InputError(f"`scenes` {self.scenes}: goes with a file of sentences, such as ScanRefer's")
        if "scene" not in self.common and self.table is None:
            raise InputError(f"{given[0]}: `scene` is missing; add --scene FILE")
        common = {name: absolute(name, value, Path.cwd()) for name, value in self.common.items()}
        object.__setattr__(self, "common", common)

    @property
    def text(self) -> str:
        """In words, for messages."""
        return str(next(path for path in (self.table, self.photos, self.cameras) if path is not None))

    def stamp(self) -> str | None:
        """A text that changes with the jobs, got without making them; None where that would be no quicker.

        Raises:
            InputError: the file or folder cannot be read.
        """
        if self.cameras is not None:
            return None
        parts = [to_json(self.common), str(self.scenes)]
        if self.photos is not None:
            parts += [str(self.photos.absolute()), *map(str, photo_files(self.photos))]
        digest = hashlib.sha256("\n".join(parts).encode("utf-8", "surrogateescape"))
        if self.table is not None:
            digest.update(str(self.table.absolute().parent).encode("utf-8", "surrogateescape"))
            try:
                digest.update(self.table.read_bytes())
            except OSError as error:
                raise InputError(f"{self.table}: {(error.strerror or str(error)).lower()}") from None
        return digest.hexdigest()

    def jobs(self) -> list[BatchJob]:
        """The jobs, checked but for their files.

        Raises:
            InputError: the source cannot be read, or a job cannot be used.
        """
        if self.photos is not None:
            return jobs_of_photos(self.photos, self.common)
        if self.cameras is not None:
            return jobs_of_cameras(self.cameras, self.common)
        assert self.table is not None  # __post_init__
        if self.scenes is not None:
            scenes = str(absolute("scene", self.scenes, Path.cwd()))
            return jobs_of_referrals(self.table, scenes, self.common)
        return read_jobs(self.table, self.common)


__all__ = ["Source", "jobs_of_cameras", "jobs_of_photos", "jobs_of_referrals", "read_jobs"]
