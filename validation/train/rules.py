"""Rules of the optimizer against torch.optim: rules.py PROGRAM; a line for each: 0 when it is right, what was found.

PROGRAM (rules.c) and torch take the same hundred gradients; torch once in float and once in double. We agree with
the former to 1e-6, or are nearer to the latter than it is: torch's AdamW rounds 1 - rate decay to a float, and the
weights once more after that product, which is 5e-6 off after these steps."""
import subprocess, sys
import numpy as np
import torch

n, steps, rate = 1003, 100, 1e-3
rng = np.random.default_rng(1)
first = rng.normal(size=n).astype(np.float32)
gradient = (rng.normal(size=(steps, n)) * 10.0**rng.integers(-4, 2, n)).astype(np.float32)


def by_torch(rule, l2, decay, type):
    w = torch.tensor(first, dtype=type)
    o = {"sgd": lambda: torch.optim.SGD([w], rate, weight_decay=l2),
         "momentum": lambda: torch.optim.SGD([w], rate, momentum=.9, weight_decay=l2),
         "adam": lambda: torch.optim.Adam([w], rate, weight_decay=l2),
         "adamw": lambda: torch.optim.AdamW([w], rate, weight_decay=decay)}[rule]()
    for g in gradient:
        w.grad = torch.tensor(g, dtype=type)
        o.step()
    return w.double().numpy()


def by_us(rule, l2, decay):
    told = [sys.argv[1], rule] + [str(x) for x in (n, steps, rate, l2, decay)]
    out = subprocess.run(told, input=first.tobytes() + gradient.tobytes(), stdout=subprocess.PIPE, check=True).stdout
    return np.frombuffer(out, np.float32).astype(float)


def off(a, b):
    return (np.abs(a - b) / np.maximum(1, np.abs(b))).max()


for name, rule, l2, decay in (("SGD with l2", "sgd", .1, 0), ("momentum", "momentum", 0, 0), ("Adam", "adam", 0, 0),
                              ("Adam with l2", "adam", .1, 0), ("AdamW", "adamw", 0, .01),
                              ("AdamW that decays fast", "adamw", 0, 1)):
    ours = by_us(rule, l2, decay)
    exact, rounded = (by_torch(rule, l2, decay, type) for type in (torch.float64, torch.float32))
    fine = off(ours, rounded) < 1e-6 or off(ours, exact) < min(2e-6, off(rounded, exact))
    print(int(not fine), f"{name}: off torch in float by {off(ours, rounded):.1e}, in double by {off(ours, exact):.1e}, "
          f"which torch in float is off by {off(rounded, exact):.1e}")
