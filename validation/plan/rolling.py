"""A rolling simulation: weeks of real demand, met from stock that a policy ordered from forecasts of the week.

At the begin of a week goods on their way arrive, entrepot-forecast forecasts from the history until then, the policy
orders, and then demand comes. It is met from the node that delivers to its market for least, then from the others;
what no node has is lost. All policies see the same forecasts, pay the same prices and pass limits at the same prices.

The policies:
  plan         entrepot-plan at a service level; what it does in its first week is done
  order-up-to  each node that delivers is filled up every week to the mean demand of lead time and review, plus
               safety stock
  (s,S)        the same level is s; below it the node is filled up to S = s + Q, Q = sqrt(2 K D / h)

Both textbook policies take the safety stock that entrepot-plan states (plan.h5, safety), for the same quantiles,
service and lead times. They send goods by the cheapest way; what passes a lane's limit goes the next cheapest where
that is cheaper than paying. What passes a supplier's limit or the budget is paid for, or cut.

Money is in the plan's units; arrays are [sku, week], so that intervals can be drawn from them."""
import csv, datetime, json, math, os, shutil, subprocess

import h5py
import numpy as np

WEEK = 7


def table(*path):
    with open(os.path.join(*path), newline="") as f:
        return list(csv.DictReader(f))


def put_table(path, header, rows):
    with open(path, "w", newline="") as f:
        out = csv.writer(f, lineterminator="\n")
        out.writerow(header)
        out.writerows(rows)


def number(row, column, otherwise=0.0):
    return float(row[column]) if row.get(column) else otherwise


def text(chars):
    return [b"".join(row).rstrip(b"\0").decode() for row in np.asarray(chars, "S1").tolist()]


class Demand:
    """What happened: units and prices [sku, market, week], NaN where a SKU was not on sale."""

    def __init__(self, catalog, skus, markets, dates, units, price, promo=None):
        self.catalog, self.skus, self.markets, self.dates = catalog, skus, markets, dates
        self.units, self.price, self.promo = units, price, promo

    def rows(self, lo, hi, ahead):
        """Of weeks [lo, hi): sales, or what is known of them ahead."""
        for w in range(lo, hi):
            for s, m in zip(*np.nonzero(np.isfinite(self.units[:, :, w]))):
                sold = () if ahead else (int(self.units[s, m, w]),)
                promo = () if self.promo is None else (int(self.promo[s, m, w]),)
                yield (self.skus[s], self.markets[m], self.dates[w], *sold, f"{self.price[s, m, w]:.2f}", *promo)


class Programs:
    def __init__(self, build, env, settings=()):
        self.build, self.env, self.settings = build, env, settings

    def run(self, name, *options):
        done = subprocess.run([f"{self.build}/bin/entrepot-{name}", *options], env=self.env, capture_output=True,
                              text=True)
        if done.returncode != 0:
            raise SystemExit(f"entrepot-{name} {' '.join(options)} ended with {done.returncode}\n{done.stderr[-2000:]}")
        return done.stdout


def forecast_week(programs, demand, week, horizon, folder):
    """folder/catalog.h5 and folder/forecast.h5 of what is known at the begin of a week."""
    os.makedirs(folder, exist_ok=True)
    promo = () if demand.promo is None else ("promo",)
    put_table(f"{folder}/sales.csv", ("sku", "market", "date", "units", "price", *promo), demand.rows(0, week, False))
    last = min(week + horizon, len(demand.dates))
    put_table(f"{folder}/future.csv", ("sku", "market", "date", "price", *promo), demand.rows(week, last, True))
    programs.run("ingest", "--sales", f"{folder}/sales.csv", "--catalog", demand.catalog, "--future",
                 f"{folder}/future.csv", "--set", "ingest.frequency=week", "--out", f"{folder}/catalog.h5")
    programs.run("forecast", "--in", f"{folder}/catalog.h5", "--horizon", str(horizon), "--set", "forecast.pictures=0",
                 "--out", f"{folder}/forecast.h5")
    os.remove(f"{folder}/sales.csv")
    os.remove(f"{folder}/future.csv")


