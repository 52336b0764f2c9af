"""ids.py CATALOG RESULT: the result is of the catalog's series: same skus, markets and pairs of them."""
import sys

import h5py


def described(path):
    with h5py.File(path) as f:
        words = [[b"".join(row).rstrip(b"\0") for row in f[name][:].tolist()] for name in ("sku", "market")]
        return words, f["series_sku"][:].tolist(), f["series_market"][:].tolist()


want, got = described(sys.argv[1]), described(sys.argv[2])
if want != got:
    sys.exit(f"got {got}, wanted {want}")
