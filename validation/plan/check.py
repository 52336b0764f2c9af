"""check.py PLAN.h5 ORDERS.csv REPORT.json [SUPPLY.csv]: is the plan what inputs/schema.md says, read by h5py, and is it
possible: goods that come and go make the stocks, orders are the purchases (of a whole plan: whole, and as the table of
supply wants them), limits are kept or passed at a price, and value and bound agree? Status 69: a package is missing."""
import csv
import datetime
import json
import sys

try:
    import h5py
    import numpy as np
except ModuleNotFoundError as e:
    print(e)
    sys.exit(69)


def need(holds, what):
    if not holds:
        sys.exit(what)


def near(a, b, what, scale):
    worst = np.max(np.abs(np.asarray(a) - b) / (1 + scale), initial=0)
    need(worst < 1e-4, f"{what}: off by {worst:.2g} of its size")


def text(chars):
    return [b"".join(row).rstrip(b"\0").decode() for row in np.asarray(chars, "S1").tolist()]


def after(stock):
    """what a period begins with"""
    return np.concatenate([np.zeros_like(stock[..., :1]), stock[..., :-1]], axis=-1)


f = h5py.File(sys.argv[1])
report = json.load(open(sys.argv[3]))
who = {n: text(f[n]) for n in ("sku", "supplier", "lane", "node", "market", "link")}
day = [datetime.date(1970, 1, 1) + datetime.timedelta(int(d)) for d in f["period"]]
t = {n: f[n][:].astype("f8") for n in ("purchase", "shipment", "stock", "sales", "lost", "before", "arriving", "leaving")}
for name, axis in [("purchase", "supplier"), ("shipment", "lane"), ("stock", "node"), ("sales", "market"),
                   ("lost", "market"), ("before", "node"), ("arriving", "node"), ("leaving", "node")]:
    need(t[name].shape == (len(who["sku"]), len(who[axis]), len(day)), f"{name} has the shape {t[name].shape}")
    need([f[name].dims[i][0].name for i in range(3)] == ["/sku", f"/{axis}", "/period"], f"{name} lacks its scales")
    need((t[name] >= -1e-4 * (1 + t[name].max())).all(), f"{name} is negative")

# units: goods are counted, each limit has its own measure
money = f.attrs["currency"].decode()
units = {"volume": "m3", "lane_container": "m3", "lane_rate": f"{money} m-3", "period": "days since 1970-01-01"}
for name in ("period", "containers", "volume", "lane_container", "lane_rate", *t, *(n for n in f if n.startswith("link_"))):
    if name in f:
        has = f[name].attrs["units"].decode() if "units" in f[name].attrs else None
        want = units.get(name, None if name.startswith("link_") else "1")
        need(has == want, f"units of {name}: {has}, wanted {want}")

# goods: no unit comes from nowhere or is lost
size = t["stock"] + t["leaving"]
near(after(t["stock"]) + t["before"] + t["arriving"] - t["leaving"], t["stock"], "stock", size)
had = t["before"].sum((1, 2)) + t["purchase"].sum((1, 2))
near(t["sales"].sum((1, 2)) + t["stock"][..., -1].sum(1), had, "what is sold and left, of what was there and bought", had)
moved = t["arriving"].sum((1, 2)) - t["purchase"].sum((1, 2))
near(t["leaving"].sum((1, 2)) - t["sales"].sum((1, 2)), moved, "what leaves a node for another", had)

# orders are the purchases, in the order of SKUs and dates
ordered = np.zeros_like(t["purchase"])
rows = list(csv.DictReader(open(sys.argv[2])))
place = {n: {name: i for i, name in enumerate(names)} for n, names in who.items()}
for r in rows:
    when = day.index(datetime.date.fromisoformat(r["ordered"]))
    need(datetime.date.fromisoformat(r["arrives"]) in day[when:], f"an order arrives before it is made: {r}")
    ordered[place["sku"][r["sku"]], place["supplier"][r["supplier"]], when] += float(r["units"])
need(len(rows) == report["orders"] > 0, "orders of the report")
need(np.abs(ordered - t["purchase"]).max() < 0.011 * len(who["node"]), "orders and purchases differ")
key = [(place["sku"][r["sku"]], r["ordered"]) for r in rows]
need(key == sorted(key), "orders are not in order")

