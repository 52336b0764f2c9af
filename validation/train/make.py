"""Small data sets of the tests: make.py pictures|table|texts FOLDER. Drawn from a fixed seed.

pictures: an IDX pair and its test pair, 12 x 10, three classes of bars at different places, with noise
table:    train.csv and test.csv, columns a b c d, kind (three classes), yes (two), y (a number)
texts:    train.csv and test.csv, columns text and kind: words of a theme among common ones"""
import os, struct, sys
import numpy as np

rng = np.random.default_rng(7)


def put_idx(path, array):
    with open(path, "wb") as f:
        f.write(struct.pack(">BBBB", 0, 0, 8, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape))
        f.write(array.astype(np.uint8).tobytes())


def pictures(folder):
    for name, n in (("train", 330), ("t10k", 70)):
        label = rng.integers(0, 3, n)
        image = rng.integers(0, 120, (n, 12, 10))
        for i, k in enumerate(label):
            at = rng.integers(0, 2)
            image[i, 2 + 3 * k + at, 1:9] += 100
        put_idx(f"{folder}/{name}-images-idx3-ubyte", image)
        put_idx(f"{folder}/{name}-labels-idx1-ubyte", label)


def table(folder):
    w = rng.normal(size=(4, 3))
    for name, n in (("train", 500), ("test", 300)):
        x = rng.normal(size=(n, 4)) * (1, 3, .5, 1) + (0, 10, 0, -2)
        score = (x - (0, 10, 0, -2)) @ w + .5 * rng.normal(size=(n, 3))
        y = x @ (1, -.3, 2, .5) + 4 + .1 * rng.normal(size=n)
        with open(f"{folder}/{name}.csv", "w") as f:
            f.write("id,a,b,c,d,kind,yes,y\n")
            for i in range(n):
                kind = "red green blue".split()[score[i].argmax()]
                values = ",".join(f"{v:.6f}" for v in x[i])
                f.write(f"{i},{values},{kind},{'yes' if score[i, 0] > 0 else 'no'},{y[i]:.6f}\n")


def texts(folder):
    themes = {"card": "card lost stolen arrive pin", "money": "cash pay fee charged refund",
              "account": "login open close name password"}
    common = "I My the a is why how can't to do please déjà 24".split() + ["x" * 70 + "é"]
    for name, n in (("train", 240), ("test", 45)):
        with open(f"{folder}/{name}.csv", "w") as f:
            f.write("text,kind\n")
            for _ in range(n):
                kind = rng.choice(list(themes))
                words = list(rng.choice(common, rng.integers(2, 9)))
                for word in rng.choice(themes[kind].split(), 2):
                    words.insert(rng.integers(0, len(words) + 1), word)
                f.write(f"\"{' '.join(words)}?\",{kind}\n")


os.makedirs(sys.argv[2], exist_ok=True)
{"pictures": pictures, "table": table, "texts": texts}[sys.argv[1]](sys.argv[2])
