"""Programs that are timed side by side: they stay open and take turns, so a slow minute of the machine meets all of them, and a
ratio is the median of those of the rounds."""
import os, statistics, subprocess

from rows import BUILD, ENV

ROUNDS = int(os.environ.get("ROUNDS", "9"))
SECONDS = float(os.environ.get("SECONDS_A_TURN", "0.5"))


class Peer:
    """A program that answers "CASE SECONDS" with "CASE ms least samples", one or more processes."""

    def __init__(self, commands, folder=None, **env):
        self.processes = [subprocess.Popen(c, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                           text=True, cwd=folder,
                                           env=dict(ENV, OMP_NUM_THREADS="1", **env))
                          for c in commands]

    def tell(self, case):
        """What stands behind the case in the answer."""
        for p in self.processes:
            p.stdin.write(f"{case} {SECONDS}\n")
            p.stdin.flush()
        name, *answer = self.processes[0].stdout.readline().split()
        assert name == case
        return answer

    def ask(self, case):
        return float(self.tell(case)[0])

    def close(self):
        for p in self.processes:
            p.stdin.close()
            p.wait()


def turns(cases, rounds=ROUNDS):
    """Milliseconds of each peer, a round after the other; cases: name -> (peer, case)."""
    of = [{name: peer.ask(case) for name, (peer, case) in cases.items()} for _ in range(rounds)]
    return {name: [r[name] for r in of] for name in cases}


def ratio(ms, over, under):
    """The median over rounds of one peer's time over another's."""
    return statistics.median(a / b for a, b in zip(ms[over], ms[under]))


def peak():
    """GFLOP/s of a tile in the first cache, the most a product of floats could reach."""
    lines = subprocess.run(["taskset", "-c", "0", f"{BUILD}/validation/bench/gemm", "0.5", "usual",
                            "packed"], env=ENV, capture_output=True, text=True, check=True)
    return max(float(line.split()[-1]) for line in lines.stdout.splitlines())
