"""small_policy.py FOLDER: the rolling simulation in small, six weeks of three SKUs in two markets that this makes up. Prints
a line of TAP for every claim. Status 69: a package is missing."""
import datetime, os, sys

try:
    import numpy as np
    import rolling
except ModuleNotFoundError as e:
    print(e)
    sys.exit(69)
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from rows import BUILD, ENV

WEEKS, HISTORY, HORIZON, LEVELS = 6, 50, 5, (0.6, 0.95)
TABLES = {
    "catalog.csv": """sku,name,category,department,weight_g,volume_cm3,cost,currency
A,A,X,Y,500,900,2,USD
B,B,X,Y,800,2000,5,USD
C,C,X,Y,90,200,1,USD
""",
    "nodes.csv": """node,kind,volume,overflow_price,holding
MAKER,supplier,,,
HUB,hub,,,1
NEAR,warehouse,0.4,30,2
FAR,warehouse,0.3,30,2
NORTH,market,,,
SOUTH,market,,,
""",
    "lanes.csv": """lane,from,to,mode,lead_days,cost_kg
MH,MAKER,HUB,road,0,0.01
HN,HUB,NEAR,rail,7,0.04
HF,HUB,FAR,rail,7,0.05
MN,MAKER,NEAR,road,7,0.2
MF,MAKER,FAR,road,7,0.2
N,NEAR,NORTH,road,0,0.02
NS,NEAR,SOUTH,road,0,0.2
F,FAR,SOUTH,road,0,0.02
FN,FAR,NORTH,road,0,0.2
""",
    "supply.csv": """sku,supplier,moq,multiple,order_cost,lead_days
A,MAKER,12,6,2,0
B,MAKER,,4,2,0
C,MAKER,,,2,0
""",
    "limits.csv": """kind,of,measure,capacity,overflow_price
lane,HN,kg,60,0.1
supplier,MAKER,units,260,1
budget,,money,600,0.05
""",
}


def world(folder):
    rng = np.random.default_rng(7)
    usual = np.array([[40, 25], [15, 20], [70, 30]])[:, :, None]
    units = rng.poisson(usual * rng.gamma(8, 1 / 8, (3, 2, HISTORY + WEEKS))).astype(float)
    price = np.broadcast_to(np.array([3.5, 8, 2])[:, None, None], units.shape)
    for name, text in TABLES.items():
        os.makedirs(f"{folder}/network", exist_ok=True)
        with open(f"{folder}/{'' if name == 'catalog.csv' else 'network/'}{name}", "w") as f:
            f.write(text)
    dates = [str(datetime.date(2030, 1, 7) + datetime.timedelta(7 * w)) for w in range(HISTORY + WEEKS)]
    return rolling.Demand(f"{folder}/catalog.csv", ["A", "B", "C"], ["NORTH", "SOUTH"], dates, units, price)


def policies(folder, programs, network, demand, weeks, forecasts, level):
    means = [rolling.node_means(network, demand, f) for f in forecasts]
    stock = 2 * means[0][:, :, 0]
    plan = rolling.Plan(programs, network, f"{folder}/{level}", level)
    yield "plan", plan, stock
    for quantity in (False, True):
        for pays in (False, True):
            policy = rolling.BaseStock(network, plan.safety, means, quantity, pays)
            yield f"{policy.name}{' that pays' if pays else ''}", policy, stock


claims = 0


def ok(holds, sentence):
    global claims
    claims += 1
    print(f"{'ok' if holds else 'not ok'} {claims} - {sentence}")


def balanced(network, r, stock):
    """Units there and on their way are those before, and what was bought less what was sold."""
    units, bought = r["value"] / network.cost[:, None], r["bought"] / network.cost[:, None]
    before = np.concatenate([stock.sum(1)[:, None], units[:, :-1]], axis=1)
    return np.abs(before + bought - r["sold"] - units).max() < 1e-6 * units.max()


def main(folder):
    demand, programs = world(folder), rolling.Programs(BUILD, dict(ENV, OPENBLAS_NUM_THREADS="1"))
    network = rolling.Network(f"{folder}/network", demand, HORIZON)
    weeks = range(HISTORY, HISTORY + WEEKS)
    forecasts = [f"{folder}/forecast/{w}" for w in weeks]
    for w, f in zip(weeks, forecasts):
        rolling.forecast_week(programs, demand, w, HORIZON, f)
    ok(network.lead(0, network.name["HN"]) == 1 and network.routes(0, 1)[0] == [network.name["MH"], network.name["HN"]],
       "goods go the cheapest way, by the hub")
    service = {}
    for level in LEVELS:
        for name, policy, stock in policies(folder, programs, network, demand, weeks, forecasts, level):
            r = rolling.simulate(policy, network, demand, weeks, forecasts, stock)
            ok(balanced(network, r, stock), f"{name} at {level}: no unit comes from nowhere or is lost")
            ok((r["sold"] <= r["asked"] + 1e-9).all() and (r["value"] >= -1e-9).all(),
               f"{name} at {level}: no more is sold than is asked for and there")
            service[name, level] = rolling.measures(network, r)["fill"]
    low, high = LEVELS
    names = [n for n, level in service if level == low]
    ok(all(service[n, high] >= service[n, low] - 0.005 for n in names), "a higher service level meets more of the "
       "demand: " + ", ".join(f"{n} {service[n, low]:.3f} {service[n, high]:.3f}" for n in names))
    ok(service["plan", high] > 0.9, f"the plan at {high} meets {service['plan', high]:.3f} of the demand")
    print(f"1..{claims}")


main(sys.argv[1])
