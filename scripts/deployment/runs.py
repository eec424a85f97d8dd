"""What a run has, whatever it tries: a folder, a clock, and the problems that were found."""

import os
import platform
import shutil
import time

import yaml

STARTED = time.monotonic()


class Failed(Exception):
    """The run can't go on."""


class Run:
    def __init__(self, work, broken):
        self.work = work
        self.broken = broken
        self.problems = []
        self.build = work / "build"
        self.architecture = "arm64" if platform.machine() in ("aarch64", "arm64") else "x86_64"

    def step(self, name):
        print(f"-- {name} ({seconds():.0f} s)", flush=True)

    def add(self, problems):
        for problem in problems:
            print(f"FAIL {problem}", flush=True)
            self.problems.append(problem)

    def copy_build(self):
        """What `sam build` made, in a folder of this run. Returns its template."""
        shutil.copytree(os.environ["RATCHET_BUILD"], self.build, copy_function=os.link)
        return yaml.safe_load((self.build / "template.yaml").read_text())


def seconds():
    """How long the run has taken."""
    return time.monotonic() - STARTED
