"""read.py READER FILE: does READER (h5py, netCDF4, netcdf4, h5netcdf) see the example result rightly?
The last two are xarray's engines. Exit status 69: a package is missing."""
import sys

import numpy as np

SKUS = ["A1", "B-22", "Café", "包装", "EE55EE5"]
CATEGORIES = ["tea", "soap", "tea", "soap", "tea"]
DAYS = np.arange(20453, 20457)
cell = np.arange(12).reshape(4, 3)
UNITS = np.where(cell % 7 == 0, np.nan, (100 * np.arange(5)[:, None, None] + cell) / 4)
i, j = np.mgrid[:5, :4]
PRICE = np.where((i + j) % 7 == 0, -1, 100 * i + j)


def same(got, want, what):
    got, want = np.asarray(got), np.asarray(want)
    equal = got.shape == want.shape and (
        np.array_equal(got, want, equal_nan=True) if want.dtype.kind == "f" else (got == want).all())
    if not equal:
        sys.exit(f"{what}: got {got!r}, wanted {want!r}")


def text(chars):
    return [b"".join(row).rstrip(b"\0").decode() for row in np.asarray(chars, "S1").tolist()]


def with_h5py(path):
    import h5py
    with h5py.File(path) as f:
        units = f["units"][:].astype("f8")
        units[units == f["units"].attrs["_FillValue"][0]] = np.nan
        same(units, UNITS, "units")
        same(f["price"], PRICE, "price")
        same(text(f["sku"]), SKUS, "sku")
        same([d[0].name for d in f["units"].dims], ["/sku", "/time", "/quantile"], "scales")
        same(f["quality/model"], np.arange(5) ** 2 - 3, "model")
        same(f["weight"].shape, (0, 3), "no rows")
        same(f.attrs["title"].decode() if isinstance(f.attrs["title"], bytes) else f.attrs["title"],
             "café", "title")


def with_netcdf(path):
    import netCDF4
    with netCDF4.Dataset(path) as f:
        same(f["units"][:].filled(np.nan), UNITS, "units")
        same(np.ma.getmaskarray(f["price"][:]), PRICE == -1, "missing prices")
        f["sku"].set_auto_chartostring(False)  # it cuts UTF-8 text of mixed lengths wrongly
        same(text(f["sku"][:].filled(b"")), SKUS, "sku")
        same(f["units"].dimensions, ("sku", "time", "quantile"), "dimensions")
        same(f["quality/model"][:], np.arange(5) ** 2 - 3, "model")
        same(f.seed, 42, "seed")
        dates = netCDF4.num2date(f["time"][:], f["time"].units, f["time"].calendar)
        same(dates[0].isoformat(), "2025-12-31T00:00:00", "first day")


def with_xarray(path, engine):
    import xarray
    with xarray.open_dataset(path, engine=engine) as d:
        same(d.units, UNITS, "units")
        same(d.price, np.where(PRICE < 0, np.nan, PRICE), "price")
        same(d.sku.values.astype(str), SKUS, "sku")
        same(d.category.values.astype(str), CATEGORIES, "category")
        same(d.time, DAYS.astype("datetime64[D]").astype("datetime64[ns]"), "time")
        same(d.units.sel(sku="包装", time="2026-01-01"), UNITS[3, 1], "one item on one day")
        same(d.weight.shape, (0, 3), "no rows")
        same(len(d.units.to_dataframe()), 60, "rows of the data frame")
    with xarray.open_dataset(path, engine=engine, group="quality") as d:
        same(d.model, np.arange(5) ** 2 - 3, "model")


try:
    if sys.argv[1] == "h5py":
        with_h5py(sys.argv[2])
    elif sys.argv[1] == "netCDF4":
        with_netcdf(sys.argv[2])
    else:
        with_xarray(sys.argv[2], sys.argv[1])
except ModuleNotFoundError as e:
    print(e)
    sys.exit(69)
