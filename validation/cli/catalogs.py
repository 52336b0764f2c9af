"""catalogs.py FOLDER PACK...: a good catalog, and some whose description is wrong in one place, each with
the place that a program must name: lines of file and place in FOLDER/places."""
import pathlib
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "score"))
from panel import Panel, put_series, put_time  # noqa: E402

folder, pack = sys.argv[1], sys.argv[2:]
CASES = [
    ("good", "", {}),
    ("season_0", ":/time: the season is 0 periods; wanted 1 to 1000", {"season": 0}),
    ("season_long", ":/time: the season is 1001 periods", {"season": 1001}),
    ("season_wide", ":/time: the season is 4294967297 periods", {"season": (1 << 32) + 1}),
    ("frequency", ":/time: fortnight is no frequency", {"frequency": "fortnight"}),
    ("sku_high", ":/series_sku[1]: 2; wanted one of 2 in /sku", {"sku": [0, 2, 1]}),
    ("sku_low", ":/series_sku[2]: -1; wanted one of 2", {"sku": [0, 1, -1]}),
    ("market_high", ":/series_market[0]: 1000000; wanted one of 2 in /market", {"market": [1000000, 0, 1]}),
]
with open(f"{folder}/places", "w", encoding="ascii") as places:
    for name, place, wrong in CASES:
        c = Panel(f"{folder}/{name}.h5", "entrepot-catalog")
        put_series(c, ["a", "b"], ["M", "N"], wrong.get("sku", [0, 1, 1]), wrong.get("market", [0, 0, 1]))
        put_time(c, "time", 20000 + np.arange(40), wrong.get("frequency", "day"), wrong.get("season", 7))
        c.var("units", ["series", "time"], np.ones((3, 40), "f4"))
        c.attr("units", "whole_numbers", 1)
        c.write(pack)
        places.write(f"{name}\t{place}\n")
