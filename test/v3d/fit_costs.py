#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""fit_costs.py CODEC FOLDER OUTPUT|--check: writes the table of costs of each kind of work in each stage of a codec (h264,
h264_mbaff, vp9, av1) on V3D 7.1; or with --check prints how well the other clips predict each clip, and each stage.

FOLDER contains measure_costs' files for each clip: NAME.costs (a line for each dispatch), NAME.dispatches and NAME.jobs
(profiles: each picture's number of dispatches, and its job's work). Costs are the non-negative least squares of the relative
errors over all pictures. OUTPUT is C++ for src/bench/v3d_model.cpp.
"""

import pathlib
import re
import sys

QPUS = 12
TMUS = 3
# An instruction takes 4 cycles at 0.96 GHz; memory moves 12 GB/s.
INSTRUCTION_SECONDS = 4 / 0.96e9
MEMORY_BYTES = 12e9 * INSTRUCTION_SECONDS
WAIT = 60  # instructions' times, as in qpu.h

# For each stage: the time of its dispatch, and of each possible bottleneck, in units of an instruction's time.
QUANTITIES = ["time", "instructions", "tmu", "memory", "latency", "path"]

# A stage listed here has dispatches only in pictures with this work; other stages have them in every picture. The first
# matching prefix of a stage's name applies.
NEEDS = {
    "h264": {"intra": "intra_mbs", "deblock": "work_filtered_mbs"},
    "vp9": {
        "inter_scaled": "work_vp9_scaled_units",
        "residual_32": "work_vp9_groups_32x32",
        "intra": "work_vp9_intra_levels",
        "filter_strip_rows": "work_vp9_strips",
        "filter_strip_columns": "work_vp9_strips",
        "filter_strip": "work_vp9_strip_dispatches",
        "filter": "work_vp9_filtered_units",
    },
    "av1": {
        "predict_special": "work_av1_special_turns",
        "predict_scaled": "work_av1_scaled_turns",
        "predict_blend": "work_av1_blended_turns",
        "predict": "work_av1_simple_turns",
        "residual_large": "work_av1_large_groups",
        "residual": "work_av1_small_groups",
        "intra": "work_av1_intra_levels",
        "deblock": "work_av1_deblocked_units",
        "cdef": "work_av1_cdef_units",
        "superres": "work_av1_superres_units",
        "restoration": "work_av1_restored_units",
        "self_guided": "work_av1_guided_units",
        "film_grain": "work_av1_grain_units",
    },
}
NEEDS["h264_mbaff"] = NEEDS["h264"]

# The pictures that a table covers, by their column work_codec.
WORK_CODECS = {"h264": 0, "vp9": 1, "av1": 2, "h264_mbaff": 3}

# The number of dispatches of stages that do not have one; 0: as many as the amount of work that it needs.
DISPATCHES = {"vp9": {"filter_strip_rows": 2, "filter_strip_columns": 2, "filter_strip": 0}}


def read_profile(path):
    lines = [line.split("\t") for line in path.read_text().splitlines()]
    return [dict(zip(lines[0], line)) for line in lines[1:]]


def bounds(dispatch):
    """A dispatch's minimum time according to each possible bottleneck."""
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
    return re.sub(r"^(h264|vp9|av1)_|_mbaff$", "", pipeline)


def read_pictures(codec, folder):
    """Yields (clip, kind, work, {stage: {quantity: value}}) for each picture of a codec."""
    for costs in sorted(folder.glob("*.costs")):
        jobs = read_profile(costs.with_suffix(".jobs"))
        dispatches = read_costs(costs)
        for job, picture in zip(jobs, read_profile(costs.with_suffix(".dispatches"))):
            assert job["kind"] == picture["kind"] and job["nal_bytes"] == picture["nal_bytes"], costs
            work = {"picture": 1, "mbs": int(job["width_in_mbs"]) * int(job["height_in_mbs"])}
            work |= {name: int(value) for name, value in job.items() if name.startswith("work_") and name != "work_codec"}
            work |= {name: int(job[name]) for name in ("intra_levels", "intra_mbs")}
            stages = {}
            for _ in range(int(picture["dispatches"])):
                pipeline, dispatch = next(dispatches)
                assert pipeline != "unknown", f"{costs}: a pipeline is not in the listing"
                stage = stage_of(pipeline)
                bound = bounds(dispatch)
                sums = stages.setdefault(stage, dict.fromkeys(QUANTITIES, 0))
                for quantity, value in ({"time": max(bound.values())} | bound).items():
                    sums[quantity] += value
            if int(job["work_codec"]) == WORK_CODECS[codec]:
                yield costs.stem, job["kind"], work, stages


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


