#!/usr/bin/python3
"""thin.py KIND FOLDER: a catalog of Fashion-MNIST with too few pictures, as PNG files and their index.

KIND: imbN: 2,000 pictures of the categories with even labels and N of those with odd ones; lowN: N of each; lowN+rest: N
of each with their category, all other training pictures without one. Besides, 400 of each category for validation, which no
kind trains on, and all 10,000 for the test. The choice follows from a fixed seed. KIND many: 1,000 categories of 60
pictures, a hundred of each real one."""
import gzip, os, re, struct, sys, zlib

import numpy

SOURCE = "/usr/share/datasets/fashion-mnist/"
NAMES = ["T-shirt_top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag",
         "Ankle_boot"]
VALIDATION = 400


def idx(name):
    data = gzip.open(SOURCE + name).read()
    shape = struct.unpack(">%dI" % data[3], data[4:4 + 4 * data[3]])
    return numpy.frombuffer(data, numpy.uint8, offset=4 + 4 * data[3]).reshape(shape)


def png(picture):
    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    height, width = picture.shape
    lines = b"".join(b"\0" + row.tobytes() for row in picture)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(lines, 1)) + chunk(b"IEND", b""))


def chosen(kind, label):
    """(place, category or "", split) of each picture taken from the training file."""
    thin, n, rest = re.fullmatch(r"(imb|low)(\d+)(\+rest)?", kind).groups()
    random = numpy.random.RandomState(123)
    for k in range(10):
        order = random.permutation(numpy.flatnonzero(label == k))
        known = 2000 if thin == "imb" and k % 2 == 0 else int(n)
        for at, place in enumerate(order):
            if at < known:
                yield place, NAMES[k], "train"
            elif at >= len(order) - VALIDATION:
                yield place, NAMES[k], "validation"
            elif rest:
                yield place, "", "train"


def many(label):
    for k in range(10):
        for at, place in enumerate(numpy.flatnonzero(label == k)):
            yield place, "%s_%02d" % (NAMES[k], at % 100), "validation" if at % 600 < 100 else "train"


def main():
    kind, folder = sys.argv[1:]
    os.makedirs(folder)
    images, label = idx("train-images-idx3-ubyte.gz"), idx("train-labels-idx1-ubyte.gz")
    with open(f"{folder}/index.csv", "w") as index:
        print("file,category,split", file=index)

        def put(name, picture, category, split):
            with open(f"{folder}/{name}.png", "wb") as out:
                out.write(png(picture))
            print(f"{name}.png,{category},{split}", file=index)
        for place, category, split in sorted(many(label) if kind == "many" else chosen(kind, label)):
            put("%05d" % place, images[place], category, split)
        if kind == "many":
            return
        images, label = idx("t10k-images-idx3-ubyte.gz"), idx("t10k-labels-idx1-ubyte.gz")
        for place in range(len(label)):
            put("t%05d" % place, images[place], NAMES[label[place]], "test")


if __name__ == "__main__":
    main()
