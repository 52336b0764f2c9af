"""Best values of the public linear programs, by the name of the file: the table that comes with them
(supply/OPTIMA.md), where it holds. Netlib's printed values are those of MINOS 5.3 (1988); for the
programs below they are off by 1e-6 to 1e-3 (dfl001: printed to six digits), as Koch, The final Netlib-LP results, Operations
Research Letters 32 (2004), was the first to prove. The values here lie between the value and the bound that
entrepot-plan proves from the files' own numbers, at most 6e-9 apart, and Clp 1.17 (barrier and crossover,
tolerances 1e-9) ends with the same ten digits; dfl001 rests on the first alone."""
import os, re

PROVED = {
    "80bau3b": 9.8722419241e5, "ganges": -1.0958573613e5, "greenbea": -7.2555248130e7, "greenbeb": -4.3022602612e6,
    "nesm": 1.4076036488e7, "pilot": -5.5748972928e2, "pilot.we": -2.7201075328e6, "pilot87": 3.0171034733e2,
    "scrs8": 9.0429695380e2, "dfl001": 1.1266396047e7,
}
# the objective of e226 has a constant, which the printed value leaves out; standgub is standata with marks
CONSTANT = {"e226": 7.113}
SAME = {"standgub": "standata"}


def optima(data_dir):
    """{"afiro": -464.75314286, ...}; a program without a known optimum is absent."""
    known = {}
    with open(os.path.join(data_dir, "supply/OPTIMA.md")) as f:
        for line in f:
            found = re.match(r"([A-Z0-9.-]+)\s+\d+\s+\d+\s+\d+.*?(-?[\d.]+[Ee][+-]\d+)(\s+\*\*)?$", line.strip())
            if found:
                name = found.group(1).lower()
                known[name] = float(found.group(2)) + CONSTANT.get(name, 0)
    for name, other in SAME.items():
        known[name] = known[other]
    return known | PROVED
