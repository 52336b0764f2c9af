"""Rows of validation/results: what a bench or study measured, against which peer, on which commit
and machine. Only the programs that measure write them."""
import json, os, platform, subprocess, sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = os.path.join(TOP, os.environ.get("BUILD", "build/release"))
ENV = {k: v for k, v in os.environ.items() if not k.startswith("OPENBLAS_")}


def output(*command):
    """What a command prints; empty when it fails."""
    done = subprocess.run(command, cwd=TOP, capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else ""


def commit():
    dirty = output("git", "status", "--porcelain", "--untracked-files=no", "--", ".",
                   ":!validation/results")
    return output("git", "rev-parse", "--short=12", "HEAD") + ("-dirty" if dirty else "")


def machine():
    with open("/proc/cpuinfo") as f:
        model = next((l.split(":")[1].strip() for l in f if l.startswith("model name")), "")
    return f"{model or platform.machine()}, {os.cpu_count()} cores"


def row(area, name, metric, value, unit, better, must=None, aim=None, peer=None, peer_value=None,
        ratio=None, limit=None, **more):
    """One measured figure; met compares value with must, better says which way."""
    met = must is None or (value >= must if better == "higher" else value <= must)
    return {"area": area, "name": name, "metric": metric, "value": value, "unit": unit,
            "better": better, "peer": peer, "peer_value": peer_value, "ratio": ratio, "must": must,
            "aim": aim, "met": met, "limit": limit, "commit": commit(), "machine": machine(), **more}


def write(name, rows):
    """Write results/NAME.json, print the rows, and exit with 1 when one is short of its must."""
    with open(os.path.join(TOP, "validation/results", name + ".json"), "w") as f:
        json.dump(rows, f, indent=1)
        f.write("\n")
    for r in rows:
        goal = "".join(f" {k} {r[k]:g}" for k in ("must", "aim") if r[k] is not None)
        print(f"{'met ' if r['met'] else 'MISS'} {r['value']:12.5g} {r['unit']:<10} {r['name']}: "
              f"{r['metric']};{goal}{', against ' + r['peer'] if r['peer'] else ''}")
    sys.exit(not all(r["met"] for r in rows))
