#!/usr/bin/env python3
"""fit_costs.py FOLDER OUTPUT: the table of what each kind of work costs each stage on V3D 7.1.

FOLDER has, for each clip, what measure_costs left there: NAME.costs (a line for each dispatch), NAME.dispatches and
NAME.jobs (profiles: how many dispatches each picture had, and what its job asked for). Costs are least squares of the
relative errors over all pictures, none of them negative; OUTPUT is C++ for src/bench/v3d_model.cpp.
"""

import collections
import pathlib
import re
import sys

QPUS = 12
TMUS = 3
# 4 cycles at 0.96 GHz are an instruction's time; memory moves 12 GB/s meanwhile.
INSTRUCTION_SECONDS = 4 / 0.96e9
MEMORY_BYTES = 12e9 * INSTRUCTION_SECONDS
WAIT = 60  # instructions' times, as in qpu.h

# What a stage's dispatches cost, in instructions' times; the last one is what they take.
RESPONSES = ["instructions", "tmu", "memory", "latency", "path", "time"]


def read_profile(path):
    lines = [line.split("\t") for line in path.read_text().splitlines()]
    return [dict(zip(lines[0], line)) for line in lines[1:]]


def bounds(dispatch):
    """How long a dispatch takes at least, by each of what binds it."""
    threads = dispatch["threads"]
    return {
        "instructions": dispatch["instructions"] / QPUS,
        "tmu": dispatch["tmu_cycles"] / TMUS / 4,
        "memory": (dispatch["read"] + dispatch["written"]) / MEMORY_BYTES,
        "latency": (dispatch["instructions"] + WAIT * dispatch["waits"]) / QPUS / threads,
        "path": dispatch["path"],
    }


def read_costs(path):
    for line in path.read_text().splitlines():
        stage, *fields = line.split()
        yield stage, dict(zip(fields[::2], map(int, fields[1::2])))


def stage_of(pipeline):
    return re.sub(r"^h264_", "", pipeline)


def read_pictures(folder):
    """(clip, work, {stage: {response: sum over its dispatches, and their number}}) of each picture."""
    for costs in sorted(folder.glob("*.costs")):
        jobs = read_profile(costs.with_suffix(".jobs"))
        dispatches = read_costs(costs)
        for job, picture in zip(jobs, read_profile(costs.with_suffix(".dispatches"))):
            assert job["kind"] == picture["kind"] and job["nal_bytes"] == picture["nal_bytes"], costs
            work = {"picture": 1, "mbs": int(job["width_in_mbs"]) * int(job["height_in_mbs"])}
            work |= {name: int(value) for name, value in job.items() if name.startswith("work_")}
            work["intra_levels"] = int(job["intra_levels"])
            stages = collections.defaultdict(lambda: collections.Counter())
            for _ in range(int(picture["dispatches"])):
                pipeline, dispatch = next(dispatches)
                assert pipeline != "unknown", costs
                stage = stages[stage_of(pipeline)]
                bound = bounds(dispatch)
                stage.update(bound)
                stage["time"] += max(bound.values())
                stage["dispatches"] += 1
            yield costs.stem, job["kind"], work, stages
        assert next(dispatches, None) is None, costs


def fit(rows, names):
    """Non-negative coefficients by coordinate descent on the normal equations; rows are (work, value)."""
    rows = [(work, value) for work, value in rows]
    mean = sum(value for _, value in rows) / len(rows)
    if mean == 0:
        return {}
    count = len(names)
    gram = [[0.0] * count for _ in range(count)]
    right = [0.0] * count
    for work, value in rows:
        weight = 1 / (value + 0.02 * mean) ** 2
        vector = [work[name] for name in names]
        used = [i for i in range(count) if vector[i]]
        for i in used:
            right[i] += weight * vector[i] * value
            for j in used:
                gram[i][j] += weight * vector[i] * vector[j]
    x = [0.0] * count
    for _ in range(3000):
        change = 0.0
        for i in range(count):
            if gram[i][i] == 0:
                continue
            line = gram[i]
            new = max(0.0, x[i] + (right[i] - sum(a * b for a, b in zip(line, x))) / line[i])
            change = max(change, abs(new - x[i]) * line[i] ** 0.5)
            x[i] = new
        if change < 1e-7:
            break
    return {name: value for name, value in zip(names, x) if value}


def predict(costs, work):
    return sum(cost * work[name] for name, cost in costs.items())


def main():
    pictures = list(read_pictures(pathlib.Path(sys.argv[1])))
    stages = list(dict.fromkeys(stage for _, _, _, costs in pictures for stage in costs))
    names = list(pictures[0][2])
    for held_out in [None] + sorted({p[0] for p in pictures}) if "--check" in sys.argv else [None]:
        train = [p for p in pictures if p[0] != held_out]
        tables = {s: fit([(w, c[s]["time"]) for _, _, w, c in train], names) for s in stages}
        errors = []
        for clip, kind, work, costs in pictures if held_out is None else [p for p in pictures if p[0] == held_out]:
            actual = {s: costs[s]["time"] for s in stages}
            modelled = {s: predict(tables[s], work) for s in stages}
            a, m = sum(actual.values()), sum(modelled.values())
            errors.append((m / a - 1, clip, kind, {s: round(modelled[s] / actual[s] - 1, 2) if actual[s] > 0.03 * a else 0 for s in stages}))
        mean = sum(abs(e[0]) for e in errors) / len(errors)
        print(held_out or "all", f"{len(errors)} pictures, mean error {100 * mean:.1f} %, bias {100*sum(e[0] for e in errors)/len(errors):.1f} %, worst", max(errors, key=lambda e: abs(e[0])))
    for s in stages: print(s, {k: round(v, 3) for k, v in tables[s].items()})


main()
