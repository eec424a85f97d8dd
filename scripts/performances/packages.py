"""What is deployed, zipped. MB are 10^6 bytes."""

import io
import pathlib
import zipfile

from .suites import ROOT

# At most so many MB on x86-64.
BUDGETS = {"authorizer": 1.7, "refresh": 4.2, "logout": 4.2, "login": 4.6, "register": 4.6}
# What `python3 -m venv` brings along.
OF_THE_VENV = ("pip", "setuptools", "_distutils_hack", "distutils-precedence.pth", "pkg_resources")
# What Lambda has: AWS's client of the Runtime API, and what it needs.
OF_LAMBDA = ("awslambdaric", "runtime_client", "simplejson", "snapshot_restore_py")


def zipped(files):
    """The size of a package of these (path, name in it), deflated as AWS's own tools do, in bytes."""
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, name in files:
            archive.write(path, name)
    return package.tell()


def function(binary):
    """A function's package: its binary, under the name that Lambda's runtime asks for."""
    return zipped([(binary, "bootstrap")])


def functions():
    """The names of all functions, those with a budget first."""
    names = sorted(folder.name for folder in (ROOT / "functions").iterdir() if (folder / "src/main.rs").exists())
    return sorted(names, key=lambda name: list(BUDGETS).index(name) if name in BUDGETS else len(BUDGETS))


def measure(built, python):
    """The suite `packages`, of what cargo-lambda has left in this folder for `sam build`."""
    files = {name: [(built / name / "bootstrap", "bootstrap")] for name in functions()} | peers(python)
    packages = [
        {"name": name, "bytes": sum(path.stat().st_size for path, _ in inside), "zipped_bytes": zipped(inside)}
        for name, inside in files.items()
    ]
    return {"suite": "packages", "packages": packages, "budgets": budgets(packages)}


def budgets(packages):
    sizes = {package["name"]: package["zipped_bytes"] / 1e6 for package in packages}
    return [
        {
            "promise": f"zipped: {name}",
            "bound": bound,
            "at_least": False,
            "unit": "MB",
            "measured": sizes[name],
            "holds": sizes[name] <= bound,
        }
        for name, bound in BUDGETS.items()
    ]


def peers(python):
    """What peers of the authorizer would deploy; the runtime that they need is Lambda's."""
    node = ROOT / "bench/peers/node/bundled"
    scripts = {"aws-jwt-verify": "Node.js, aws-jwt-verify (bundled)", "jose": "Node.js, jose (bundled)"}
    found = {name: [(node / f"{script}.mjs", "index.mjs")] for script, name in scripts.items()}
    site = next((pathlib.Path(python).parent.parent / "lib").glob("python3*/site-packages"))
    inside = [path.relative_to(site) for path in sorted(site.rglob("*")) if path.is_file()]
    wanted = lambda path: "__pycache__" not in path.parts and not path.parts[0].startswith(OF_THE_VENV + OF_LAMBDA)
    return found | {"Python, PyJWT and cryptography": [(site / path, path) for path in inside if wanted(path)]}
