"""check.py EXPECTED REPORT: every number that is expected stands in the program's report, to 1e-9."""
import json
import sys


def differ(want, got, where=""):
    if isinstance(want, dict):
        return [d for k in want for d in differ(want[k], got.get(k, "absent"), f"{where}/{k}")]
    if isinstance(want, list):
        return [f"{where}: {len(got)} entries; wanted {len(want)}"] if len(want) != len(got) else [
            d for k, (w, g) in enumerate(zip(want, got)) for d in differ(w, g, f"{where}[{k}]")]
    if isinstance(want, float) and isinstance(got, (int, float)):
        return [] if abs(got - want) <= 1e-9 * abs(want) else [f"{where}: {got}; wanted {want}"]
    return [] if want == got else [f"{where}: {got}; wanted {want}"]


with open(sys.argv[1], encoding="ascii") as e, open(sys.argv[2], encoding="ascii") as r:
    found = differ(json.load(e), json.load(r))
if found:
    print("\n".join(found[:20]))
sys.exit(bool(found))
