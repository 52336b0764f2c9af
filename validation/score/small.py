"""A small panel with everything in it, as our files, and every score of it worked out slowly.

small.py FOLDER SERIES PACK...: SERIES of the 12 pairs of 4 skus and 3 markets, with gaps, late starts,
unknown prices, forecasts below zero and actual values that are missing; expected.json has the keys of
the program's report. check.py compares the two.
"""
import datetime
import json
import math
import sys

import numpy as np
from panel import Panel, put_series, put_time

LENGTH, LATER, HORIZON, SEASON = 60, 3, 6, 7
QUANTILES = np.array([.005, .025, .1, .165, .2, .25, .3, .4, .5, .6, .7, .75, .8, .835, .9, .975, .995])
SPL = [.005, .025, .165, .25, .5, .75, .835, .975, .995]
SKUS, MARKETS = ["a-1", "a-2", "b-1", "ß-2"], ["N1", "N2", "S1"]
GROUP = ["new", "old", "new", "new"]
LEVELS = {"total": lambda s, m: "", "side": lambda s, m: MARKETS[m][0], "market": lambda s, m: m,
          "group_side": lambda s, m: (GROUP[s], MARKETS[m][0]), "series": lambda s, m: (s, m)}
INI = ("[levels]\ntotal =\nside = side\nmarket = market\ngroup_side = group, side\nseries = sku, market\n"
       "[derive]\nside = market[0:1]\n")


def mean(values):
    values = [v for v in values if v is not None and not math.isnan(v)]
    return sum(values) / len(values) if values else None


def scale(y, lag, power=1):
    return mean([abs(y[t] - y[t - lag]) ** power for t in range(lag, len(y))])


def over(a, b):
    return a / b if a is not None and b else None


def naive2(y, m, horizon):
    """M4's, for histories without a season as here m is 1: the last value there is"""
    assert m == 1
    return [[v for v in y if not math.isnan(v)][-1]] * horizon


def first_sale(y):
    return [v for v in y[next((t for t, v in enumerate(y) if v and not math.isnan(v)), len(y)):]]


def pinball(u, a, q):
    return mean([u * (x - z) if x >= z else (1 - u) * (z - x) for x, z in zip(a, q) if not math.isnan(x)])


def measure(y, a, f, q, weight):
    """one item; q by quantile or None; forecasts below zero are zero where the history never is below"""
    if not any(v < 0 for v in y):
        f, q = np.maximum(f, 0), q if q is None else np.maximum(q, 0)
    here = [t for t in range(HORIZON) if not math.isnan(a[t])]
    point = f if q is None else q[list(QUANTILES).index(.5)]
    error = mean([abs(a[t] - point[t]) for t in here])
    smape = [mean([200 * abs(a[t] - g[t]) / (abs(a[t]) + abs(g[t])) if a[t] or g[t] else 0 for t in here])
             for g in (point, naive2(y, 1, HORIZON))]
    square = over(mean([(a[t] - f[t]) ** 2 for t in here]), scale(first_sale(y), 1, 2))
    row = {"weight": weight, "smape": smape[0], "naive2_smape": smape[1], "mase": over(error, scale(y, 1)),
           "naive2_mase": over(mean([abs(a[t] - naive2(y, 1, HORIZON)[t]) for t in here]), scale(y, 1)),
           "mase_seasonal": over(error, scale(y, SEASON)), "rmsse": square and math.sqrt(square),
           "error": error and error * len(here), "actual": sum(abs(a[t]) for t in here)}
    for k, u in enumerate(QUANTILES):
        row[f"pinball {u:g}"] = q is not None and pinball(u, a, q[k]) or None
        row[f"coverage {u:g}"] = mean([float(a[t] <= q[k][t]) for t in here]) if q is not None else None
    if q is None:
        return row | {"sql": None, "spl": None, "msis": None, "inside": None, "loss": None}
    at = {f"{u:g}": q[k] for k, u in enumerate(QUANTILES)}
    two = mean([2 * pinball(u / 10, a, at[f"{u / 10:g}"]) for u in range(1, 10)]) if here else None
    lo, up = at["0.025"], at["0.975"]
    width = mean([up[t] - lo[t] + 40 * max(lo[t] - a[t], 0) + 40 * max(a[t] - up[t], 0) for t in here])
    spl = mean([pinball(u, a, at[f"{u:g}"]) for u in SPL]) if here else None
    return row | {"sql": over(two, scale(y, SEASON)), "loss": two and two * len(here),
                  "spl": over(spl, scale(first_sale(y), 1)), "msis": over(width, scale(y, 1)),
                  "inside": mean([float(lo[t] <= a[t] <= up[t]) for t in here])}


