"""Draws the medians of paper.py over the length, both axes logarithmic, as SVG
that needs nothing else: no script, no font of its own."""
import math
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 760, 500
LEFT, RIGHT, TOP, BOTTOM = 84, 150, 56, 64
# Told apart by people who see few colours, and by their marks in print.
STYLES = [("#b3403a", "square"), ("#c98a1b", "triangle"), ("#22608f", "circle"),
          ("#3d7f4b", "diamond"), ("#6b4c9a", "cross")]


class Axis:
    """From a logarithm to a place between `begin` and `end`."""

    def __init__(self, values, base, begin, end):
        self.base = base
        self.low = math.floor(math.log(min(values), base) + 1e-9)
        self.high = max(math.ceil(math.log(max(values), base) - 1e-9), self.low + 1)
        self.begin, self.end = begin, end

    def place(self, value):
        share = (math.log(value, self.base) - self.low) / (self.high - self.low)
        return self.begin + share * (self.end - self.begin)

    def ticks(self):
        return [float(self.base) ** i for i in range(self.low, self.high + 1)]


def time_name(us):
    for unit, size in (("s", 1e6), ("ms", 1e3), ("µs", 1)):
        if us >= size:
            return f"{us / size:g} {unit}"
    return f"{us * 1e3:g} ns"


def mark(shape, x, y, colour):
    around = {"triangle": [(0, -6), (5.5, 4.5), (-5.5, 4.5)], "diamond": [(0, -6), (6, 0), (0, 6), (-6, 0)],
              "square": [(-4.5, -4.5), (4.5, -4.5), (4.5, 4.5), (-4.5, 4.5)]}
    if shape in around:
        points = " ".join(f"{x + dx:.1f},{y + dy:.1f}" for dx, dy in around[shape])
        return f'<polygon points="{points}" fill="{colour}"/>'
    if shape == "circle":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" fill="{colour}"/>'
    return (f'<path d="M{x - 5:.1f} {y - 5:.1f}l10 10m0 -10l-10 10" stroke="{colour}" '
            'stroke-width="2.5" fill="none"/>')


def text(x, y, content, extra=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" {extra}>{escape(content)}</text>'


def line(points, colour, extra=""):
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2" {extra}/>'


def grid(x, y):
    parts = []
    for tick in x.ticks():
        at = x.place(tick)
        parts.append(f'<path d="M{at:.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="#ddd"/>')
        parts.append(text(at, HEIGHT - BOTTOM + 20, f"{int(tick)}" if tick < 1e4 else f"{int(tick) // 1024}K",
                          'text-anchor="middle"'))
    for tick in y.ticks():
        at = y.place(tick)
        parts.append(f'<path d="M{LEFT} {at:.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        parts.append(text(LEFT - 8, at + 4, time_name(tick), 'text-anchor="end"'))
    parts.append(f'<path d="M{LEFT} {TOP}V{HEIGHT - BOTTOM}H{WIDTH - RIGHT}" fill="none" stroke="#333"/>')
    middle = (TOP + HEIGHT - BOTTOM) / 2
    parts.append(text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 18, "sequence length", 'text-anchor="middle"'))
    parts.append(text(20, middle, "time of one scan (median)",
                      f'text-anchor="middle" transform="rotate(-90 20 {middle:.1f})"'))
    return parts


def svg(rows, strategies):
    """The plot of rows of 'bench', one line a label; floors are those of the last
    strategy. An empty one, which says so, where nothing was measured."""
    head = (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
            f'viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="13" fill="#222">')
    parts = [head, f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>']
    parts.append(text(LEFT, 26, "Selective scan: batch 1, dim 1024, dstate 16, bf16", 'font-size="16"'))
    measured = [row for row in rows if row["median_us"]]
    if not measured:
        return "\n".join(parts + [text(LEFT, 60, "nothing could be measured"), "</svg>"]) + "\n"
    device = measured[0]["device"] + (f", {measured[0]['driver']}" if measured[0]["driver"] else "")
    parts.append(text(LEFT, 44, device, 'fill="#666"'))
    floors = [row for row in measured if row["label"] == strategies[-1] and row.get("floor_us")]
    x = Axis([row["dims"]["seqlen"] for row in measured], 2, LEFT, WIDTH - RIGHT)
    y = Axis([row["median_us"] for row in measured] + [row["floor_us"] for row in floors],
             10, HEIGHT - BOTTOM, TOP)
    parts += grid(x, y)

    legend = []
    if floors:
        points = [(x.place(row["dims"]["seqlen"]), y.place(row["floor_us"])) for row in floors]
        dashes = 'stroke-dasharray="5 4"'
        parts.append(line(points, "#777", dashes))
        legend.append((f"floor of {strategies[-1]}", lambda at: line([(at[0] - 12, at[1]), (at[0] + 12, at[1])],
                                                                     "#777", dashes)))
    for i, strategy in enumerate(strategies):
        colour, shape = STYLES[i % len(STYLES)]
        points = [(x.place(row["dims"]["seqlen"]), y.place(row["median_us"]))
                  for row in measured if row["label"] == strategy]
        parts.append(line(points, colour))
        parts += [mark(shape, *point, colour) for point in points]
        legend.append((strategy, lambda at, shape=shape, colour=colour: mark(shape, *at, colour)))
    for i, (name, symbol) in enumerate(reversed(legend)):
        at = (WIDTH - RIGHT + 26, TOP + 12 + 22 * i)
        parts += [symbol(at), text(at[0] + 18, at[1] + 4, name)]
    return "\n".join(parts + ["</svg>"]) + "\n"
