# SPDX-License-Identifier: MIT
"""picture_times.py NAME: prints GPU ms for each kind of picture, computed from executed instructions: NAME.costs and
NAME.dispatches, which test/v3d/execute writes."""

import pathlib
import statistics
import sys

import fit_costs

DISPATCH_MS = 0.033  # as in src/bench/v3d_model.cpp


def picture_times(name):
    """Yields (kind, {stage: ms}) for each picture."""
    dispatches = fit_costs.read_costs(pathlib.Path(name + ".costs"))
    for picture in fit_costs.read_profile(pathlib.Path(name + ".dispatches")):
        stages = {}
        for _ in range(int(picture["dispatches"])):
            pipeline, dispatch = next(dispatches)
            ms = max(fit_costs.bounds(dispatch).values()) * fit_costs.INSTRUCTION_SECONDS * 1e3
            stage = fit_costs.stage_of(pipeline)
            stages[stage] = stages.get(stage, 0) + ms + DISPATCH_MS
        yield picture["kind"], stages


pictures = list(picture_times(sys.argv[1]))
for kind in "IPB":
    of_kind = [stages for other, stages in pictures if other == kind]
    if not of_kind:
        continue
    times = [sum(stages.values()) for stages in of_kind]
    names = dict.fromkeys(name for stages in of_kind for name in stages)
    means = (f"{name} {statistics.fmean(stages.get(name, 0) for stages in of_kind):.2f}" for name in names)
    print(
        f"{kind}: {len(times)} pictures, {statistics.fmean(times):.2f} ms, {min(times):.2f} to {max(times):.2f}; "
        + ", ".join(means)
    )
