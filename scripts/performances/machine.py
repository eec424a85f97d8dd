"""What a run depends on: the machine, the versions, and the day. Nothing that names a computer or its owner."""

import datetime
import json
import os
import pathlib
import platform
import re
import subprocess
import time
import tomllib

from .suites import ROOT

# Of the many crates, those that do the work that is measured.
CRATES = ("lambda_runtime", "jsonwebtoken", "aws-lc-rs", "aws-sdk-dynamodb", "argon2", "argon2-rust")


def run(node, python):
    """Of this moment."""
    return {
        "date": datetime.date.today().isoformat(),
        "busy_percent": busy_percent(),
        "machine": machine(),
        "versions": versions(node, python),
    }


def busy_percent():
    """How busy all processors together are, over two seconds in which nothing of the bench runs."""
    before = processor_times()
    time.sleep(2)
    (idle, all_of_it) = (after - first for first, after in zip(before, processor_times()))
    return round(100 * (1 - idle / all_of_it))


def processor_times():
    """Since the machine's start: idle or waiting for a disk, and in all."""
    times = [int(each) for each in pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return times[3] + times[4], sum(times)


def machine():
    memory = re.search(r"^MemTotal:\s*(\d+) kB$", pathlib.Path("/proc/meminfo").read_text(), re.MULTILINE)
    return {
        "processor": processor(pathlib.Path("/proc/cpuinfo").read_text()),
        "architecture": platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(int(memory.group(1)) / 1024**2, 1),
        # What follows the number is whoever built it.
        "kernel": re.match(r"[\d.]+", platform.release()).group(),
    }


def processor(cpuinfo):
    """Its name, and what tells two of one name apart that hash at different speeds."""
    model = re.search(r"^model name\s*:\s*(.*)$", cpuinfo, re.MULTILINE)
    name = " ".join(model.group(1).split()) if model else "unknown"
    return f"{name} with AVX-512" if re.search(r"^flags\s*:.*\bavx512f\b", cpuinfo, re.MULTILINE) else name


def versions(node, python):
    said = lambda *command: subprocess.run(command, check=True, capture_output=True, text=True).stdout
    number = lambda text: re.search(r"\d+\.\d+\.\d+", text).group()
    found = {
        "rustc": number(said("rustc", "--version")),
        "Node.js": number(said(node, "--version")),
        "Python": number(said(python, "--version")),
    }
    return found | crates() | node_packages() | python_packages()


def crates():
    packages = tomllib.loads((ROOT / "Cargo.lock").read_text())["package"]
    return {package["name"]: package["version"] for package in packages if package["name"] in CRATES}


def node_packages():
    found = {}
    for folder in ("runtime", "node", "openauth"):
        lock = json.loads((ROOT / f"bench/peers/{folder}/package-lock.json").read_text())["packages"]
        found |= {name: lock[f"node_modules/{name}"]["version"] for name in lock[""]["dependencies"]}
    return found


def python_packages():
    requirements = (ROOT / "scripts/requirements/bench.txt").read_text()
    return {name: version for name, version in re.findall(r"^([\w-]+)(?:\[.*\])?==(\S+)$", requirements, re.MULTILINE)}
