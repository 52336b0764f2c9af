"""Runs of entrepot-plan that bench and study measure: its report, with the phases of its run record."""
import json, os, subprocess, sys

from rows import BUILD, ENV, TOP

PLAN = f"{BUILD}/bin/entrepot-plan"
ALONE = ["taskset", "-c", "0"]


def command(ranks, cores):
    """To start ranks on cores of their own; one rank alone needs no mpirun."""
    pinned = ["taskset", "-c", ",".join(map(str, cores))]
    return pinned + ([os.path.join(TOP, "validation/mpi"), "-n", str(ranks)] if ranks > 1 else [])


def plan(tmp, *options, ranks=1, cores=None, publish=True, orders="continuous"):
    """Plan and tell: what --json reports, seconds of each phase by its name and of the whole "run", bytes of all
    ranks at their most. The solver is timed with orders as the linear program has them."""
    out = ["--orders", orders, *(["--out", os.path.join(tmp, "plan.h5")] if publish else [])]
    done = subprocess.run([*command(ranks, cores or range(ranks)), PLAN, *options, *out, "--json"], env=ENV,
                          capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"entrepot-plan {' '.join(options)}: exit {done.returncode}: {done.stderr[-300:]}")
    if not publish:
        return {}
    record = os.path.join(tmp, "run.json")
    with open(record) as f:
        stage = json.load(f)["stages"][-1]
    os.unlink(record)
    phases = {t["phase"]: t["most_s"] for t in stage["timing"]}
    return {**json.loads(done.stdout), **phases, "run": stage["seconds"], "bytes": stage["peak_memory_bytes"] * ranks}


def refused(tmp, *options):
    """The message with which a plan that cannot be is refused."""
    done = subprocess.run([*ALONE, PLAN, *options, "--out", os.path.join(tmp, "plan.h5")], env=ENV,
                          capture_output=True, text=True)
    told = [line for line in done.stderr.splitlines() if "error: " in line]
    if done.returncode != 65 or len(told) != 1:
        sys.exit(f"entrepot-plan {' '.join(options)}: exit {done.returncode}: {told or done.stderr[-300:]}")
    return told[0].split("error: ")[1]


def per_iteration(run):
    """Microseconds of solving, analysis and start included, an SKU and iteration."""
    return run["solving"] / run["skus"] / run["iterations"] * 1e6
