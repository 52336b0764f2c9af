"""The objective of a trained linear model against scikit-learn's optimum: linear.py FOLDER LOSS.

With rows x, weights w and a free bias b the objective is the mean loss + l2 / 2 |w|^2. Smoothed labels are rows
that count for every class."""
import csv, sys
import h5py
import numpy as np
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.svm import LinearSVC

folder, (loss, *said) = sys.argv[1], sys.argv[2].split()
smoothing = float(said[1]) if said else 0
model = h5py.File(folder + "/model.h5")
text = model.attrs["config"]
text = text.decode() if isinstance(text, bytes) else text
settings = dict(line.split(" = ", 1) for line in text.splitlines() if " = " in line)
with open(folder + "/train.csv") as f:
    rows = list(csv.DictReader(f))
x = np.array([[float(r[c]) for c in settings["inputs"].split()] for r in rows])
if "input_mean" in model:
    x = (x - np.asarray(model["input_mean"])) / np.asarray(model["input_deviation"])
l2, n = float(settings["l2"]), len(x)
if "target" in settings:
    t = np.array([float(r[settings["target"]]) for r in rows])
else:
    names = [bytes(name).rstrip(b"\0").decode() for name in np.asarray(model["class"])]
    t = np.array([names.index(r[settings["label"]]) for r in rows])
sign = 2 * t - 1


def objective(w, b):
    p = x @ w + b
    if loss == "cross_entropy":
        top = p.max(1)
        said = (1 - smoothing) * p[np.arange(n), t] + smoothing * p.mean(1)
        each = top + np.log(np.exp(p - top[:, None]).sum(1)) - said
    else:
        p = p[:, 0]
        each = {"mse": lambda: (p - t)**2, "binary": lambda: np.logaddexp(0, -sign * p),
                "squared_hinge": lambda: np.maximum(0, 1 - sign * p)**2}[loss]()
    return each.mean() + l2 / 2 * (w**2).sum()


if loss == "mse":
    best = (Ridge(alpha=n * l2 / 2) if l2 else LinearRegression()).fit(x, t)
elif loss == "squared_hinge":
    best = LinearSVC(C=1 / (n * l2), fit_intercept=False, dual=False, tol=1e-10, max_iter=10000).fit(x, t)
else:
    k = t.max() + 1
    counts = np.where(np.arange(k) == t[:, None], 1 - smoothing, 0) + smoothing / k
    best = LogisticRegression(C=1 / (n * l2), tol=1e-10, max_iter=10000).fit(
        np.repeat(x, k, 0), np.tile(np.arange(k), n), counts.ravel())
optimum = objective(np.atleast_2d(best.coef_).T, best.intercept_)
bias = np.asarray(model["answer.bias"], dtype=float) if "answer.bias" in model else 0
reached = objective(np.asarray(model["answer.weight"], dtype=float), bias)
print(f"objective {reached:.7f}, scikit-learn's optimum {optimum:.7f}")
sys.exit(not -1e-6 < reached - optimum < 1e-4)
