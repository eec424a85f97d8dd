"""Operations, run under callgrind one by one.

What makes counts comparable between machines: on every host that has AVX2, valgrind shows programs the same processor, a
Core i7-4910MQ without ADX, SHA and AVX-512, so that aws-lc and the C library choose the same code. The compiler is pinned
by rust-toolchain.toml, dependencies by Cargo.lock; Debian's C library and compiler have a small part of the work. The
environment is empty, and each operation has a process of its own, so none depends on another. What is left to chance
(seeds of hash maps, what ES256 and RS256 draw, the time in a line of the log) moves a count by less than 2 %.
"""

import os
import pathlib
import platform
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

from . import profile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
FIGURES = ROOT / "bench/instructions/counts.json"
PROGRAM = ROOT / os.environ.get("CARGO_TARGET_DIR", "target") / "instructions/instructions"
COUNTED = "instructions::count::counted*"
CALLGRIND = ("--tool=callgrind", "--quiet", "--compress-strings=no", "--compress-pos=no", f"--toggle-collect={COUNTED}")


def prepare():
    """Installs valgrind if it is missing, and builds the program."""
    if platform.machine() != "x86_64" or sys.platform != "linux":
        sys.exit("instructions: the figures are those of x86-64 on Linux")
    if " avx2 " not in pathlib.Path("/proc/cpuinfo").read_text():
        sys.exit("instructions: the figures are those of a processor with AVX2")
    if not shutil.which("valgrind"):
        if not shutil.which("apt-get"):
            sys.exit("instructions: install valgrind first")
        subprocess.run(["apt-get", "update", "-qq"], check=True)
        apt = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "valgrind"]
        quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(apt, check=True, stdout=subprocess.DEVNULL, env=quiet)
    build = ["cargo", "build", "--quiet", "--locked", "--profile", "instructions", "-p", "instructions"]
    subprocess.run(build, check=True, cwd=ROOT / "bench")


def callgrind(name, output):
    command = [shutil.which("valgrind"), *CALLGRIND, f"--callgrind-out-file={output}", str(PROGRAM), name]
    done = subprocess.run(command, env={}, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"instructions: {name}: {done.stderr}")


def count(name):
    """The instructions of one operation: our own, and those of aws-lc."""
    with tempfile.NamedTemporaryFile() as output:
        callgrind(name, output.name)
        return profile.counts(pathlib.Path(output.name).read_text())


def count_all():
    """The counts of every operation, in the program's order."""
    listed = subprocess.run([PROGRAM], check=True, capture_output=True, text=True).stdout.splitlines()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(zip(listed, pool.map(count, listed)))


def annotate(name):
    """Prints the functions of one operation, each with all that it calls, the heaviest first."""
    with tempfile.NamedTemporaryFile() as output:
        callgrind(name, output.name)
        command = ["callgrind_annotate", "--inclusive=yes", output.name]
        return subprocess.run(command).returncode