def need_of(codec, stage):
    return next((need for prefix, need in NEEDS[codec].items() if stage.startswith(prefix)), None)


def predict(codec, stage, costs, work):
    if need_of(codec, stage) and not work[need_of(codec, stage)]:
        return 0
    return sum(cost * work[name] for name, cost in costs.items())


# The work that a stage's cost may depend on; stages that are not listed may depend on everything.
MACROBLOCKS = r"picture|mbs|work_intra_\w+_mbs|work_pcm_mbs|"
KINDS = {
    "h264": {
        "inter": MACROBLOCKS + r"work_(full|horizontal|vertical|centre|diagonal|weighted_mbs|split_mbs|blocks_mbs|"
        r"luma_\w+|chroma_\w+|\w+_segments|strong_edges)",
        "residual": MACROBLOCKS + r"work_(inter|intra)_(4x4|8x8|chroma)_\w+",
        "intra": MACROBLOCKS + r"intra_levels|work_level_turns|work_\w+_levels|work_intra_\w+",
        "deblock": MACROBLOCKS + r"work_(strong_edges|\w+_segments|filtered_mbs|inter_8x8_mbs|split_mbs|blocks_mbs)",
    },
    "vp9": {
        "inter_scaled": r"picture|work_vp9_scaled_units",
        "inter": r"picture|work_vp9_(filtered_units|\w+_rows)",
        "residual_32": r"picture|work_vp9_(groups|rounds)_32x32",
        "residual": r"picture|work_vp9_(groups_(4x4|8x8|16x16)|rounds)",
        "intra": r"picture|work_vp9_(intra_levels|\w+_intra_\w+)",
        "filter_strip_rows": r"picture|work_vp9_(strips|\w+left_edges)",
        "filter_strip_columns": r"picture|work_vp9_(strips|\w+top_edges)",
        "filter_strip": r"work_vp9_(strip_turns|alone_strips|later_strips)",
        "filter_vertical": r"picture|work_vp9_(filtered_units|\w+left_edges)",
        "filter_horizontal": r"picture|work_vp9_(filtered_units|\w+top_edges)",
    },
    "av1": {
        "edges": r"picture|work_av1_(units|block_records)",
        "predict_special": r"picture|work_av1_(special_\w+|sharp_rows|overlap_passes|warped_rows)",
        "predict_scaled": r"picture|work_av1_scaled_turns",
        "predict_blend": r"picture|work_av1_(blended_turns|overlap_passes)",
        "predict": r"picture|work_av1_(simple_turns|luma_\w*rows|chroma_\w*rows|second_rows|sharp_rows)",
        "residual_large": r"picture|work_av1_(large_\w+|lines_\w+)",
        "residual": r"picture|work_av1_(groups_\w+|mixed_groups|rounds)",
        "intra": r"picture|work_av1_(intra_\w+|\w+_steps)",
        "deblock_vertical": r"picture|work_av1_(deblocked_units|\w+left_edges)",
        "deblock_horizontal": r"picture|work_av1_(deblocked_units|\w+top_edges)",
        "cdef": r"picture|work_av1_(cdef_units|directions|\w+_taps)",
        "superres": r"picture|work_av1_superres_units",
        "restoration": r"picture|work_av1_(restored_units|\w+_wiener)",
        "self_guided": r"picture|work_av1_(guided_units|\w+_guided)",
        "film_grain": r"picture|work_av1_grain_units",
    },
}
KINDS["h264_mbaff"] = KINDS["h264"]


def kinds_of_work(codec, stage, names):
    for prefix, pattern in KINDS[codec].items():
        if stage.startswith(prefix):
            return [name for name in names if re.fullmatch(pattern, name)]
    return names


