"""The worlds of the rolling simulation: orange juice and M5, as Demand and a network folder."""
import csv, datetime, os, shutil, subprocess

import numpy as np

from rolling import Demand, put_table, table


def orange_juice(folder, top):
    """All weeks of the panel, and the network of inputs/networks."""
    subprocess.run([f"{top}/inputs/orange_juice.sh", "-", folder], check=True, capture_output=True)
    rows = table(folder, "sales.csv")
    skus, markets, dates = ([*dict.fromkeys(r["sku"] for r in table(folder, "catalog.csv"))],
                            sorted({r["market"] for r in rows}), sorted({r["date"] for r in rows}))
    first, last = (datetime.date.fromisoformat(dates[i]) for i in (0, -1))
    dates = [str(first + datetime.timedelta(7 * w)) for w in range((last - first).days // 7 + 1)]
    at = tuple({name: i for i, name in enumerate(x)} for x in (skus, markets, dates))
    units = np.full((len(skus), len(markets), len(dates)), np.nan)
    price, promo = units.copy(), np.zeros(units.shape, int)
    for r in rows:
        key = at[0][r["sku"]], at[1][r["market"]], at[2][r["date"]]
        units[key], price[key], promo[key] = float(r["units"]), float(r["price"]), int(r["promo"])
    demand = Demand(f"{folder}/catalog.csv", skus, markets, dates, units, price, promo)
    network = f"{folder}/network"
    shutil.copytree(f"{top}/inputs/networks/orange_juice", network)
    os.remove(f"{network}/stock.csv")
    return demand, network


def m5(folder, data, every):
    """Weeks of every so-many-th item of M5 in its 10 stores. Its catalog and network are made up, since M5 has
    none: cost 0.7 of the median price, weight and volume by department, a supplier a department, a hub, a warehouse
    a state. Goods go by the hub (3 weeks, cheap), by road (2 weeks) or express (1 week, dear)."""
    os.makedirs(folder)
    unpack = lambda name, kind: np.frombuffer(subprocess.run(
        ["zstd", "-dcq", f"{data}/forecast/m5/{name}"], check=True, capture_output=True).stdout, kind)
    names = subprocess.run(["xzcat", f"{data}/forecast/m5/series.csv.xz"], check=True, capture_output=True, text=True)
    series = list(csv.DictReader(names.stdout.splitlines()))
    items, stores = ([*dict.fromkeys(r[k] for r in series)] for k in ("item_id", "store_id"))
    skus, weeks = items[::every], 277
    days = unpack("sales_d1_d1941.i16.zst", "<i2").reshape(len(series), -1)[:, :7 * weeks]
    cents = unpack("prices_w1_w282_cents.u16.zst", "<u2").reshape(len(series), -1)[:, :weeks]
    shape = len(skus), len(stores), weeks
    pick = [k for s in skus for m in stores for k in (items.index(s) + stores.index(m) * len(items),)]
    price = (cents[pick] / 100.0).reshape(shape)
    price[price == 0] = np.nan
    units = days[pick].reshape(*shape, 7).sum(-1).astype(float)
    units[np.isnan(price)] = np.nan
    dates = [str(datetime.date(2011, 1, 29) + datetime.timedelta(7 * w)) for w in range(weeks)]
    cost = np.round(0.7 * np.nanmedian(price, axis=(1, 2)), 2)
    kind = [s.split("_")[0] for s in skus]
    weight = np.array([{"FOODS": 600, "HOUSEHOLD": 900, "HOBBIES": 400}[k] for k in kind])
    volume = np.array([{"FOODS": 1200, "HOUSEHOLD": 4000, "HOBBIES": 2500}[k] for k in kind])
    put_table(f"{folder}/catalog.csv",
              ("sku", "name", "category", "department", "weight_g", "volume_cm3", "cost", "currency"),
              [(s, s, k, s[:-4], w, v, f"{c:.2f}", "USD") for s, k, w, v, c in zip(skus, kind, weight, volume, cost)])
    demand = Demand(f"{folder}/catalog.csv", skus, stores, dates, units, price)
    usual = np.nan_to_num(units[:, :, -120:-60]).mean(2)  # before the weeks of the simulation
    m5_network(f"{folder}/network", skus, stores, usual, weight / 1e3, volume / 1e6, cost)
    return demand, f"{folder}/network"


def m5_network(folder, skus, stores, usual, weight, volume, cost):
    """Limits are multiples of what a usual week takes: rail 1.2, suppliers 1.3, budget 1.25, space 5 weeks."""
    os.makedirs(folder)
    states, makers = sorted({m[:2] for m in stores}), sorted({s[:-4] for s in skus})
    of = lambda state: usual[:, [m[:2] == state for m in stores]].sum(1)
    node = [(m, "supplier", "", "", "") for m in makers] + [("HUB", "hub", "", "", 3)]
    node += [(f"DC-{s}", "warehouse", f"{5 * of(s) @ volume:.2f}", 20, 4) for s in states]
    put_table(f"{folder}/nodes.csv", ("node", "kind", "volume", "overflow_price", "holding"),
              node + [(m, "market", "", "", "") for m in stores])
    lane = [(f"{m}:HUB", m, "HUB", "road", 7, 0.05) for m in makers]
    lane += [(f"HUB:{s}", "HUB", f"DC-{s}", "rail", 7, 0.05) for s in states]
    for s in states:
        lane += [(f"{m}:{s}", m, f"DC-{s}", "road", 7, 0.18) for m in makers]
        lane += [(f"{m}:{s}:EXPRESS", m, f"DC-{s}", "express", 0, 1.20) for m in makers]
        lane += [(f"{s}:{m}", f"DC-{s}", m, "road", 0, 0.03 if m[:2] == s else 0.25) for m in stores]
    put_table(f"{folder}/lanes.csv", ("lane", "from", "to", "mode", "lead_days", "cost_kg"), lane)
    put_table(f"{folder}/supply.csv", ("sku", "supplier", "multiple", "order_cost", "lead_days"),
              [(s, s[:-4], 6, 2, 7) for s in skus])
    limit = [("lane", f"HUB:{s}", "kg", f"{1.2 * of(s) @ weight:.1f}", 0.10) for s in states]
    for m in makers:
        mine = np.array([s[:-4] == m for s in skus])
        limit.append(("supplier", m, "units", f"{1.3 * usual[mine].sum():.1f}", round(0.2 * cost[mine].mean(), 2)))
    limit.append(("budget", "", "money", f"{1.25 * usual.sum(1) @ cost:.1f}", 0.05))
    put_table(f"{folder}/limits.csv", ("kind", "of", "measure", "capacity", "overflow_price"), limit)