class Network:
    """The tables of a network folder, with costs of a unit of each SKU on each lane. One supplier a SKU."""

    def __init__(self, folder, demand, horizon, capital=0.002):
        self.folder, self.skus, self.horizon = folder, demand.skus, horizon
        goods = {r["sku"]: r for r in table(demand.catalog)}
        take = lambda column, scale: np.array([scale * number(goods[s], column) for s in self.skus])
        self.weight, self.volume, self.cost = take("weight_g", 1e-3), take("volume_cm3", 1e-6), take("cost", 1)
        self.node = {r["node"]: r for r in table(folder, "nodes.csv")}
        self.stores = [n for n, r in self.node.items() if r["kind"] not in ("supplier", "market")]
        self.lane = [r for r in table(folder, "lanes.csv")]
        freight = lambda r: number(r, "cost_kg") * self.weight + number(r, "cost_m3") * self.volume + number(r, "cost_unit")
        self.freight = np.array([freight(r) for r in self.lane]).T
        self.supply = {r["sku"]: r for r in table(folder, "supply.csv")}
        self.holding = np.array([[number(self.node[n], "holding") * v for n in self.stores] for v in self.volume])
        self.holding += capital * self.cost[:, None]
        self.limits = table(folder, "limits.csv") if os.path.exists(f"{folder}/limits.csv") else []
        self.name = {r["lane"]: i for i, r in enumerate(self.lane)}
        self.inner = [i for i, r in enumerate(self.lane) if self.node[r["to"]]["kind"] != "market"]
        self.choices = [self.nodes_for(m) for m in demand.markets]

    def nodes_for(self, market):
        """(node, lane) by cost of delivery, the cheapest first."""
        to = [(i, self.stores.index(r["from"])) for i, r in enumerate(self.lane) if r["to"] == market]
        return [(n, i) for i, n in sorted(to, key=lambda e: self.freight[:, e[0]].sum())]

    def lead(self, s, i):
        """Weeks on a lane; from a supplier with what it takes until goods leave."""
        days = number(self.lane[i], "lead_days")
        if self.node[self.lane[i]["from"]]["kind"] == "supplier":
            days += number(self.supply[self.skus[s]], "lead_days")
        return int(math.floor(days / WEEK + 0.5))

    def routes(self, s, n):
        """Ways of SKU s from its supplier to a node, as lists of lanes; the cheapest first."""
        found, begun = [], [[i] for i in self.inner if self.lane[i]["from"] == self.supply[self.skus[s]]["supplier"]]
        while begun:
            way = begun.pop()
            end = self.lane[way[-1]]["to"]
            if end == self.stores[n]:
                found.append(way)
            been = {self.lane[i]["to"] for i in way}
            begun += [way + [i] for i in self.inner if self.lane[i]["from"] == end and self.lane[i]["to"] not in been]
        return sorted(found, key=lambda way: self.freight[s, way].sum())


class State:
    def __init__(self, network, stock):
        self.stock = stock.copy()  # [sku, node]
        self.coming = []           # (week, sku, node, units, lanes still to go)
        self.network = network

    def position(self):
        """Of each SKU and node: what is there or on its way to it in the end."""
        at = self.stock.copy()
        for _, s, n, units, rest in self.coming:
            at[s, self.network.stores.index(self.network.lane[rest[-1]]["to"]) if rest else n] += units
        return at


class Week:
    """What a week's moves use and cost, by SKU."""

    def __init__(self, network):
        self.network = network
        self.moved = np.zeros((len(network.skus), len(network.lane)))

    def uses(self, limit):
        """Of each SKU, of a limit; None where it is none of a week."""
        n = self.network
        size = {"kg": n.weight, "m3": n.volume, "units": 1.0}.get(limit["measure"])
        if limit["kind"] in ("lane", "commitment"):
            return self.moved[:, n.name[limit["of"]]] * size
        if limit["kind"] == "supplier":
            out = [i for i, r in enumerate(n.lane) if r["from"] == limit["of"]]
            return self.moved[:, out].sum(1) * size
        if limit["kind"] == "budget":
            bought = [i for i in n.inner if n.node[n.lane[i]["from"]]["kind"] == "supplier"]
            return self.moved[:, bought].sum(1) * n.cost + (self.moved * n.freight)[:, n.inner].sum(1)
        raise SystemExit(f"no limit of kind {limit['kind']} here")

    def passing(self):
        """What limits cost this week; a commitment over the plan counts a week's share of it."""
        cost = np.zeros(len(self.network.skus))
        for limit in self.network.limits:
            use, most = self.uses(limit), number(limit, "capacity")
            if limit["kind"] == "commitment":
                over = max(0, most / self.network.horizon - use.sum())
                share = np.full(len(use), 1 / len(use))
            else:
                over = max(0, use.sum() - most)
                share = use / max(use.sum(), 1e-9)
            cost += over * number(limit, "overflow_price") * share
        return cost

    def space(self, stock):
        """What goods cost that do not fit their node."""
        n, cost = self.network, np.zeros(len(self.network.skus))
        for k, name in enumerate(n.stores):
            use, row = stock[:, k] * n.volume, n.node[name]
            over = max(0, use.sum() - number(row, "volume", math.inf))
            cost += over * number(row, "overflow_price") * use / max(use.sum(), 1e-9)
        return cost


