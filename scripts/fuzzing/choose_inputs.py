"""Prints the few inputs that reach most beyond the seeds: choose_inputs.py CONTROL_FILE MOST.

The control file is libFuzzer's, of a merge with -set_cover_merge=1: the number of files, how many of them are seeds, a
path a line, and then for each file `STARTED number bytes` and `FT number feature...`.
"""

import pathlib
import sys


def read(control_file):
    """The paths, the features of the seeds, and size and features of each other file by its number."""
    lines = pathlib.Path(control_file).read_text().splitlines()
    count, seeds = int(lines[0]), int(lines[1])
    paths, reached, sizes, files = lines[2 : 2 + count], set(), {}, {}
    for line in lines[2 + count :]:
        kind, number, *rest = line.split()
        if kind == "STARTED":
            sizes[int(number)] = int(rest[0])
        elif kind == "FT" and int(number) < seeds:
            reached.update(rest)
        elif kind == "FT":
            files[int(number)] = (sizes[int(number)], set(rest))
    return paths, reached, files


def choose(reached, files, most):
    """Greedily the file that adds most, the smaller of two that add the same."""
    for _ in range(most):
        best = max(files, key=lambda number: (len(files[number][1] - reached), -files[number][0]), default=None)
        if best is None or not files[best][1] - reached:
            return
        reached |= files.pop(best)[1]
        yield best


if __name__ == "__main__":
    paths, reached, files = read(sys.argv[1])
    for number in choose(reached, files, int(sys.argv[2])):
        print(paths[number])
