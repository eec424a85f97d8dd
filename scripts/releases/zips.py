"""Zips of functions, in which nothing but the binary differs: no time, no owner, one order."""

import hashlib
import zipfile

# The earliest that the format knows.
NO_TIME = (1980, 1, 1, 0, 0, 0)
EXECUTABLE = 0o100755


def pack(bootstrap, path):
    entry = zipfile.ZipInfo("bootstrap", NO_TIME)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = EXECUTABLE << 16
    # Of Unix, whatever packs it: Lambda takes the permissions from there.
    entry.create_system = 3
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(entry, bootstrap.read_bytes(), compresslevel=9)


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def sums(folder):
    """The text of SHA256SUMS: every file below the folder but itself, as `sha256sum --check` reads it."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "SHA256SUMS")
    return "".join(f"{digest(path)}  {path.relative_to(folder)}\n" for path in files)
