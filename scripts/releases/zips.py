"""Zips of functions, in which nothing but the binary differs: no time, no owner, one order."""

import hashlib
import zipfile

# The earliest that the format knows.
NO_TIME = (1980, 1, 1, 0, 0, 0)
EXECUTABLE = 0o100755
# e_machine in the header of an ELF file.
MACHINES = {62: "x86_64", 183: "arm64"}


def architecture_of(binary):
    """The instruction set that a binary is built for, in Lambda's words, or None if it is no program for Lambda."""
    return MACHINES.get(int.from_bytes(binary[18:20], "little")) if binary[:4] == b"\x7fELF" else None


def pack(bootstrap, path, architecture=None):
    """Writes the zip of a binary. One that is built for another architecture than this is refused, if one is given."""
    binary = bootstrap.read_bytes()
    if architecture and (found := architecture_of(binary)) != architecture:
        raise SystemExit(f"release: {bootstrap} is built for {found or 'no Lambda function'}, not for {architecture}")
    entry = zipfile.ZipInfo("bootstrap", NO_TIME)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = EXECUTABLE << 16
    # Of Unix, whatever packs it: Lambda takes the permissions from there.
    entry.create_system = 3
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(entry, binary, compresslevel=9)


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def sums(folder):
    """The text of SHA256SUMS: every file below the folder but itself, as `sha256sum --check` reads it."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "SHA256SUMS")
    return "".join(f"{digest(path)}  {path.relative_to(folder)}\n" for path in files)
