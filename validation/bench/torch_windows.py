#!/usr/bin/python3
"""The peer of windows.c: the same network on the same catalog in torch, one thread; batches are made by numpy from
prefix sums.

torch_windows.py FOLDER: the catalog as windows.c wrote it. Reads lines "STEPS", trains so many steps with AdamW and
gradient clipping, and answers "ms_a_step loss"; milliseconds are the processor's."""
import os, sys, time

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

BATCH, HORIZON, BACK, YEAR, SPANS = 1024, 28, 84, 364, (7, 28, 56, 112, 364)


def sums_before(x):
    """s[..., t] is the sum of x[..., :t]"""
    return np.concatenate([np.zeros(x.shape[:-1] + (1,)), np.cumsum(x, -1, dtype=np.float64)], -1)


class Windows:
    """What the recipe sees of a window, for a batch at once."""

    def __init__(self, folder):
        def array(name, dtype, *shape):
            return np.fromfile(os.path.join(folder, name), dtype).reshape(shape)
        skus, markets, self.areas, length, periods, columns = array("shape", np.int32, -1)
        series = skus * markets
        units = array("units", np.float32, series, length)
        price = array("price", np.float32, series, periods)
        self.first = array("first", np.int64, series)
        self.open = array("closed", np.uint8, periods) == 0
        self.days = array("days", np.float32, periods, columns)
        self.series, self.length, self.markets, self.skus = series, length, markets, skus
        self.units = np.nan_to_num(units)
        self.sku = np.arange(series) // markets
        self.market, self.area = np.arange(series) % markets, self.sku % self.areas
        self.group = self.market * self.areas + self.area
        of_sku, of_group = np.zeros((skus, length)), np.zeros((markets * self.areas, length))
        np.add.at(of_sku, self.sku, self.units)
        np.add.at(of_group, self.group, self.units)
        self.group_sum = of_group.astype(np.float32)
        self.sums, self.zeros = sums_before(self.units), sums_before(units == 0)
        self.sku_sums, self.group_sums = sums_before(of_sku), sums_before(of_group)
        self.price, self.priced = np.nan_to_num(price), np.isfinite(price)
        known, many = sums_before(self.price), sums_before(self.priced)
        t = np.arange(periods)
        lo = np.maximum(t + 1 - YEAR, 0)
        usual = (known[:, t + 1] - known[:, lo]) / np.maximum(many[:, t + 1] - many[:, lo], 1)
        self.usual = usual.astype(np.float32)
        self.from_area = np.where(self.priced, self.price - 6, 0).astype(np.float32)
        mean = self.units[:, -365:].mean(1)
        weight = np.sqrt((mean + .1 * mean.mean()) * np.exp(self.price[:, length - 1]))
        self.p_series = np.cumsum(weight / weight.sum())
        self.origins = np.arange(YEAR + 7, length - HORIZON)
        weight = .5 ** ((self.origins[-1] - self.origins) / 1000)
        self.p_origin = np.cumsum(weight / weight.sum())
        self.rng = np.random.default_rng(1)

    def draw(self):
        i, t = np.zeros(0, np.int64), np.zeros(0, np.int64)
        while len(i) < BATCH:
            more = np.searchsorted(self.p_series, self.rng.random(BATCH)).clip(max=self.series - 1)
            at = self.origins[np.searchsorted(self.p_origin, self.rng.random(BATCH)).clip(
                max=len(self.origins) - 1)]
            old = at >= self.first[more] + 6
            i, t = np.append(i, more[old]), np.append(t, at[old])
        return i[:BATCH], t[:BATCH]

    def batch(self):
        i, t = self.draw()
        n, age = len(i), t + 1 - self.first[i]

        def last(sums, of, span):
            return sums[of, t + 1] - sums[of, np.maximum(t + 1 - span, 0)]
        mean = {s: last(self.sums, i, s) / np.minimum(s, age) for s in SPANS}
        spans = np.minimum(28, age) + np.minimum(112, age)
        scale = (last(self.sums, i, 28) + last(self.sums, i, 112) + .5) / spans
        own = self.units[i[:, None], t[:, None] - np.arange(BACK)] / scale[:, None].astype(np.float32)
        more = [np.log(scale) * .5, np.log(age) * .3 - 1]
        more += [np.log((mean[s] + .02) / (scale + .02)) for s in SPANS]
        more += [last(self.zeros, i, s) / np.minimum(s, age) for s in (28, 112)]
        then, known = t - YEAR, t - YEAR - 56 >= self.first[i]
        after = (self.sums[i, then + 1 + HORIZON] - self.sums[i, then + 1]) / HORIZON
        before = (self.sums[i, then + 1] - self.sums[i, np.maximum(then - 55, 0)]) / 56
        more += [np.where(known, np.log((after + .1) / (before + .1)), 0), known]
        k, g = self.sku[i], self.group[i]
        s7, s28, s112 = (last(self.sku_sums, k, s) / s for s in (7, 28, 112))
        more += [np.log((s7 + .2) / (s28 + .2)), np.log((s28 + .2) / (s112 + .2)),
                 np.log((mean[28] * self.markets + .2) / (s28 + .2))]
        g7, g28, g112, g364 = (last(self.group_sums, g, s) / s + 1 for s in (7, 28, 112, 364))
        more += [3 * np.log(g7 / g28), 3 * np.log(g28 / g112), 3 * np.log(g28 / g364)]
        sold = own > 0
        since = np.where(sold.any(1), sold.argmax(1), BACK)
        now = self.price[i, t]
        more += [.3 * np.log(since + 1), 5 * (now - self.usual[i, t]), self.from_area[i, t], .5 * now]
        whole = np.concatenate([np.log1p(own), np.stack(more, 1)], 1).astype(np.float32)

        d, row, step = t[:, None] + 1 + np.arange(HORIZON), i[:, None], np.arange(HORIZON) % 7
        eight = own[:, :56].reshape(n, 8, 7)[:, :, ::-1]
        weeks = self.group_sum[g[:, None], t[:, None] - 55 + np.arange(56)].reshape(n, 8, 7).mean(1)
        year = (self.group_sums[g, then + 1] - self.group_sums[g, np.maximum(then - 27, 0)]) / 28 + 1
        p = self.price[row, d]
        steps = np.stack([
            np.log(eight[:, :4].mean(1) + .1)[:, step], np.log(eight.mean(1) + .1)[:, step],
            3 * np.log((weeks + 1) / (weeks.mean(1, keepdims=True) + 1))[:, step],
            np.log((self.group_sum[g[:, None], d - YEAR] + 1) / year[:, None]),
            np.broadcast_to((1 + np.arange(HORIZON)) / HORIZON, d.shape),
            5 * (p - self.usual[i, t][:, None]), self.from_area[row, d], 5 * (p - now[:, None]),
            self.priced[row, d]], 2).astype(np.float32)
        target = self.units[row, d] / scale[:, None].astype(np.float32)
        weight = (scale / np.sqrt(scale + .1)).astype(np.float32)
        return [torch.from_numpy(x) for x in
                (whole, steps, d, self.market[i], self.area[i], k, target,
                 self.open[d].astype(np.float32), weight)]


