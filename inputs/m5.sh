#!/bin/bash
# M5 competition: daily units of 3,049 items in 10 Walmart stores, 2011-01-29 to 2016-05-22, with weekly
# prices, events and SNAP days. Source: DATA_DIR/forecast/m5 (Makridakis, Spiliotis, Assimakopoulos
# 2022; research use). One row a series and day from the first week with a price on: 46,881,677 rows
# without a holdout. The matrices are binary, which takes python3 (no further packages).
#   HOLDOUT=N   keep the last N days as actual.csv (28, days 1914 to 1941; 0: none). The prices of the
#               held-out days, or of the 28 that follow the last, are in future.csv.zst
# shellcheck source=lib.sh
. "$(dirname "$0")/lib.sh"
holdout=${HOLDOUT:-28}
[[ $holdout =~ ^[0-9]+$ && $holdout -lt 1000 ]] || die 64 "HOLDOUT is a number of days below 1000"
recipe_begin "$@"
need python3 python3-minimal
need zstd zstd
for file in sales_d1_d1941.i16.zst prices_w1_w282_cents.u16.zst calendar.csv.xz series.csv.xz; do
	data_file "forecast/m5/$file"
done
unpack forecast/m5/series.csv.xz >"$work/series"
unpack forecast/m5/calendar.csv.xz >"$work/days"
unpack forecast/m5/prices_w1_w282_cents.u16.zst >"$work/prices"
unpack forecast/m5/sales_d1_d1941.i16.zst >"$work/units"

cat >"$work/m5.py" <<'PY'
import array, csv, itertools, os, subprocess, sys

work, holdout = sys.argv[1], int(sys.argv[2])
DAYS, WEEKS = 1941, 282
train = DAYS - holdout
ahead = holdout or 28

rows = lambda name: list(csv.DictReader(open(os.path.join(work, name), newline="")))
days, series = rows("days"), rows("series")
weeks = {w: i for i, w in enumerate(sorted({d["wm_yr_wk"] for d in days}))}
week_of = [weeks[d["wm_yr_wk"]] for d in days]
dates = [d["date"] for d in days]

def matrix(name, kind, width):
    with open(os.path.join(work, name), "rb") as f:
        for _ in series:
            row = array.array(kind)
            row.fromfile(f, width)
            if sys.byteorder == "big":
                row.byteswap()
            yield row

def packed(name):
    return subprocess.Popen(["zstd", "-q", "-3", "-T0", "-o", os.path.join(work, name)],
                            stdin=subprocess.PIPE)

money = ["" if c == 0 else "%d.%02d" % divmod(c, 100) for c in range(65536)]
sales, future = packed("sales.csv.zst"), packed("future.csv.zst")
actual = open(os.path.join(work, "actual.csv"), "w") if holdout else None
sales.stdin.write(b"sku,market,date,units,price\n")
future.stdin.write(b"sku,market,date,price\n")
if actual:
    actual.write("sku,market,date,units\n")
count = [",%d," % u for u in range(1024)]
for s, units, prices in zip(series, matrix("units", "h", DAYS), matrix("prices", "H", WEEKS)):
    head = s["item_id"] + "," + s["store_id"] + ","
    opens = next(w for w in range(WEEKS) if prices[w])
    first = next(d for d in range(DAYS) if week_of[d] >= opens)
    if any(units[:first]):
        sys.exit("units before the first price: " + head)
    price = [money[p] + "\n" for p in prices]
    sales.stdin.write("".join(
        [head + date + count[u] + price[w]
         for date, u, w in zip(dates[first:train], units[first:train], week_of[first:train])]
    ).encode())
    future.stdin.write("".join(
        [head + dates[d] + "," + price[week_of[d]] for d in range(train, train + ahead)]).encode())
    if actual:
        actual.writelines(
            [head + dates[d] + "," + str(units[d]) + "\n" for d in range(train, DAYS)])
for p in (sales, future):
    p.stdin.close()
    if p.wait() != 0:
        sys.exit("zstd failed")

with open(os.path.join(work, "calendar.csv"), "w") as f:
    stores = sorted({s["store_id"] for s in series})
    f.write("market,date,event,type\n")
    for d in days:
        for k in "12":
            if d["event_name_" + k]:
                f.write(",%s,%s,%s\n" % (d["date"], d["event_name_" + k], d["event_type_" + k]))
        for store in stores:
            if d["snap_" + store[:2]] == "1":
                f.write("%s,%s,SNAP,snap\n" % (store, d["date"]))

with open(os.path.join(work, "catalog.csv"), "w") as f:
    f.write("sku,name,category,department\n")
    for item, _ in itertools.groupby(s["item_id"] for s in series[:3049]):
        parts = item.split("_")
        f.write("%s,%s,%s,%s_%s\n" % (item, item, parts[0], parts[0], parts[1]))
PY
python3 "$work/m5.py" "$work" "$holdout" || die 65 "the matrices did not become tables; see above"
rm "$work"/{series,days,prices,units,m5.py}

cat >"$work/hierarchy.ini" <<'INI'
; the competition's twelve levels
[levels]
total =
state = state
market = market
category = category
department = department
state_category = state, category
state_department = state, department
market_category = market, category
market_department = market, department
sku = sku
state_sku = state, sku
market_sku = market, sku

[derive]
state = market[0:2]
INI
config "$((holdout > 0 ? holdout : 28))" day
recipe_end
