#!/usr/bin/python3
"""Write the hostile and damaged HDF5 files of validation/badinput/h5, and the verdict each must get.

Run by hand when a case is added: the files themselves are kept, so that the check needs no h5py.
usage: make_h5.py FOLDER
"""
import os
import struct
import sys

import h5py
import numpy as np

N = 16
units = (np.arange(N * 4, dtype="f4") / 8).reshape(N, 4)
folder = sys.argv[1]
verdicts = []


def case(name, status, place, version=1, **options):
    """One file with the usual attributes and /sku_id; the caller adds the rest."""
    verdicts.append(f"{name}.h5\t{status}\t{place}")
    f = h5py.File(os.path.join(folder, name + ".h5"), "w", libver="latest", track_order=True)
    if version:
        f.attrs["format"] = np.bytes_("entrepot-input")
        f.attrs["format_version"] = np.int64(version)
    if options.get("ids", True):
        f["sku_id"] = np.arange(N, dtype="i8")
    return f


def damage(name, change):
    path = os.path.join(folder, name + ".h5")
    with open(path, "rb") as f:
        data = bytearray(f.read())
    data = change(data)
    with open(path, "wb") as f:
        f.write(data)


os.makedirs(folder, exist_ok=True)
with case("ok_contiguous", 0, "") as f:
    f["units"] = units
with case("ok_chunked", 0, "") as f:
    f.create_dataset("units", data=units, chunks=(8, 4), fletcher32=True, compression=4, shuffle=True)
with case("ok_cycles", 0, "") as f:
    f["units"] = units
    f["self"] = f["/"]
    f["a"] = h5py.SoftLink("/b")
    f["b"] = h5py.SoftLink("/a")
with case("external_link", 65, ":/units: a link into another file") as f:
    f["units"] = h5py.ExternalLink("/etc/passwd", "/x")
with case("external_storage", 65, ":/units: its data are in another file") as f:
    f.create_dataset("units", (N, 4), "f4", external=[("/etc/passwd", 0, N * 16)])
with case("virtual", 65, ":/units: a virtual dataset") as f:
    layout = h5py.VirtualLayout((N, 4), "f4")
    layout[:] = h5py.VirtualSource("other.h5", "x", (N, 4))
    f.create_virtual_dataset("units", layout)
with case("filter_plugin", 65, ":/units: filter 32000") as f:
    f.create_dataset("units", data=units, compression="lzf")
with case("bomb", 65, ":/units: 8388608 bytes packed into") as f:
    f.create_dataset("units", (1 << 19, 4), "f4", chunks=(1 << 17, 4), compression=9)
    for i in range(4):
        f["units"][i << 17 : (i + 1) << 17] = 0
with case("sparse", 65, ":/units: ") as f:
    f.create_dataset("units", (1 << 40, 4), "f4", chunks=(1024, 4))
with case("endless_scale", 65, ":/item: 4000000000000 bytes declared") as f:
    f.create_dataset("item", (10 ** 12,), "f4").make_scale("item")
with case("compound", 65, ":/units: holds compound elements") as f:
    f["units"] = np.zeros(N, dtype=[("a", "f4"), ("b", "i4")])
with case("int8", 65, ":/units: wanted real numbers") as f:
    f["units"] = units.astype("i1")
with case("rank_32", 65, ":/units: rank 32") as f:
    f.create_dataset("units", (1,) * 32, "f4")
with case("format_missing", 65, ":/: the attribute format is missing", version=0) as f:
    f["units"] = units
with case("version_future", 65, ":/: format version 7; this program reads 1", version=7) as f:
    f["units"] = units
with case("nan", 65, ":/units[3,2]: not a number") as f:
    spoilt = units.copy()
    spoilt[3, 2] = np.nan
    f["units"] = spoilt
with case("rows_differ", 65, ":/sku_id: 16 entries; wanted 15") as f:
    f["units"] = units[:15]
with case("no_units", 65, ":/units: is missing") as f:
    pass
with case("flip", 65, ":/units: its data cannot be read") as f:
    f.create_dataset("units", data=units, chunks=(N, 4), fletcher32=True)
at = units.tobytes()
damage("flip", lambda d: d[: d.find(at) + 21] + bytes([d[d.find(at) + 21] ^ 4]) + d[d.find(at) + 22 :])
with case("cut", 65, ":/: cannot be opened as HDF5 (truncated file") as f:
    f["units"] = units
damage("cut", lambda d: d[:-1])
with case("outside", 65, ":/") as f:
    f["units"] = units
with case("text", 65, ":/: this is text") as f:
    pass
damage("text", lambda d: b"sku,date,units\n")
with case("empty", 65, ":/: the file is empty") as f:
    pass
damage("empty", lambda d: b"")
with case("escape", 65, r":/\x1b[2Jbad: a link into another file") as f:
    f["units"] = units
    f["\x1b[2Jbad"] = h5py.ExternalLink("other.h5", "/x")

# the superblock's end of file says more than there is
damage("outside", lambda d: d[:28] + struct.pack("<Q", len(d) + 4096) + d[36:])
with open(os.path.join(folder, "verdicts"), "w") as f:
    f.write("\n".join(verdicts) + "\n")
