"""read.py READER CATALOG FORECAST: do the orange juice files read rightly in READER (h5py, or the xarray
engines netcdf4 and h5netcdf), and is the forecast what inputs/schema.md says? Status 69: a package is
missing."""
import sys

import numpy as np


def text(chars):
    return [b"".join(row).rstrip(b"\0").decode() for row in np.asarray(chars, "S1").tolist()]


def same(got, want, what):
    if not np.array_equal(got, want):
        sys.exit(f"{what}: got {got!r}, wanted {want!r}")


def check_nodes(f, sku, market, category):
    """every node's mean is the sum over the series whose values its name lists"""
    mean = f["mean"][:].astype("f8")
    values = {"total": [], "market": [market], "category": [category], "sku": [sku],
              "category_market": [category, market]}
    level = text(f["level"])
    same(level, [*values, "series"], "levels")
    at = f["node_level"][:]
    for node, name in enumerate(text(f["node"])):
        columns = values[level[at[node]]]
        named = np.array(["/".join([level[at[node]], *v]) for v in zip(*columns)] or [name] * len(mean))
        want = mean[named == name].sum(0)
        if not (named == name).any() or not np.allclose(f["node_mean"][node], want, rtol=1e-12, atol=0):
            sys.exit(f"{name}: {f['node_mean'][node]}, wanted {want}")
    same(len(set(text(f["node"]))), sum(len(set(zip(*v))) or 1 for v in values.values()), "nodes")


def check_uncertainty(f):
    """every node has quantiles that do not cross, around its mean, and coverage is told by level"""
    q, mean, cover = f["node_quantiles"][:], f["node_mean"][:], f["coverage"][:]
    same(q.shape, (*mean.shape, f["quantile"].shape[0]), "quantiles of nodes")
    if not np.isfinite(q).all() or (q < 0).any() or (np.diff(q, axis=2) < 0).any():
        sys.exit("quantiles of nodes cross, are negative or are not there")
    middle = np.abs(q[:, :, 8] / np.maximum(mean, 1) - 1)
    if np.median(middle) > .3:
        sys.exit(f"medians of nodes are far from their means: {np.median(middle)}")
    same(cover.shape, (f["level"].shape[0], q.shape[2]), "coverage")
    seen = cover[np.isfinite(cover).all(1)]
    if not np.isfinite(cover[-1]).all() or np.abs(cover[-1] - f["quantile"][:]).max() > .06:
        sys.exit(f"coverage of series: {cover[-1]}")
    if len(seen) < 5 or (np.diff(seen, axis=1) < 0).any() or abs(np.median(seen[:, 8]) - .5) > .25:
        sys.exit(f"coverage: {cover}")


def with_h5py(catalog, forecast):
    import h5py
    with h5py.File(catalog) as c, h5py.File(forecast) as f:
        for name in ("sku", "market", "series_sku", "series_market"):
            same(f[name][:], c[name][:], name)
        sku, market, category = (np.array(text(c[n])) for n in ("sku", "market", "sku_category"))
        of_sku, of_market = f["series_sku"][:], f["series_market"][:]
        check_nodes(f, sku[of_sku], market[of_market], category[of_sku])
        check_uncertainty(f)
        quantiles = f["quantiles"][:]
        if not np.isfinite(quantiles).all() or (quantiles < 0).any() or (np.diff(quantiles, axis=2) < 0).any():
            sys.exit("quantiles cross, are negative or are not there")
        same(quantiles.shape, (len(of_sku), 8, 17), "quantiles")
        same((f["mean"][:] >= 0).all(), True, "means of counts")


def with_xarray(catalog, forecast, engine):
    import xarray
    weeks = np.datetime64("1992-10-08", "ns") + np.arange(8) * np.timedelta64(7, "D")
    with xarray.open_dataset(forecast, engine=engine) as f:
        same(f.step.values, weeks, "steps")
        same(f["quantiles"].sel(quantile=0.9, step="1992-10-15").shape, (f.sizes["series"],), "one quantile")
        same(f.node_mean.dims, ("node", "step"), "axes of nodes")
        same("forecast" in f.attrs["format"], True, "format")
    with xarray.open_dataset(catalog, engine=engine) as c:
        same(c.time.values[-1], weeks[0] - np.timedelta64(7, "D"), "last week of the history")
        same(c.units.dims, ("series", "time"), "axes of the history")
        same(int(c.units.sel(time="1992-10-01").notnull().sum()) > 0, True, "values of the last week")


try:
    if sys.argv[1] == "h5py":
        with_h5py(*sys.argv[2:])
    else:
        with_xarray(*sys.argv[2:], sys.argv[1])
except ModuleNotFoundError as e:
    print(e)
    sys.exit(69)
