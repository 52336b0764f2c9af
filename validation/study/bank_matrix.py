#!/usr/bin/python3
"""Benchmark series as plain matrices for validation/study/bank.c.

usage: bank_matrix.py DATA_DIR OUT_DIR [m3|m4|parts|m5]

Writes OUT_DIR/NAME.mat: six int32 (series, length, horizon, season, longer season, counts), then
float32 history [series][length], right aligned with NaN before, then the actuals [series][horizon].
"""
import array
import lzma
import math
import os
import subprocess
import sys


def write(out, name, series, horizon, season, season2, counts):
    length = max(len(x) for x, _ in series)
    with open(os.path.join(out, name + '.mat'), 'wb') as f:
        array.array('i', [len(series), length, horizon, season, season2, counts]).tofile(f)
        for x, _ in series:
            array.array('f', [math.nan] * (length - len(x)) + x).tofile(f)
        for _, a in series:
            array.array('f', a).tofile(f)
    print(f'{name}: {len(series)} series, up to {length} values, {horizon} ahead')


def m3(data, out):
    text = lzma.open(os.path.join(data, 'm3', 'm3.txt.xz'), 'rt').read().splitlines()
    sets = {}
    for head, x, xx in zip(text[0::3], text[1::3], text[2::3]):
        head = head.split(',')
        pair = [[float(v) for v in line.split(',')[1:]] for line in (x, xx)]
        sets.setdefault((head[1].lower(), int(head[2]), int(head[5])), []).append(pair)
    for (period, season, horizon), series in sets.items():
        write(out, 'm3_' + period, series, horizon, season, 0, 0)


def rows(path):
    for line in lzma.open(path, 'rt').read().splitlines()[1:]:
        cells = [c.strip('"') for c in line.split(',')[1:]]
        yield [float(c) for c in cells if c not in ('', 'NA')]


def m4(data, out):
    for period, season, season2, horizon in (('Weekly', 1, 52, 13), ('Hourly', 24, 168, 48)):
        base = os.path.join(data, 'm4', period)
        series = list(zip(rows(base + '-train.csv.xz'), rows(base + '-test.csv.xz')))
        write(out, 'm4_' + period.lower(), series, horizon, season, season2, 0)


def parts(data, out):
    text = lzma.open(os.path.join(data, 'intermittent', 'carparts.csv.xz'), 'rt').read()
    series = []
    for line in text.splitlines()[1:]:
        x = [math.nan if c in ('', 'NA') else float(c) for c in line.split(',')[1:]]
        series.append((x[:-12], x[-12:]))
    write(out, 'carparts', series, 12, 12, 0, 1)


def m5(data, out, end, stride=1):
    """history to day `end`, the 28 days after it as actuals; never later than day 1941"""
    path = os.path.join(data, 'm5', 'sales_d1_d1941.i16.zst')
    raw = array.array('h')
    raw.frombytes(subprocess.run(['zstd', '-dc', path], check=True, stdout=subprocess.PIPE).stdout)
    series = []
    for i in range(0, 30490, stride):
        days = raw[i * 1941:(i + 1) * 1941]
        series.append(([float(v) for v in days[:end]], [float(v) for v in days[end:end + 28]]))
    write(out, f'm5_{end}' + (f'_{stride}' if stride > 1 else ''), series, 28, 7, 0, 1)


def m5_windows(data, out):
    for end in (1857, 1885, 1913):
        m5(data, out, end, 10)


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    data, out = os.path.join(sys.argv[1], 'forecast'), sys.argv[2]
    makers = {'m3': m3, 'm4': m4, 'parts': parts, 'm5': m5_windows}
    os.makedirs(out, exist_ok=True)
    for name in sys.argv[3:] or makers:
        makers[name](data, out)


main()
