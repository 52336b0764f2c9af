"""picture.py PLAN.svg: is every text inside the picture, whole, and free of the others? Their widths are those of DejaVu
Sans, the widest of the usual fonts, rounded down."""
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
if len(svg.getElementsByTagName("rect")) < 200 or len(boxes) < 40:
    sys.exit("bars, cells or names are missing")
