#!/usr/bin/python3
"""The peer of gan.c: the same GAN in torch, one thread.

Reads lines "CASE[+OPTION...] SECONDS" and answers "CASE[+OPTION...] ms_median ms_least samples" like it; "count:CASE" is
answered with "count:CASE weights generator discriminator". Options:

generator-last, discriminator-last   that network runs channels-last
interleaved      transposed convolutions as one of 2 x 2 to four times the channels, of which each gives a quarter of the cells
reusing          the generator learns from the pictures that the discriminator was shown; else it makes new ones
batchN           pictures are drawn N at a time

ATEN_CPU_CAPABILITY and malloc's settings in the environment choose torch's own kernels and how memory is kept."""
import copy, statistics, sys, time

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils import spectral_norm

CATEGORIES, EACH, BATCH, NOISE, PARTS = 10, 400, 64, 64, 5
GROUP, AVERAGE = 8, 0.998
SORTS = {"28": (28, 1), "64": (64, 3)}  # side, channels
DRAWN = {"28": 1000, "64": 250}


def doublings(side):
    n = 2
    while side >> n > 8:
        n += 1
    return n


class Norm(nn.Module):
    """Batch norm with scale and shift by category."""

    def __init__(self, channels):
        super().__init__()
        self.norm = nn.BatchNorm2d(channels, affine=False)
        self.scale, self.shift = (nn.Embedding(CATEGORIES, channels) for _ in range(2))
        nn.init.ones_(self.scale.weight)
        nn.init.zeros_(self.shift.weight)

    def forward(self, x, label):
        return torch.addcmul(self.shift(label)[..., None, None], self.norm(x),
                             self.scale(label)[..., None, None])


class Interleaved(nn.Module):
    """A transposed convolution, kernel 4, stride 2, pad 1: cells of either parity of row and column hear 2 x 2 cells each."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.outputs = outputs
        self.weight = nn.Parameter(torch.randn(4 * outputs, inputs, 2, 2) * 0.02)
        self.bias = nn.Parameter(torch.zeros(outputs, 1, 1))

    def forward(self, x):
        n, _, h, w = x.shape
        four = F.conv2d(F.pad(x, (1, 1, 1, 1)), self.weight).view(n, 2, 2, self.outputs, h + 1, w + 1)
        rows = [torch.stack([four[:, p, q, :, p:p + h, q:q + w] for q in range(2)], -1) for p in range(2)]
        return torch.stack(rows, 3).reshape(n, self.outputs, 2 * h, 2 * w) + self.bias


class Generator(nn.Module):
    def __init__(self, side, channels, interleaved):
        super().__init__()
        n = doublings(side)
        self.least = side >> n
        self.category = nn.Embedding(CATEGORIES, 32)
        self.begin = nn.Linear(NOISE + 32, 96 * self.least ** 2)
        wide = [96] + [48] * (n - 1)
        up = Interleaved if interleaved else lambda a, b: nn.ConvTranspose2d(a, b, 4, 2, 1)
        self.ups = nn.ModuleList(up(a, b) for a, b in zip(wide, wide[1:]))
        self.norms = nn.ModuleList(Norm(w) for w in wide)
        self.end = nn.Conv2d(48, 4 * channels, 3, padding=1)
        self.last = False

    def forward(self, noise, label):
        x = self.begin(torch.cat([noise, self.category(label)], 1)).view(-1, 96, self.least, self.least)
        if self.last:
            x = x.contiguous(memory_format=torch.channels_last)
        x = F.relu(self.norms[0](x, label))
        for up, norm in zip(self.ups, self.norms[1:]):
            x = F.relu(norm(up(x), label))
        return torch.tanh(F.pixel_shuffle(self.end(x), 2))


class Discriminator(nn.Module):
    def __init__(self, side, channels):
        super().__init__()
        n = doublings(side)
        self.least = side >> n
        wide = [32] + [64] * (n - 1)
        layers = [nn.Conv2d(4 * channels, 32, 3, padding=1)]
        layers += [nn.Conv2d(a, b, 4, 2, 1) for a, b in zip(wide, wide[1:])]
        layers += [nn.Conv2d(64, 64, 3, padding=1)]
        self.layers = nn.ModuleList(spectral_norm(layer) for layer in layers)
        self.features = spectral_norm(nn.Linear(64 * self.least ** 2, 128))
        self.score = spectral_norm(nn.Linear(129, 1))
        self.category = spectral_norm(nn.Embedding(CATEGORIES, 128))

    def forward(self, x, label):
        x = F.pixel_unshuffle(x, 2)
        for layer in self.layers:
            x = F.leaky_relu(layer(x), 0.2)
        x = F.leaky_relu(self.features(x.flatten(1)), 0.2) * self.least
        spread = (x.view(-1, GROUP, x.size(1)).var(1, unbiased=False) + 1e-8).sqrt().mean(1)
        alone = self.score(torch.cat([x, spread.repeat_interleave(GROUP)[:, None]], 1)).squeeze(1)
        return alone + (self.category(label) * x).sum(1)


def models(sort, options):
    side, channels = SORTS[sort]
    g = Generator(side, channels, "interleaved" in options)
    d = Discriminator(side, channels)
    g.last = "generator-last" in options
    g = g.to(memory_format=torch.channels_last) if g.last else g
    return g, d.to(memory_format=torch.channels_last) if "discriminator-last" in options else d


class Training:
    def __init__(self, sort, options):
        side, channels = SORTS[sort]
        self.g, self.d = models(sort, options)
        self.mean = copy.deepcopy(self.g)
        self.reusing, self.steps = "reusing" in options, 0
        self.of_g, self.of_d = (torch.optim.Adam(m.parameters(), rate, (0, 0.99), foreach=True)
                                for m, rate in ((self.g, 5e-4), (self.d, 1e-3)))
        self.pictures = torch.rand(CATEGORIES * EACH, channels, side, side) * 2 - 1
        self.shares = torch.full((CATEGORIES,), 1 / CATEGORIES)

    def labels(self):
        return torch.multinomial(self.shares, BATCH, True)

    def judge(self, real, of_real, fake, of_fake):
        """The discriminator's turn; batches are whole groups, so that real and made ones stay apart."""
        score = self.d(torch.cat([real, fake]), torch.cat([of_real, of_fake]))
        loss = F.relu(1 - score[:BATCH]).mean() + F.relu(1 + score[BATCH:]).mean()
        self.of_d.zero_grad(set_to_none=True)
        loss.backward()
        self.of_d.step()

    def make(self, fake, of_fake):
        self.d.requires_grad_(False)
        self.of_g.zero_grad(set_to_none=True)
        (-self.d(fake, of_fake).mean()).backward()
        self.of_g.step()
        self.d.requires_grad_(True)

    @torch.no_grad()
    def average(self):
        by = min(AVERAGE, (1 + self.steps) / (10 + self.steps))
        mean, now = list(self.mean.parameters()), list(self.g.parameters())
        torch._foreach_mul_(mean, by)
        torch._foreach_add_(mean, now, alpha=1 - by)

    def __call__(self):
        of_real, label = self.labels(), self.labels()
        real = self.pictures[of_real * EACH + torch.randint(0, EACH, (BATCH,))]
        with torch.set_grad_enabled(self.reusing):
            fake = self.g(torch.randn(BATCH, NOISE), label)
        self.judge(real, of_real, fake.detach(), label)
        if not self.reusing:
            label = self.labels()
            fake = self.g(torch.randn(BATCH, NOISE), label)
        self.make(fake, label)
        self.average()
        self.steps += 1


