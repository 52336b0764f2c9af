"""The organisers' Naive2 forecasts of M4 as our files: catalog.h5, forecast.h5, actual.csv.

m4.py DATA FOLDER weekly|hourly PACK...: M4 has no dates; every history ends on the same one here.
"""
import csv
import datetime
import lzma
import sys

import numpy as np
from panel import Panel, put_series, put_time


def rows_of(path):
    with lzma.open(path, "rt") as f:
        for row in csv.reader(f):
            yield row[0], [float(x) for x in row[1:] if x not in ("", "NA")] \
                if row[0][0] in "WH" and row[0][1:].isdigit() else None


def table(path, wanted):
    return {name: values for name, values in rows_of(path) if name in wanted}


def main(data, folder, which, *pack):
    name = {"weekly": "Weekly", "hourly": "Hourly"}[which]
    letter, spacing = name[0], {"weekly": 7, "hourly": 1}[which]
    ids = [n for n, v in rows_of(f"{data}/{name}-train.csv.xz") if v]
    history = table(f"{data}/{name}-train.csv.xz", ids)
    actual = table(f"{data}/{name}-test.csv.xz", ids)
    naive2 = table(f"{data}/Naive2-forecasts-WH.csv.xz", ids)
    assert len(ids) == {"W": 359, "H": 414}[letter]
    length, horizon = max(map(len, history.values())), len(actual[ids[0]])
    units = np.full((len(ids), length), np.nan, "f4")
    for i, n in enumerate(ids):
        units[i, length - len(history[n]):] = history[n]
    times = 4 + spacing * np.arange(length + horizon)
    frequency, season = {"W": ("week", 52), "H": ("hour", 24)}[letter]

    catalog = Panel(f"{folder}/catalog.h5", "entrepot-catalog")
    put_series(catalog, ids, ["all"], np.arange(len(ids)), np.zeros(len(ids)))
    put_time(catalog, "time", times[:length], frequency, season)
    catalog.var("units", ["series", "time"], units)
    catalog.write(pack)
    forecast = Panel(f"{folder}/forecast.h5", "entrepot-forecast")
    put_series(forecast, ids, ["all"], np.arange(len(ids)), np.zeros(len(ids)))
    put_time(forecast, "step", times[length:], frequency, season)
    forecast.var("mean", ["series", "step"], np.array([naive2[n] for n in ids], "f4"))
    forecast.write(pack)

    origin = datetime.datetime(1970, 1, 1)
    unit, form = {"W": ("days", "%Y-%m-%d"), "H": ("hours", "%Y-%m-%d %H:00")}[letter]
    with open(f"{folder}/actual.csv", "w", encoding="ascii") as out:
        out.write("sku,market,date,units\n")
        for n in ids:
            for t, x in zip(times[length:], actual[n]):
                day = (origin + datetime.timedelta(**{unit: int(t)})).strftime(form)
                out.write(f"{n},all,{day},{x:.10g}\n")


main(*sys.argv[1:])