def send(state, week, way, s, units, now):
    """Put units on the lanes of a way as far as they go this week."""
    network = state.network
    for k, i in enumerate(way):
        week.moved[s, i] += units
        lead, node = network.lead(s, i), network.stores.index(network.lane[i]["to"])
        if lead > 0:
            state.coming.append((now + lead, s, node, units, tuple(way[k + 1:])))
            return
    state.stock[s, node] += units


def arrive(state, week, now):
    here = [c for c in state.coming if c[0] <= now]
    state.coming = [c for c in state.coming if c[0] > now]
    for _, s, n, units, rest in here:
        if rest:
            send(state, week, list(rest), s, units, now)
        else:
            state.stock[s, n] += units


def whole(supply, units):
    """An order as its supplier takes it: multiples, and no less than its least."""
    least, multiple = number(supply, "moq"), number(supply, "multiple", 1.0)
    if units < max(multiple, least) / 2:
        return 0.0
    return max(multiple * round(units / multiple), least)


def serve(network, stock, asked, cost):
    """Meet what markets [sku, market] ask for; returns what is sold, and adds deliveries to cost [sku]."""
    sold, left = np.zeros_like(asked), asked.copy()
    for choice in range(max(len(c) for c in network.choices)):
        for n in range(len(network.stores)):
            of = [m for m, c in enumerate(network.choices) if choice < len(c) and c[choice][0] == n]
            if not of:
                continue
            want = left[:, of].sum(1)
            part = np.minimum(1, stock[:, n] / np.maximum(want, 1e-9))
            give = left[:, of] * part[:, None]
            stock[:, n] -= give.sum(1)
            sold[:, of] += give
            left[:, of] -= give
            cost += (give * network.freight[:, [network.choices[m][choice][1] for m in of]]).sum(1)
    return sold


class Plan:
    """What entrepot-plan orders, from stock and orders as they are."""

    def __init__(self, programs, network, folder, service, options=()):
        self.programs, self.network, self.folder = programs, network, folder
        self.options = (*options, "--set", f"plan.service={service}")
        self.name, self.safety, self.seconds = "plan", [], 0.0
        if os.path.exists(folder):
            shutil.rmtree(folder)
        shutil.copytree(network.folder, folder)

    def write_stock(self, state, dates, now):
        held = {}
        for s, n in zip(*np.nonzero(state.stock > 1e-6)):
            held[s, n, ""] = state.stock[s, n]
        day = datetime.date.fromisoformat(dates[now])
        for w, s, n, units, _ in state.coming:
            when = str(day + datetime.timedelta(WEEK * (w - now)))
            held[s, n, when] = held.get((s, n, when), 0) + units
        names = self.network
        put_table(f"{self.folder}/stock.csv", ("sku", "node", "units", "arrives"),
                  [(names.skus[s], names.stores[n], f"{u:.4f}", w) for (s, n, w), u in sorted(held.items())])

    def order(self, state, week, now, dates, forecast):
        n = self.network
        self.write_stock(state, dates, now)
        out = f"{self.folder}/plan.h5"
        report = json.loads(self.programs.run(
            "plan", "--network", self.folder, "--forecast", f"{forecast}/forecast.h5", "--catalog",
            f"{forecast}/catalog.h5", "--out", out, "--json", *self.options))
        self.seconds += report["seconds"]
        with h5py.File(out) as f:
            place = {name: i for i, name in enumerate(text(f["sku"]))}
            rows = [place.get(s, -1) for s in n.skus]
            first = np.array([f["shipment"][k, :, 0] if k >= 0 else np.zeros(len(n.lane)) for k in rows], "f8")
            if "safety" in f:
                at = [text(f["node"]).index(name) for name in n.stores]
                self.safety.append(np.array([f["safety"][k][at] if k >= 0 else np.zeros((len(at), 1)) for k in rows]))
        for f in os.listdir(self.folder):
            if f.startswith("plan."):
                os.remove(f"{self.folder}/{f}")
        self.do(state, week, now, first)

    def do(self, state, week, now, first):
        """Orders first, then what moves between nodes, as far as goods are there."""
        n = self.network
        outside = [i for i in n.inner if n.node[n.lane[i]["from"]]["kind"] == "supplier"]
        for s, sku in enumerate(n.skus):
            wanted = first[s, outside].sum()
            units = whole(n.supply[sku], wanted)
            for i in outside:
                if units > 0 and first[s, i] > 1e-6:
                    send(state, week, [i], s, units * first[s, i] / wanted, now)
            for i in n.inner:
                if i not in outside and first[s, i] > 1e-6:
                    k = n.stores.index(n.lane[i]["from"])
                    factor = units / wanted if wanted > 0 and units > 0 else 1
                    moved = min(first[s, i] * max(1, factor), state.stock[s, k])
                    state.stock[s, k] -= moved
                    if moved > 0:
                        send(state, week, [i], s, moved, now)


