"""M5 to 1941 days as our files, with naive forecasts of the last 28, and what they score by numpy.

m5.py DATA FOLDER PACK...: writes catalog.h5 (all days), naive.h5 and seasonal.h5 (days 1914 to 1941 from
those before), actual.csv, levels.ini, and naive.json and seasonal.json: the WRMSSE at each level.
"""
import csv
import datetime
import json
import lzma
import subprocess
import sys

import numpy as np
from panel import Panel, put_series, put_time

DAYS, TEST = 1941, 28
# name, columns of levels.ini, key of a series from its item and store
LEVELS = [
    ("total", "", lambda i, s: ""),
    ("state", "state", lambda i, s: s[:2]),
    ("store", "market", lambda i, s: s),
    ("category", "category", lambda i, s: i.split("_")[0]),
    ("department", "department", lambda i, s: i[:-4]),
    ("state_category", "state, category", lambda i, s: s[:2] + i.split("_")[0]),
    ("state_department", "state, department", lambda i, s: s[:2] + i[:-4]),
    ("store_category", "market, category", lambda i, s: s + i.split("_")[0]),
    ("store_department", "market, department", lambda i, s: s + i[:-4]),
    ("item", "sku", lambda i, s: i),
    ("item_state", "sku, state", lambda i, s: i + s[:2]),
    ("item_store", "sku, market", lambda i, s: i + s),
]
COUNTS = [1, 3, 10, 3, 7, 9, 21, 30, 70, 3049, 9147, 30490]


def unpacked(path, kind):
    raw = subprocess.run(["zstd", "-dc", path], check=True, stdout=subprocess.PIPE).stdout
    return np.frombuffer(raw, kind)


def load(data):
    with lzma.open(f"{data}/series.csv.xz", "rt") as f:
        series = [(r["item_id"], r["store_id"]) for r in csv.DictReader(f)]
    with lzma.open(f"{data}/calendar.csv.xz", "rt") as f:
        weeks = [int(r["wm_yr_wk"]) for r in csv.DictReader(f)][:DAYS]
    sales = unpacked(f"{data}/sales_d1_d1941.i16.zst", "<i2").reshape(len(series), DAYS)
    price = unpacked(f"{data}/prices_w1_w282_cents.u16.zst", "<u2").reshape(len(series), -1)
    number = {w: k for k, w in enumerate(sorted(set(weeks)))}
    return series, sales, price, np.array([number[w] for w in weeks])


def sales_value(sales, price, week, days):
    return (sales[:, days].astype("i8") * price[:, week[days]]).sum(1)


def check_dollars(data, series, value):
    """cents sold in the last 28 days are the organisers' dollar sales, so weights are theirs"""
    with lzma.open(f"{data}/weights_evaluation.csv.xz", "rt") as f:
        dollars = {(r["Agg_Level_1"], r["Agg_Level_2"]): float(r["Dollar_Sales"])
                   for r in csv.DictReader(f) if r["Level_id"] == "Level12"}
    assert all(abs(dollars[s] - cents / 100) < 1e-6 for s, cents in zip(series, value))


def forecasts(history):
    """the last day repeated, and the last week repeated"""
    return {"naive": np.repeat(history[:, -1:], TEST, 1),
            "seasonal": np.tile(history[:, -7:], (1, TEST // 7))}


def sums(values, order, starts):
    return np.add.reduceat(values[order], starts, axis=0)


def wrmsse(history, actual, forecast, value):
    """of one level: scales from each node's first sale on, lag 1"""
    total, at = 0.0, np.argmax(history != 0, axis=1)
    for k in range(len(history)):
        step = np.diff(history[k, at[k]:].astype(float))
        error = np.mean((actual[k] - forecast[k]).astype(float) ** 2)
        total += value[k] * np.sqrt(error / np.mean(step ** 2))
    return total / value.sum()


def score(series, sales, price, week):
    history, actual = sales[:, :-TEST], sales[:, -TEST:]
    value = sales_value(sales, price, week, slice(DAYS - 2 * TEST, DAYS - TEST))
    result = {name: [] for name in forecasts(history)}
    for (level, _, key), count in zip(LEVELS, COUNTS):
        keys = np.array([key(*s) for s in series])
        order = np.argsort(keys, kind="stable")
        starts = np.flatnonzero(np.r_[True, keys[order][1:] != keys[order][:-1]])
        assert len(starts) == count
        add = [sums(x.astype("i4"), order, starts) for x in (history, actual)]
        for name, f in forecasts(history).items():
            one = wrmsse(*add, sums(f.astype("i4"), order, starts), sums(value, order, starts))
            result[name].append({"level": level, "nodes": count, "wrmsse": one})
    return result


def write_files(folder, pack, series, sales, price, week):
    skus, markets = (sorted(set(x)) for x in zip(*series))
    which = [{x: k for k, x in enumerate(names)} for names in (skus, markets)]
    ids = (skus, markets, [which[0][i] for i, _ in series], [which[1][s] for _, s in series])
    first = (datetime.date(2011, 1, 29) - datetime.date(1970, 1, 1)).days
    days = first + np.arange(DAYS)
    catalog = Panel(f"{folder}/catalog.h5", "entrepot-catalog")
    put_series(catalog, *ids)
    catalog.note("sku_category", "sku", [i.split("_")[0] for i in skus])
    catalog.note("sku_department", "sku", [i[:-4] for i in skus])
    put_time(catalog, "time", days, "day", 7)
    catalog.var("units", ["series", "time"], sales.astype("f4"))
    cents = price[:, week].astype("i4")
    catalog.var("price", ["series", "time"], np.where(cents > 0, cents, -1).astype("i4"))
    catalog.write(pack)
    for name, f in forecasts(sales[:, :-TEST]).items():
        out = Panel(f"{folder}/{name}.h5", "entrepot-forecast")
        put_series(out, *ids)
        put_time(out, "step", days[-TEST:], "day", 7)
        out.var("mean", ["series", "step"], f.astype("f4"))
        out.write(pack)
    text = [str(datetime.date(1970, 1, 1) + datetime.timedelta(int(d))) for d in days[-TEST:]]
    with open(f"{folder}/actual.csv", "w", encoding="ascii") as out:
        out.write("sku,market,date,units\n")
        for (item, store), row in zip(series, sales[:, -TEST:].tolist()):
            out.writelines(f"{item},{store},{day},{x}\n" for day, x in zip(text, row))
    with open(f"{folder}/levels.ini", "w", encoding="ascii") as out:
        out.write("[levels]\n" + "".join(f"{n} = {c}\n" for n, c, _ in LEVELS))
        out.write("[derive]\nstate = market[0:2]\n")


def main(data, folder, *pack):
    panel = load(data)
    series, sales, price, week = panel
    check_dollars(data, series, sales_value(sales, price, week, slice(DAYS - TEST, DAYS)))
    write_files(folder, pack, *panel)
    for name, levels in score(*panel).items():
        with open(f"{folder}/{name}.json", "w", encoding="ascii") as out:
            json.dump({"levels": levels}, out, indent=1)


if __name__ == "__main__":
    main(*sys.argv[1:])
