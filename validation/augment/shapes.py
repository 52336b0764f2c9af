#!/usr/bin/python3
"""shapes.py idx FOLDER NAME,NAME,...: pictures of 16 x 16 with bars, rings and crosses, as IDX files whose labels go by that order.
shapes.py index FOLDER: the same as PNG files with an index; every sixth has no category, and truth.csv tells what it shows.
shapes.py SIDE FOLDER: an index of a few pictures of that side."""
import os, struct, sys

import numpy

from thin import png

COUNT = {"bar": 150, "cross": 60, "ring": 90}


def draw(random, name, side=16):
    y, x = numpy.mgrid[0:side, 0:side] - side / 2 + .5
    y, x = y - random.uniform(-2, 2), x - random.uniform(-2, 2)
    size, light = random.uniform(.8, 1.2) * side / 16, random.uniform(150, 255)
    if name == "bar":
        on = abs(x) < 2 * size
    elif name == "cross":
        on = (abs(x) < 1.2 * size) | (abs(y) < 1.2 * size)
    else:
        on = abs(numpy.hypot(x, y) - 5 * size) < 1.5 * size
    noise = random.uniform(0, 20, on.shape)
    return numpy.clip(on * light + noise, 0, 255).astype(numpy.uint8)


def pictures():
    """(name, picture) in an order that no category decides"""
    random = numpy.random.RandomState(7)
    names = [name for name, n in COUNT.items() for _ in range(n)]
    return [(names[i], draw(random, names[i])) for i in random.permutation(len(names))]


def write_idx(folder, order):
    made = pictures()
    os.makedirs(folder)
    with open(f"{folder}/train-images-idx3-ubyte", "wb") as out:
        out.write(struct.pack(">IIII", 0x803, len(made), 16, 16))
        out.write(b"".join(picture.tobytes() for _, picture in made))
    with open(f"{folder}/train-labels-idx1-ubyte", "wb") as out:
        out.write(struct.pack(">II", 0x801, len(made)))
        out.write(bytes(order.index(name) for name, _ in made))
    with open(f"{folder}/names.txt", "w") as out:
        print(*order, sep="\n", file=out)


def write_index(folder):
    os.makedirs(folder)
    with open(f"{folder}/index.csv", "w") as index, open(f"{folder}/truth.csv", "w") as truth:
        print("file,category,split", file=index)
        for i, (name, picture) in enumerate(pictures()):
            with open(f"{folder}/{i}.png", "wb") as out:
                out.write(png(picture))
            print(f"{i}.png,{'' if i % 6 == 0 else name},{'validation' if i % 6 == 1 else 'train'}",
                  file=index)
            print(name, file=truth)


def write_few(folder, side):
    random = numpy.random.RandomState(1)
    os.makedirs(folder)
    with open(f"{folder}/index.csv", "w") as index:
        print("file,category,split", file=index)
        for i in range(16):
            with open(f"{folder}/{i}.png", "wb") as out:
                out.write(png(draw(random, "bar", side)))
            print(f"{i}.png,{'a' if i % 2 else 'b'},{'validation' if i % 4 < 2 else 'train'}", file=index)


def main():
    kind, folder = sys.argv[1:3]
    if kind == "idx":
        write_idx(folder, sys.argv[3].split(","))
    elif kind == "index":
        write_index(folder)
    else:
        write_few(folder, int(kind))


main()
