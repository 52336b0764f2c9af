"""Arrays as one of our files, through validation/tools/pack."""
import os
import subprocess

import numpy as np

TYPES = {"u1": "u8", "i2": "i16", "i4": "i32", "i8": "i64", "f4": "f32", "f8": "f64"}


class Panel:
    """One file to be: declare, then write(pack)."""

    def __init__(self, path, name, version=1):
        self.path, self.files = path, []
        self.lines = [f"file {name} {version}"]

    def _raw(self, array):
        name = f"{self.path}.{len(self.files)}.raw"
        np.ascontiguousarray(array).tofile(name)
        self.files.append(name)
        return name

    def _chars(self, words):
        chars = np.array([w.encode() for w in words])
        return f"{len(words)} {chars.itemsize} {self._raw(chars)}"

    def text(self, name, words):
        self.lines.append(f"text {name} {self._chars(words)}")

    def note(self, name, dim, words):
        self.lines.append(f"note {name} {dim} {self._chars(words)}")

    def dim(self, name, values):
        """values: an array, or how many entries 0, 1, 2 ..."""
        if isinstance(values, int):
            self.lines.append(f"dim {name} {values}")
        else:
            kind = TYPES[values.dtype.str[1:]]
            self.lines.append(f"dim {name} {len(values)} {kind} {self._raw(values)}")

    def var(self, name, dims, array):
        kind = TYPES[array.dtype.str[1:]]
        self.lines.append(f"var {name} {kind} {','.join(dims)} {self._raw(array)}")

    def attr(self, var, name, value):
        kind = "int" if isinstance(value, int) else "text"
        self.lines.append(f"attr {var} {name} {kind} {value}")

    def write(self, command):
        spec = self.path + ".spec"
        with open(spec, "w", encoding="ascii") as out:
            out.write("\n".join(self.lines) + "\n")
        subprocess.run([*command, spec, self.path], check=True)
        for name in [*self.files, spec]:
            os.remove(name)


def put_series(panel, sku, market, series_sku, series_market):
    """ids, and which of them make each series"""
    panel.text("sku", sku)
    panel.text("market", market)
    panel.dim("series", len(series_sku))
    panel.var("series_sku", ["series"], np.asarray(series_sku, "i4"))
    panel.var("series_market", ["series"], np.asarray(series_market, "i4"))


def put_time(panel, dim, times, frequency, season):
    """an axis of days, or of hours when the frequency is hour"""
    panel.dim(dim, np.asarray(times, "i8"))
    panel.attr(dim, "frequency", frequency)
    panel.attr(dim, "season", season)