# a whole plan's orders, of all nodes together: whole units, at least moq and in multiples
whole = f.attrs["orders"].decode() == "whole"
terms = {}
if len(sys.argv) > 4:
    for r in csv.DictReader(open(sys.argv[4])):
        terms[r["sku"], r["supplier"]] = float(r.get("moq") or 0), float(r.get("multiple") or 0) or 1
size = {}
for r in rows:
    key = r["sku"], r["supplier"], r["ordered"]
    size[key] = size.get(key, 0) + float(r["units"])
for (sku, supplier, when), units in size.items():
    least, lot = terms.get((sku, supplier), (0, 1))
    need(not whole or units >= least, f"{sku} of {supplier} at {when}: {units} units; at least {least} are allowed")
    need(not whole or units % lot == 0, f"{sku} of {supplier} at {when}: {units} units are no multiple of {lot}")

# limits: kept, or passed at their price; what is left over is worth nothing
use, capacity, price, over = (f[f"link_{n}"][:] for n in ("use", "capacity", "price", "overflow_price"))
kind = f["link_kind"][:]
words = f["link_kind"].attrs["flag_meanings"].decode().split()
need(all(n.startswith(words[k] + "/") for n, k in zip(who["link"], kind)), "limits are not named by their kind")
least = kind == words.index("commitment")
passed = np.where(least, capacity - use, use - capacity) / (1 + capacity)
need((passed[~np.isfinite(over)] < 1e-6).all(), "a hard limit is passed")
need((np.abs(price) <= over * (1 + 1e-6)).all(), "a limit's price is above that of passing it")
need(whole or (np.abs(price * capacity)[passed < -1e-3] < 1e-6 * abs(report["value"])).all(), "a limit that is not reached has a price")
reached = {w: int(np.sum((passed > -1e-6) & (kind == i))) for i, w in enumerate(words) if (kind == i).any()}
need(all(abs(reached[w] - n) <= 1 for w, n in report["binding"].items()), f"binding limits: {reached}")

# containers: whole ones, and a whole plan pays for what stays empty in them
unfilled = 0
if "containers" in f:
    volume, size, rate = (f[n][:] for n in ("volume", "lane_container", "lane_rate"))
    leaves = np.einsum("k,klt->lt", volume, t["shipment"])
    boxed = size > 0
    full = leaves[boxed] / size[boxed, None]
    booked = f["containers"][:]
    need((booked[~boxed] == 0).all(), "loose goods have containers")
    slack = 1e-5 if not whole else 1e-9
    need((np.abs(booked[boxed] - np.ceil(full - 1e-9)) <= (np.abs(full - np.rint(full)) < slack)).all(), "containers")
    unfilled = np.sum((rate * size)[boxed, None] * (booked[boxed] - full))
    told = sum(v["booked"] for v in report["containers"].values())
    need(told == booked.sum(), f"{told} containers of the report")
cost = float(f.attrs["container_cost"])
need(abs(cost - (unfilled if whole else 0)) < 1e-6 * (1 + abs(unfilled)), f"containers' empty space costs {unfilled}")
need(abs(report["money"]["containers"] + cost) < 1e-6, "cost of containers")

# verdict
value, bound, gap = (float(f.attrs[n]) for n in ("value", "bound", "gap"))
need(f.attrs["status"].decode() == report["status"] == "optimal", "status")
need(abs(value - report["value"]) <= 1e-11 * abs(value), "value of the report")
need(bound <= value + 1e-9 * abs(value) and abs(value - bound) <= 1e-6 * abs(value), f"value {value}, bound {bound}")
need(abs(gap - (value - bound) / max(1, abs(value))) < 1e-12, "gap")
money = report["money"]
need(abs(sum(v for k, v in money.items() if k != "contribution") - money["contribution"]) < 1e-6 * abs(value), "money")
planned, least, gap = (float(f.attrs[n]) for n in ("plan_value", "plan_bound", "plan_gap"))
need(abs(money["contribution"] + planned) < 1e-9 * abs(planned), "contribution")
need(not whole or bound - 1e-6 * abs(bound) <= least <= planned, f"value {planned} of the whole plan, bound {least}")
need(abs(gap - (planned - least) / max(1, abs(planned))) < 1e-12, "gap of the plan")
need(abs(money["orders"] + float(f.attrs["order_cost"])) < 1e-6, "cost of orders")
need(0 < report["service"] <= 1 and report["links"] == len(use) and report["skus"] == len(who["sku"]), "report")
