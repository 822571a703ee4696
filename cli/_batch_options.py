"""The options of `tvdr-nv batch` beside those of its jobs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tvdrnet_nv.cli._options import INPUT, OTHER, OUTPUT, Group, JsonOption, QuietOption, option

BATCH_ARGUMENTS: Group = {
    "words": Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[run] JOBS | status DIR | retry DIR | merge DIR...",
            help="JOBS is a JSONL, CSV or Parquet file of jobs, or with --scenes a file of sentences (ScanRefer, Nr3D, "
            "Sr3D, Reason3D, Instruct3D). DIR is the folder of a batch.",
            show_default=False,
            rich_help_panel=INPUT,
        ),
    ],
}
BATCH_OPTIONS: Group = {
    "scene": option(Path | None, "--scene", "SCENE", "The scene of all jobs that name none.", INPUT),
    "photos": option(
        Path | None, "--photos", "DIR", "Instead of JOBS: find the camera of each picture in this folder.", INPUT
    ),
    "scenes": option(
        str | None, "--scenes", "[DATASET:]DIR", "The folder of the scenes that the sentences of JOBS are about.", INPUT
    ),
    "workers": option(
        int | None,
        "--workers",
        "N",
        "How many jobs are done at once. Default: one for each processor; on Ray, as many as the cluster has room for.",
        OTHER,
    ),
    "threads": option(
        int | None, "--threads", "N", "Threads of each worker. Default: the processors are shared out.", OTHER
    ),
    "time_limit": option(
        float | None, "--time-limit", "SECONDS", "End a job that takes longer. Default: no limit.", OTHER
    ),
    "memory": option(
        float | None, "--memory", "GIB", "Memory that a worker may take for itself. Default: no limit.", OTHER
    ),
    "retries": option(
        int | None,
        "--retries",
        "N",
        "How often a job is tried again that ran out of memory or time, or whose process or node was lost. Default: 2.",
        OTHER,
    ),
    "ray": option(
        str | None, "--ray", "auto|ADDRESS", "Let a Ray cluster do the jobs; its nodes must see --out.", OTHER
    ),
    "num_cpus": option(float | None, "--num-cpus", "N", "On Ray: processors for each job. Default: 1.", OTHER),
    "num_gpus": option(float | None, "--num-gpus", "N", "On Ray: GPUs for each job, also 0.25. Default: 0.", OTHER),
    "slurm": option(
        str | None,
        "--slurm",
        "KEY=VALUE,...",
        "Let Slurm do the jobs, through submitit, with its parameters: slurm_partition=gpu,gpus_per_node=1,"
        "cpus_per_task=4,timeout_min=60. The nodes must see --out.",
        OTHER,
    ),
    "out": option(
        Path | None,
        "--out",
        "DIR",
        "The folder of the batch. If it has one already, that one is gone on with. For merge: the Parquet file.",
        OUTPUT,
    ),
    "quiet": QuietOption,
    "as_json": JsonOption,
}
