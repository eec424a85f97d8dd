"""What callgrind writes down about one operation.

The work of the cryptographic library is told from our own: a signature takes many times the instructions of all else, and
a token parsed twice would not show beside it.
"""

import re
from collections import defaultdict

AWS_LC = re.compile(r"aws_lc_\d+_")


def counts(text):
    """The instructions in all, divided into our own and those of aws-lc with all that it calls."""
    total, calls = read(text)
    if total == 0:
        raise ValueError("nothing was counted: is the function still there that callgrind looks for?")
    library = of_library(calls)
    inside = sum(cost for (caller, callee), cost in calls.items() if caller not in library and callee in library)
    return {"own": total - inside, "aws-lc": inside}


def read(text):
    """The total, and what each pair of caller and callee cost, from the callgrind format with names in full."""
    total, calls, caller, callee, called = 0, defaultdict(int), "", "", False
    for line in text.splitlines():
        key, _, value = line.partition("=")
        if called:
            calls[caller, callee] += int(line.split()[1])
            called = False
        elif key == "fn":
            caller = value
        elif key == "cfn":
            callee = value
        elif key == "calls":
            called = True
        elif line.startswith("totals:"):
            total += int(line.split()[1])
    return total, calls


def of_library(calls):
    """The functions of aws-lc: those with its prefix, and, since functions of one file have none, those that only such
    functions call."""
    callers = defaultdict(set)
    for caller, callee in calls:
        callers[callee].add(caller)
    library = {name for pair in calls for name in pair if AWS_LC.search(name)}
    while more := {callee for callee, by in callers.items() if callee not in library and by <= library}:
        library |= more
    return library