def weighted(rows, name):
    rows = [r for r in rows if r[name] is not None]
    return over(sum(r["weight"] * r[name] for r in rows), sum(r["weight"] for r in rows))


def summarise(name, rows):
    out = {"level": name, "nodes": len(rows), "scored": sum(r["rmsse"] is not None for r in rows),
           "wrmsse": weighted(rows, "rmsse"), "wspl": weighted(rows, "spl")}
    for key in ("smape", "mase", "naive2_smape", "naive2_mase", "mase_seasonal", "rmsse", "sql", "spl", "msis"):
        out[key] = mean([r[key] for r in rows])
    parts = [over(out[key], out["naive2_" + key]) for key in ("smape", "mase")]
    out["owa"] = None if None in parts else mean(parts)
    total = sum(r["actual"] for r in rows)
    out["wape"] = over(sum(r["error"] or 0 for r in rows), total)
    losses = [r["loss"] for r in rows if r["loss"] is not None]
    out["wql"] = over(sum(losses), total) if losses else None
    inside = mean([r["inside"] for r in rows])
    out["acd"] = None if inside is None else abs(inside - .95)
    for what in ("pinball", "coverage"):
        out[what] = {f"{u:g}": mean([r[f"{what} {u:g}"] for r in rows]) for u in QUANTILES}
    return out


def add(values):
    """sum of those there are; NaN where there is none"""
    values = np.array(values)
    return np.where(np.isnan(values).all(0), np.nan, np.nansum(values, 0))


def value(y, price):
    last, sum_ = 0, 0.0
    for t in range(LENGTH):
        last = price[t] if price[t] >= 0 else last
        if t >= LENGTH - 28 and not math.isnan(y[t]):
            sum_ += y[t] * last
    return sum_


def node_names(pairs):
    """nodes with quantiles of their own: all, but for the markets' unless there are 7 series"""
    names = {"total": lambda s, m: "total", "side": lambda s, m: f"side/{MARKETS[m][0]}",
             "market": lambda s, m: f"market/{MARKETS[m]}",
             "group_side": lambda s, m: f"group_side/{GROUP[s]}/{MARKETS[m][0]}"}
    if len(pairs) != 7:
        del names["market"]
    return sorted({name(*p) for name in names.values() for p in pairs}, reverse=True), names


def expected(pairs, units, price, actual, forecast, quantile, node_quantile):
    f, q = forecast, quantile
    worth = [value(u, p) for u, p in zip(units, price)]
    own = [measure(list(units[i]), list(actual[i]), f[i], q[i].T, worth[i]) for i in range(len(pairs))]
    series, levels = summarise("series", own), []
    for name, key in LEVELS.items():
        keys = [key(*p) for p in pairs]
        if len(set(keys)) == len(pairs):
            levels.append(summarise(name, own))
            continue
        rows = []
        for k in sorted(set(keys), key=str):
            members = [i for i, x in enumerate(keys) if x == k]
            seen = [np.where(np.isnan(actual[i]), np.nan, forecast[i]) for i in members]
            names, label = node_names(pairs)
            own_q = name in label and node_quantile[names.index(label[name](*pairs[members[0]]))].T
            rows.append(measure(list(add(units[members])), list(add(actual[members])), add(seen),
                                own_q if name in label else None,
                                sum(worth[i] for i in members)))
        levels.append(summarise(name, rows))
    for key in ("wrmsse", "wspl"):
        parts = [level[key] for level in levels]
        series[key] = None if None in parts else mean(parts)
    left_out = int(bool(pairs))
    return {"unknown": left_out, "outside": left_out, "mase_lag": 1, "season": SEASON, "horizon": HORIZON, "measures": series, "levels": levels}


