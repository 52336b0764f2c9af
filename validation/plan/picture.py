"""picture.py PLAN.svg: is every text inside the picture, whole, and free of the others (their widths are those of DejaVu
Sans, the widest of the usual fonts, rounded down)? Do bars stand on each other, and do shades say what their titles do?"""
import re
import sys
import xml.dom.minidom

SIZE = {"head": 15, "title": 12}


def wide(c):
    return 0.95 if c in "WM%@mw" else 0.3 if c in " .,:;|!'/iljI-()[]" else 0.65 if c.isupper() else 0.55


def box(t):
    kind, words = t.getAttribute("class"), "".join(n.data for n in t.childNodes)
    size = SIZE.get(kind, 11)
    width = size * sum(map(wide, words))
    x, y = (float(t.getAttribute(k)) for k in "xy")
    x -= {"num": width, "mid": width / 2}.get(kind, 0)
    return x, y - 0.75 * size, x + width, y, words


svg = xml.dom.minidom.parse(sys.argv[1]).documentElement
_, _, right, bottom = map(float, svg.getAttribute("viewBox").split())
boxes = [box(t) for t in svg.getElementsByTagName("text")]
for i, (a, b, c, d, words) in enumerate(boxes):
    if a < 0 or b < 0 or c > right or d > bottom:
        sys.exit(f"{words!r} leaves the picture: {a:.0f} to {c:.0f} of {right:.0f}, {b:.0f} to {d:.0f} of {bottom:.0f}")
    if "\u2026" in words:
        sys.exit(f"{words!r} is cut")
    for e, f, g, h, others in boxes[:i]:
        if a < g and e < c and b < h and f < d:
            sys.exit(f"{words!r} touches {others!r}")
# bars of a chart and period, from the axis up, by where they stand; the line of demand among them
limits = []
charts = 0
for g in svg.getElementsByTagName("g"):
    tops = {}
    for r in g.getElementsByTagName("rect"):
        if not r.getElementsByTagName("title"):
            continue
        title = r.getElementsByTagName("title")[0].firstChild.data
        x, y, height = (float(r.getAttribute(k)) for k in ("x", "y", "height"))
        if x in tops and abs(y + height - tops[x]) > 0.15:
            sys.exit(f"{title} does not stand on the one below")
        tops[x] = y
    for points in (p.getAttribute("points") for p in g.getElementsByTagName("polyline")):
        if any(not min(tops.values()) - 200 < float(p.split(",")[1]) < max(tops.values()) for p in points.split()):
            sys.exit("demand leaves its chart")
    charts += bool(tops)
for r in svg.getElementsByTagName("rect"):
    if not r.getElementsByTagName("title"):
        continue
    title = r.getElementsByTagName("title")[0].firstChild.data
    if r.getAttribute("class") == "cell":
        numbers = re.search(r": (\S+) of (\S+), one more saves (\S+)$", title)
        limits.append((title, r.getAttribute("fill"), float(r.getAttribute("x")), *map(float, numbers.groups())))

# the left map shows in red what is passed, the right one darkest what is dearest
middle = (min(c[2] for c in limits) + max(c[2] for c in limits)) / 2
for title, fill, x, use, capacity, price in limits:
    passed = use < capacity if title.startswith("commitment") else use > capacity
    if x < middle and abs(use - capacity) > 1e-3 * capacity and (fill == "#cc4125") != passed:
        sys.exit(f"{title} is {fill}")
worth = [(abs(price * capacity), int(fill[1:3], 16)) for _, fill, x, _, capacity, price in limits if x > middle]
most = max(w for w, _ in worth)
if most > 0 and any(w > 1.01 * most * ((255 - red) / 199) ** 2 + 0.01 * most or w < 0.99 * most * ((254 - red) / 199) ** 2 - 0.01 * most
                    for w, red in worth):
    sys.exit("shades are not what one more of a limit saves")

if charts < 4:
    sys.exit("purchases, shipments, stock or sales are missing")
if len(svg.getElementsByTagName("rect")) < 200 or len(boxes) < 40:
    sys.exit("bars, cells or names are missing")