def fit_all(codec, pictures, quantities=QUANTITIES):
    """{stage: {quantity: {work: cost}}}"""
    names = list(pictures[0][2])
    tables = {}
    for stage in dict.fromkeys(stage for _, _, _, stages in pictures for stage in stages):
        work_names = kinds_of_work(codec, stage, names)
        tables[stage] = {
            quantity: fit(
                [(work, stages[stage][quantity]) for _, _, work, stages in pictures if stage in stages], work_names)
            for quantity in quantities
        }
    return tables


def milliseconds(time):
    return 1000 * INSTRUCTION_SECONDS * time


def report_error(what, pairs):
    """Prints the errors of (measured, predicted) times."""
    pairs = list(pairs)
    mean = sum(measured for measured, _ in pairs) / len(pairs)
    error = sum(abs(predicted - measured) for measured, predicted in pairs) / len(pairs)
    bias = sum(predicted - measured for measured, predicted in pairs) / len(pairs)
    print(f"{what}: {len(pairs)} pictures of {milliseconds(mean):.2f} ms, errors {100 * error / mean:.1f} %, "
          f"together {100 * bias / mean:+.1f} %", flush=True)


def report_errors(codec, pictures, tables_of):
    """Prints errors for each clip, and for each stage over all clips, relative to its total time."""
    stages = list(dict.fromkeys(stage for _, _, _, stages in pictures for stage in stages))
    pairs = []  # by stage, for each picture
    for clip, _, work, measured in pictures:
        table = tables_of(clip)
        pairs.append((clip, {
            stage: (measured[stage]["time"] if stage in measured else 0, predict(codec, stage, table[stage]["time"], work) if stage in table else 0)
            for stage in stages
        }))
    for clip in sorted({clip for clip, _ in pairs}):
        report_error(clip, ([sum(column) for column in zip(*own.values())] for other, own in pairs if other == clip))
    for stage in stages:
        report_error(stage, (own[stage] for _, own in pairs))


def column(name):
    return f"&{'JobWork' if name.startswith('work_') else 'PictureProfile'}::{name}"


def write_table(codec, output, tables):
    lines = ["// SPDX-License-Identifier: MIT",
             "// Made by test/v3d/measure_costs, not by hand: what a unit of each kind of work costs each stage on V3D 7.1, in",
             "// times of an instruction: " + ", ".join(QUANTITIES) + ".",
             "// clang-format off"]
    for stage, table in tables.items():
        work_names = [n for n in dict.fromkeys(n for q in QUANTITIES for n in table[q])]
        lines.append(f"constexpr WorkCost {stage}_work[] = {{")
        for name in work_names:
            costs = ", ".join(f"{table[quantity].get(name, 0):.6g}" for quantity in QUANTITIES)
            columns = {"picture": ["nullptr"], "mbs": [column("inter_mbs"), column("intra_mbs")]}
            for work in columns.get(name, [column(name)]):
                lines.append(f"    {{{work}, {{{costs}}}}},")
        lines.append("};")
    lines.append("constexpr StageCosts stage_costs[] = {")
    for stage in tables:
        need = column(need_of(codec, stage)) if need_of(codec, stage) else "nullptr"
        dispatches = DISPATCHES.get(codec, {}).get(stage)
        more = "" if dispatches is None else f", {dispatches}"
        lines.append(f'    {{"{stage.replace("_", " ")}", {need}, {stage}_work{more}}},')
    lines += ["};", "// clang-format on", ""]
    output.write_text("\n".join(lines))


def main():
    codec, folder, output = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3]
    pictures = list(read_pictures(codec, folder))
    if output == "--check":
        tables = {}
        for clip in {picture[0] for picture in pictures}:
            tables[clip] = fit_all(codec, [picture for picture in pictures if picture[0] != clip], ["time"])
        report_errors(codec, pictures, tables.get)
        return
    tables = fit_all(codec, pictures)
    report_errors(codec, pictures, lambda clip: tables)
    write_table(codec, pathlib.Path(output), tables)


if __name__ == "__main__":
    main()
