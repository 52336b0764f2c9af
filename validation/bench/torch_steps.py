#!/usr/bin/python3
"""The peer of steps.c: the same training steps in torch, one thread.

Reads lines "CASE SECONDS" and answers "CASE ms_median ms_least samples" like it. With --layout last,
convolutions run channels-last; ATEN_CPU_CAPABILITY in the environment chooses torch's own kernels.
With --ranks N --rank R --port P the models are wrapped for data-parallel training over gloo, R of N."""
import argparse, statistics, sys, time

import torch
import torch.nn.functional as F
from torch import nn

PARTS = 5


class Cnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1, self.c2 = nn.Conv2d(1, 32, 3), nn.Conv2d(32, 64, 3)
        self.f1, self.f2 = nn.Linear(1600, 128), nn.Linear(128, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.c1(x)), 2)
        x = F.max_pool2d(F.relu(self.c2(x)), 2)
        return self.f2(F.relu(self.f1(x.flatten(1))))


class Recurrent(nn.Module):
    def __init__(self, kind):
        super().__init__()
        self.words, self.rnn = nn.Embedding(10000, 128), kind(128, 128, batch_first=True)
        self.out = nn.Linear(128, 10)

    def forward(self, x):
        return self.out(self.rnn(self.words(x))[0][:, -1])


def maker():
    return nn.Sequential(nn.Linear(100, 6272), nn.ReLU(), nn.Unflatten(1, (128, 7, 7)),
                         nn.ConvTranspose2d(128, 64, 4, 2, 1), nn.ReLU(),
                         nn.ConvTranspose2d(64, 1, 4, 2, 1), nn.Tanh())


def judge():
    return nn.Sequential(nn.Conv2d(1, 64, 4, 2, 1), nn.LeakyReLU(0.2),
                         nn.Conv2d(64, 128, 4, 2, 1), nn.LeakyReLU(0.2), nn.Flatten(),
                         nn.Linear(6272, 1))


class Cases:
    def __init__(self, o):
        self.o = o
        self.adam = lambda m, **k: torch.optim.Adam(m.parameters(), **{"lr": 1e-3, **k})

    def shared(self, model, **how):
        if self.o.ranks == 1:
            return model
        return nn.parallel.DistributedDataParallel(model, **how)

    def last(self, x):
        return x.to(memory_format=torch.channels_last) if self.o.layout == "last" else x

    def supervised(self, model, x, y, loss):
        model = self.shared(model)
        optimizer = self.adam(model)

        def step():
            optimizer.zero_grad(set_to_none=True)
            loss(model(x), y).backward()
            optimizer.step()
        return step

    def cnn(self, b):
        return self.supervised(self.last(Cnn()), self.last(torch.randn(b, 1, 28, 28)),
                               torch.randint(0, 10, (b,)), F.cross_entropy)

    def recurrent(self, b, kind):
        return self.supervised(Recurrent(kind), torch.randint(0, 10000, (b, 50)),
                               torch.randint(0, 10, (b,)), F.cross_entropy)

    def rnn(self, b):
        return self.recurrent(b, nn.RNN)

    def gru(self, b):
        return self.recurrent(b, nn.GRU)

    def lstm(self, b):
        return self.recurrent(b, nn.LSTM)

    def mlp(self, b):
        model = nn.Sequential(nn.Linear(512, 1024), nn.ReLU(), nn.Linear(1024, 1024), nn.ReLU(),
                              nn.Linear(1024, 512))
        return self.supervised(model, torch.randn(b, 512), torch.randn(b, 512), F.mse_loss)

    def tfm(self, b):
        model = nn.TransformerEncoderLayer(256, 4, 1024, dropout=0.0, batch_first=True)
        return self.supervised(model, torch.randn(b, 128, 256), torch.randn(b, 128, 256),
                               F.mse_loss)

    def gan(self, b):
        g, d = self.last(maker()), self.last(judge())
        real = self.last(torch.rand(b, 1, 28, 28) * 2 - 1)
        g, d = self.shared(g), self.shared(d, broadcast_buffers=False)
        plain = d.module if self.o.ranks > 1 else d
        of_g, of_d = (self.adam(m, lr=2e-4, betas=(0.5, 0.999)) for m in (g, d))
        one, zero = torch.ones(b, 1), torch.zeros(b, 1)
        bce = F.binary_cross_entropy_with_logits

        def judged(fake):
            if self.o.ranks == 1:
                return bce(d(real), one) + bce(d(fake), zero)
            both = d(torch.cat([real, fake]))
            return bce(both[:b], one) + bce(both[b:], zero)

        def step():
            fake = g(torch.randn(b, 100))
            of_d.zero_grad(set_to_none=True)
            judged(fake.detach()).backward()
            of_d.step()
            of_g.zero_grad(set_to_none=True)
            plain.requires_grad_(False)
            bce(plain(fake), one).backward()
            of_g.step()
            plain.requires_grad_(True)
        return step

    def emb(self, n):
        table, target = nn.Embedding(1000000, 64, sparse=True), torch.randn(n, 64)
        optimizer = torch.optim.SGD(table.parameters(), 0.1)

        def step():
            optimizer.zero_grad(set_to_none=True)
            ((table(torch.randint(0, 1000000, (n,))) - target) ** 2).sum().backward()
            optimizer.step()
        return step


def timed(step, n, o):
    if o.ranks > 1:
        torch.distributed.barrier()
    begin = time.perf_counter()
    for _ in range(n):
        step()
    return (time.perf_counter() - begin) / n


def answer(case, seconds, o):
    name, batch = case.split("_")[:2]
    step = getattr(Cases(o), name)(int(batch))
    timed(step, 3, o)
    n = torch.tensor([int(seconds / PARTS / timed(step, 1, o)) + 1])
    if o.ranks > 1:
        torch.distributed.broadcast(n, 0)
    part = [1e3 * timed(step, int(n), o) for _ in range(PARTS)]
    if o.rank == 0:
        print(case, f"{statistics.median(part):.4f} {min(part):.4f}", int(batch) * o.ranks,
              flush=True)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--layout", choices=("first", "last"), default="first")
    p.add_argument("--ranks", type=int, default=1)
    p.add_argument("--rank", type=int, default=0)
    p.add_argument("--port", type=int, default=0)
    o = p.parse_args()
    torch.set_num_threads(1)
    torch.manual_seed(0)
    if o.ranks > 1:
        torch.distributed.init_process_group("gloo", f"tcp://127.0.0.1:{o.port}", rank=o.rank,
                                             world_size=o.ranks)
    print("torch", torch.__version__, flush=True)
    for line in sys.stdin:
        case, seconds = line.split()
        answer(case, float(seconds), o)


main()
