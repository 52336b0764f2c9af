"""What a model says, computed anew by numpy from model.h5 alone: forward.py MODEL ANSWERS DATA.

Reads the layers from the settings that the model carries, DATA as make.py wrote it, and compares every
probability, score or number of ANSWERS, in double precision."""
import csv, re, struct, sys
import h5py
import numpy as np

model, answers = h5py.File(sys.argv[1]), h5py.File(sys.argv[2])
text = model.attrs["config"]
text = text.decode() if isinstance(text, bytes) else text
settings = {}
for line in text.splitlines():
    if line.startswith("["):
        section = settings.setdefault(line[1:-1], {})
    elif "=" in line:
        key, value = line.split(" = ", 1)
        section[key] = value
train, lines = settings["train"], settings["model"]


def weight(name):
    return np.asarray(model[name], dtype=float)


def names(var):
    return [bytes(row).rstrip(b"\0").decode() for row in np.asarray(model[var])]


def read_pictures(path):
    with open(path, "rb") as f:
        n, h, w = struct.unpack(">4x3I", f.read(16))
        return np.frombuffer(f.read(), np.uint8).reshape(n, h, w, 1) / 255


def read_table(path):
    with open(path) as f:
        rows = list(csv.DictReader(f))
    if "text" not in train:
        x = np.array([[float(r[c]) for c in train["inputs"].split()] for r in rows])
        return (x - weight("input_mean")) / weight("input_deviation") if "input_mean" in model else x
    vocabulary = {w: i + 1 for i, w in enumerate(names("word"))}
    length = int(train["length"])
    ids = np.full((len(rows), length), -1)
    for i, r in enumerate(rows):
        words = re.findall(r"[a-z0-9\x80-\uffff]+(?:'[a-z0-9\x80-\uffff]+)*", r["text"].lower())[:length]
        words = [w[:61] for w in words]  # 64 bytes, the last four of which a character may need
        ids[i, length - len(words):] = [vocabulary.get(w, 0) for w in words]
    return ids


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def erf(x):
    from math import erf as one
    return np.vectorize(one)(x)


acts = {"relu": lambda x: np.maximum(x, 0), "tanh": np.tanh, "sigmoid": sigmoid,
        "leaky": lambda x: np.where(x > 0, x, .2 * x), "gelu": lambda x: x * (1 + erf(x / 2**.5)) / 2,
        "softplus": lambda x: np.logaddexp(0, x)}


def conv(x, name, words):
    pad = int(words[words.index("pad") + 1]) if "pad" in words else 0
    stride = int(words[words.index("stride") + 1]) if "stride" in words else 1
    w = weight(name + ".weight")
    x = np.pad(x, ((0, 0), (pad, pad), (pad, pad), (0, 0)))
    h, v = (x.shape[1] - w.shape[0]) // stride + 1, (x.shape[2] - w.shape[1]) // stride + 1
    y = np.zeros((len(x), h, v, w.shape[3])) + weight(name + ".bias")
    for i in range(w.shape[0]):
        for j in range(w.shape[1]):
            y += x[:, i:i + stride * h:stride, j:j + stride * v:stride] @ w[i, j]
    return y


def max_pool(x, size):
    h, v = x.shape[1] // size, x.shape[2] // size
    return x[:, :h * size, :v * size].reshape(len(x), h, size, v, size, -1).max((2, 4))


def normalise(x, name):
    x = (x - weight(name + ".running_mean")) / np.sqrt(weight(name + ".running_variance") + 1e-5)
    return x * weight(name + ".weight") + weight(name + ".bias")


def layer_norm(x, name):
    d = x - x.mean(-1, keepdims=True)
    d /= np.sqrt((d**2).mean(-1, keepdims=True) + 1e-5)
    return d * weight(name + ".weight") + weight(name + ".bias")


def look_up(ids, name):
    return weight(name + ".weight")[np.maximum(ids, 0)] * (ids >= 0)[..., None]


def run_cell(x, name, kind):
    w, u = weight(name + ".weight_in"), weight(name + ".weight_state")
    b = sum(weight(f"{name}.{part}") for part in ("bias_in", "bias_state") if f"{name}.{part}" in model)
    h = c = np.zeros((len(x), u.shape[0]))
    for t in range(x.shape[1]):
        z = x[:, t] @ w + h @ u + b
        if kind == "rnn":
            h = np.tanh(z)
        else:
            i, f, g, o = np.split(z, 4, 1)
            c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
            h = sigmoid(o) * np.tanh(c)
    return h


def apply(x, name, words, done):
    kind = words[0]
    act = next((acts[w] for w in words[1:] if w in acts), lambda y: y)
    if kind == "dense":
        return act(x @ weight(name + ".weight") + weight(name + ".bias"))
    if kind == "conv":
        return act(conv(x, name, words))
    if kind in ("rnn", "lstm"):
        return run_cell(x, name, kind)
    return {"activation": lambda: act(x), "max_pool": lambda: max_pool(x, int(words[1].split("x")[0])),
            "flatten": lambda: x.reshape(len(x), -1), "dropout": lambda: x,
            "batch_norm": lambda: normalise(x, name), "layer_norm": lambda: layer_norm(x, name),
            "embedding": lambda: look_up(x, name), "add": lambda: x + done[words[1]]}[kind]()


x = read_pictures(sys.argv[3]) if sys.argv[3].endswith("ubyte") else read_table(sys.argv[3])
done = {"input": x}
for name, line in lines.items():
    if name != "loss":
        words = line.split()
        x = done[name] = apply(done[words[words.index("from") + 1]] if "from" in words else x, name, words, done)

if "probability" in answers and lines["loss"].startswith("binary"):
    x = np.concatenate([1 - sigmoid(x), sigmoid(x)], 1)
elif "probability" in answers:
    x = np.exp(x - x.max(1, keepdims=True))
    x /= x.sum(1, keepdims=True)
got = next(np.asarray(answers[v], dtype=float) for v in ("probability", "score", "quantiles", "answer") if v in answers)
got = got.reshape(x.shape)
error = np.abs(got - x).max() / max(1, np.abs(x).max())
if "class" in answers and x.shape[1] > 1:
    sure = np.sort(x, 1)[:, -1] - np.sort(x, 1)[:, -2] > 1e-4
    assert (np.asarray(answers["answer"])[sure] == x.argmax(1)[sure]).all(), "answers"
print(f"{len(x)} samples, largest difference {error:.2g}")
sys.exit(not error < 2e-5)