class BaseStock:
    """Order-up-to, or (s,S) with quantity=True."""

    def __init__(self, network, safety, means, quantity, pays):
        self.network, self.safety, self.means = network, safety, means
        self.quantity, self.pays, self.week = quantity, pays, 0
        self.name = "(s,S)" if quantity else "order-up-to"
        self.ways = {}

    def routes(self, s, n):
        if (s, n) not in self.ways:
            self.ways[s, n] = self.network.routes(s, n)
        return self.ways[s, n]

    def wants(self, state):
        """(sku, node) -> units, as the textbook has it."""
        n, mean = self.network, self.means[self.week]  # [sku, node, week ahead]
        safety, position, out = self.safety[self.week], state.position(), {}
        self.week += 1
        for s, k in zip(*np.nonzero(mean.sum(2) > 0)):
            ways = self.routes(s, k)
            if not ways:
                continue
            lead = sum(n.lead(s, i) for i in ways[0])
            level = mean[s, k, :lead + 1].sum() + safety[s, k, min(lead, safety.shape[2] - 1)]
            if position[s, k] >= level:
                continue
            batch = 0.0
            if self.quantity:
                fixed = number(n.supply[n.skus[s]], "order_cost")
                batch = math.sqrt(2 * fixed * mean[s, k].mean() / max(n.holding[s, k], 1e-9))
            out[s, k] = level + batch - position[s, k]
        return out

    def by_whole_orders(self, wants):
        for s in {s for s, _ in wants}:
            keys = [key for key in wants if key[0] == s]
            wanted = sum(wants[key] for key in keys)
            units = whole(self.network.supply[self.network.skus[s]], wanted)
            for key in keys:
                wants[key] *= units / wanted
        return {key: u for key, u in wants.items() if u > 0}

    def trial(self, flows):
        week = Week(self.network)
        for (s, _, way), units in flows.items():
            for i in way:
                if sum(self.network.lead(s, k) for k in way[:way.index(i)]) == 0:
                    week.moved[s, i] += units
        return week

    def within_lanes(self, flows):
        """What passes a lane's limit goes the next cheapest way, where that is cheaper than to pay."""
        n = self.network
        for limit in n.limits:
            if limit["kind"] != "lane":
                continue
            lane, use = n.name[limit["of"]], self.trial(flows).uses(limit)
            over = 1 - number(limit, "capacity") / max(use.sum(), 1e-9)
            for (s, k, way), units in list(flows.items()) if over > 0 else ():
                others = [w for w in self.routes(s, k) if lane not in w]
                if lane not in way or not others:
                    continue
                more = n.freight[s, others[0]].sum() - n.freight[s, list(way)].sum()
                size = {"kg": n.weight[s], "m3": n.volume[s]}.get(limit["measure"], 1)
                if more < number(limit, "overflow_price") * size:
                    flows[s, k, way] -= units * over
                    to = (s, k, tuple(others[0]))
                    flows[to] = flows.get(to, 0) + units * over
        return flows

    def cut(self, flows):
        for limit in self.network.limits:
            if limit["kind"] not in ("supplier", "budget"):
                continue
            use = self.trial(flows).uses(limit)
            part = number(limit, "capacity") / max(use.sum(), 1e-9)
            for key in flows:
                if part < 1 and use[key[0]] > 0:
                    flows[key] *= part
        return flows

    def order(self, state, week, now, dates, forecast):
        wants = self.by_whole_orders(self.wants(state))
        flows = self.within_lanes({(s, k, tuple(self.routes(s, k)[0])): u for (s, k), u in wants.items()})
        for (s, _, way), units in (flows if self.pays else self.cut(flows)).items():
            if units > 0:
                send(state, week, list(way), s, units, now)