class Drawing:
    def __init__(self, sort, options):
        self.g = models(sort, options)[0].eval()
        self.batch = next(int(o[5:]) for o in options if o.startswith("batch"))
        self.times = DRAWN[sort] // self.batch

    @torch.inference_mode()
    def __call__(self):
        label = torch.full((self.batch,), 3)
        for _ in range(self.times):
            x = self.g(torch.randn(self.batch, NOISE), label)
            x.add_(1).mul_(127.5).round_().to(torch.uint8)


def counted(sort):
    """Weights of both networks, and flops of a picture's products forward through either; a row that is picked from a table
    counts as a product with a row of one 1."""
    side, channels = SORTS[sort]
    flops = []

    def count(layer, inputs, output):
        if isinstance(layer, nn.ConvTranspose2d):
            flops.append(2 * inputs[0][0].numel() * layer.weight[0].numel())
        elif isinstance(layer, nn.Embedding):
            flops.append(2 * output[0].numel())
        else:
            flops.append(2 * output[0].numel() * layer.weight[0].numel())

    def of(model, *inputs):
        flops.clear()
        for layer in model.modules():
            if isinstance(layer, (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)) or layer is model.category:
                layer.register_forward_hook(count)
        model(*inputs)
        return sum(flops)

    g, d = models(sort, ())
    label = torch.zeros(GROUP, dtype=torch.long)
    weights = sum(p.numel() for m in (g, d) for p in m.parameters())
    return (weights, of(g, torch.randn(GROUP, NOISE), label),
            of(d, torch.randn(GROUP, channels, side, side), label))


def timed(call, n):
    begin = time.perf_counter()
    for _ in range(n):
        call()
    return 1e3 * (time.perf_counter() - begin) / n


def answer(case, seconds):
    (name, sort), *options = case.split("+")[0].split("_"), *case.split("+")[1:]
    if name == "count:step":
        print(case, *counted(sort), flush=True)
        return
    call = Training(sort, options) if name == "step" else Drawing(sort, options)
    timed(call, 1)
    n = int(1e3 * seconds / PARTS / timed(call, 1)) + 1
    part = [timed(call, n) for _ in range(PARTS)]
    print(case, f"{statistics.median(part):.4f} {min(part):.4f}", BATCH if name == "step" else DRAWN[sort],
          flush=True)


def main():
    torch.set_num_threads(1)
    torch.manual_seed(0)
    print("torch", torch.__version__, flush=True)
    for line in sys.stdin:
        case, seconds = line.split()
        answer(case, float(seconds))


main()