def make(count):
    rng = np.random.default_rng(7)
    every = [(s, m) for s in range(4) for m in range(3)]
    pairs = [every[i] for i in sorted(rng.permutation(12)[:count])]
    units = rng.poisson(4, (count, LENGTH + LATER)).astype("f4")
    for i in range(count):
        units[i, :rng.integers(0, 30)] = np.nan if i % 2 else 0
        units[i, rng.integers(30, LENGTH - 5)] = np.nan
    if count > 3:
        units[3, :LENGTH] = 0  # never sold: no scale
    if count in (2, 7):
        units[1, 40] = -30  # more came back than was sold
    price = rng.integers(100, 900, (count, LENGTH + LATER)).astype("i4")
    price[rng.random(price.shape) < .3] = -1
    actual = rng.poisson(4, (count, HORIZON)).astype("f4")
    actual[rng.random(actual.shape) < .1] = np.nan
    if count > 5:
        actual[5] = np.nan
    forecast = rng.normal(4, 3, (count, HORIZON)).astype("f4")
    quantile = np.sort(rng.normal(4, 3, (count, HORIZON, len(QUANTILES))), axis=2).astype("f4")
    names, _ = node_names(pairs)
    node_quantile = np.sort(rng.normal(20, 9, (len(names), HORIZON, len(QUANTILES))), axis=2)
    return pairs, units, price, actual, forecast, quantile, node_quantile.astype("f4")


def write_actual(path, days, pairs, actual):
    rows = [(SKUS[s], MARKETS[m], datetime.date(1970, 1, 1) + datetime.timedelta(int(d)), x)
            for (s, m), row in zip(pairs, actual) for d, x in zip(days, row)]
    rows = [r for k, r in enumerate(rows) if k % 2 or not math.isnan(r[3])]
    rows += [("c-9", "N1", rows[0][2], 1), ("a-1", "N1", "1999-01-01", 1)] if rows else []
    with open(path, "w", encoding="utf-8") as out:
        out.write("date,sku,market,note,units\n")
        for sku, market, day, x in reversed(rows):
            out.write(f"{day},{sku},{market},,{'' if math.isnan(x) else f'{x:g}'}\n")


def main(folder, count, *pack):
    pairs, units, price, actual, forecast, quantile, node_quantile = make(int(count))
    days = 20000 + np.arange(LENGTH + LATER + HORIZON)
    ids = (SKUS, MARKETS, [s for s, _ in pairs], [m for _, m in pairs])
    catalog = Panel(f"{folder}/catalog.h5", "entrepot-catalog")
    put_series(catalog, *ids)
    catalog.note("sku_group", "sku", GROUP)
    put_time(catalog, "time", days[:LENGTH + LATER], "day", SEASON)
    catalog.var("units", ["series", "time"], units)
    catalog.var("price", ["series", "time"], price)
    catalog.write(pack)
    out = Panel(f"{folder}/forecast.h5", "entrepot-forecast")
    put_series(out, *ids)
    put_time(out, "step", days[LENGTH:LENGTH + HORIZON], "day", SEASON)
    out.dim("quantile", QUANTILES)
    out.var("mean", ["series", "step"], forecast)
    out.var("quantiles", ["series", "step", "quantile"], quantile)
    if pairs:
        out.text("node", node_names(pairs)[0])
        out.var("node_quantiles", ["node", "step", "quantile"], node_quantile)
    out.write(pack)
    write_actual(f"{folder}/actual.csv", days[LENGTH:LENGTH + HORIZON], pairs, actual)
    with open(f"{folder}/levels.ini", "w", encoding="ascii") as ini:
        ini.write(INI)
    args = [x.astype(float) for x in (units[:, :LENGTH], price[:, :LENGTH], actual, forecast, quantile, node_quantile)]
    with open(f"{folder}/expected.json", "w", encoding="ascii") as json_file:
        json.dump(expected(pairs, *args), json_file, indent=1)


if __name__ == "__main__":
    main(*sys.argv[1:])