def node_means(network, demand, forecast):
    """Mean demand [sku, node, week ahead] of the markets that lean on each node."""
    with h5py.File(f"{forecast}/forecast.h5") as f:
        sku, market, mean = text(f["sku"]), text(f["market"]), f["mean"][:]
        out = np.zeros((len(network.skus), len(network.stores), mean.shape[1]))
        place = {name: i for i, name in enumerate(network.skus)}
        for s, m, row in zip(f["series_sku"][:], f["series_market"][:], mean):
            node = network.choices[demand.markets.index(market[m])][0][0]
            out[place[sku[s]], node] += np.maximum(row, 0)
    return out


def simulate(policy, network, demand, weeks, forecasts, stock):
    """Run a policy over weeks from a stock [sku, node]; of each SKU and week what it sold, lost, held and cost."""
    state = State(network, stock)
    names = ("asked", "worth", "sold", "revenue", "bought", "freight", "delivery", "holding", "ordering", "passing", "value")
    out = {name: np.zeros((len(network.skus), len(weeks))) for name in names}
    outside = [i for i in network.inner if network.node[network.lane[i]["from"]]["kind"] == "supplier"]
    for w, now in enumerate(weeks):
        week = Week(network)
        arrive(state, week, now)
        policy.order(state, week, now, demand.dates, forecasts[w])
        asked = np.nan_to_num(demand.units[:, :, now])
        delivery = np.zeros(len(network.skus))
        sold = serve(network, state.stock, asked, delivery)
        bought = week.moved[:, outside].sum(1)
        fixed = np.array([number(network.supply[s], "order_cost") for s in network.skus])
        coming = np.zeros(len(network.skus))
        for _, s, _, units, _ in state.coming:
            coming[s] += units
        price = np.nan_to_num(demand.price[:, :, now])
        here = {"asked": asked.sum(1), "worth": (asked * price).sum(1), "sold": sold.sum(1), "delivery": delivery,
                "revenue": (sold * price).sum(1),
                "bought": bought * network.cost, "freight": (week.moved * network.freight)[:, network.inner].sum(1),
                "holding": (state.stock * network.holding).sum(1), "ordering": fixed * (bought > 1e-6),
                "passing": week.passing() + week.space(state.stock),
                "value": (state.stock.sum(1) + coming) * network.cost}
        for name, x in here.items():
            out[name][:, w] = x
    return out


COSTS = ("freight", "delivery", "holding", "ordering", "passing")


def measures(network, r, skus=slice(None), weeks=slice(None)):
    """Of SKUs and weeks that are picked (with repeats). Costs are those beside purchase.

    fill, each       share of the units asked for that is sold; cost of a unit sold
    service, share   share of what is asked for that is sold, by its worth; cost as a share of revenue
    turnover         goods sold a year, of the goods there and on their way
    contribution     a week: revenue less costs and what the goods sold had cost"""
    sums = {name: x[skus][:, weeks].sum() for name, x in r.items()}
    goods = (r["sold"] * network.cost[:, None])[skus][:, weeks].sum()
    cost, n = sum(sums[name] for name in COSTS), r["sold"][:, weeks].shape[1]
    return {"fill": sums["sold"] / sums["asked"], "each": cost / sums["sold"],
            "service": sums["revenue"] / sums["worth"], "share": cost / sums["revenue"],
            "turnover": 52 * goods / sums["value"], "contribution": (sums["revenue"] - goods - cost) / n}