class Net(nn.Module):
    def __init__(self, w, wide=256, step=96, own=16, day=16):
        super().__init__()
        self.days = torch.from_numpy(w.days)
        self.market, self.area = nn.Embedding(w.markets, 18), nn.Embedding(w.areas, 18)
        self.sku, place = nn.Embedding(w.skus, 4), 22
        self.day = nn.Linear(w.days.shape[1], day, bias=False)
        self.whole1 = nn.Linear(105 + place, wide)
        self.whole2, self.whole3 = nn.Linear(wide, wide), nn.Linear(wide, wide)
        self.own, self.shared = nn.Linear(wide, HORIZON * own), nn.Linear(wide, step)
        self.step1, self.step2 = nn.Linear(own + 9 + day, step, bias=False), nn.Linear(step, step)
        self.head, self.week, self.level = nn.Linear(step, 1), nn.Linear(place, day), nn.Linear(wide, 1)
        for zero in (self.head, self.week):
            nn.init.zeros_(zero.weight)

    def forward(self, whole, steps, d, market, area, sku):
        place = torch.cat([self.market(market) + self.area(area), self.sku(sku)], 1)
        x = F.relu(self.whole1(torch.cat([whole, place], 1)))
        x = x + F.relu(self.whole2(x))
        x = x + F.relu(self.whole3(x))
        day = self.day(self.days)[d]
        v = torch.cat([self.own(x).view(len(x), HORIZON, -1), steps, day], 2)
        v = F.relu(self.step1(v) + self.shared(x)[:, None])
        v = v + F.relu(self.step2(v))
        return self.head(v)[..., 0] + (day * self.week(place)[:, None]).sum(2) + .1 * self.level(x)


def main():
    torch.set_num_threads(1)
    torch.manual_seed(0)
    windows = Windows(sys.argv[1])
    net = Net(windows)
    decays = [p for p in net.parameters() if p.ndim > 1]
    others = [p for p in net.parameters() if p.ndim <= 1]
    # foreach: all parameters in one call; fused steps are for GPUs alone
    optimizer = torch.optim.AdamW([{"params": decays, "weight_decay": .01},
                                   {"params": others, "weight_decay": 0}],
                                  lr=1e-3, betas=(.9, .98), foreach=True)

    average = [p.detach().clone() for p in net.parameters()]

    def step():
        *seen, target, mask, weight = windows.batch()
        log_mean = net(*seen) * mask
        loss = ((torch.exp(log_mean) - target * mask * log_mean).mean(1) * weight).mean()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1)
        optimizer.step()
        with torch.no_grad():
            torch._foreach_mul_(average, .99875)
            torch._foreach_add_(average, list(net.parameters()), alpha=.00125)
        return loss.item()

    print("torch", torch.__version__, flush=True)
    for line in sys.stdin:
        steps = int(line)
        begin = time.process_time()
        for _ in range(steps):
            loss = step()
        print(f"{1e3 * (time.process_time() - begin) / steps:.4f} {loss:.5f}", flush=True)


main()
