"""What Cargo checks in no workspace, or in each of them alone."""

import json
import pathlib
import subprocess
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
# Tables of bench/Cargo.toml that are copies of the root's: the whole of it, or a part.
WHOLE_COPIES = ("workspace.package", "workspace.lints", "profile.release")
PARTIAL_COPIES = ("workspace.dependencies", "profile.dev")


def manifests():
    """Every Cargo.toml that is committed or about to be, by its path from the root."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*Cargo.toml"]
    paths = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True, text=True).stdout.split()
    return {path: tomllib.loads((ROOT / path).read_text()) for path in paths if (ROOT / path).exists()}


def packages(path):
    """The packages that the workspace of this Cargo.toml can build; None if its lock file does not go with it."""
    command = ["cargo", "metadata", "--locked", "--format-version", "1", "--manifest-path", path]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        return None
    return {(package["name"], package["version"]) for package in json.loads(done.stdout)["packages"]}


def locked(path):
    """The versions in the lock file beside this Cargo.toml, by package."""
    versions = {}
    for package in tomllib.loads((ROOT / path).with_name("Cargo.lock").read_text())["package"]:
        versions.setdefault(package["name"], set()).add(package["version"])
    return versions


def overrides(path, manifest, known):
    """Profile overrides that match no package. Cargo warns at most, and builds without them."""
    if "profile" in manifest and "workspace" not in manifest:
        yield f"{path}: Cargo ignores [profile] here: this is no workspace's root"
        return
    for profile, settings in manifest.get("profile", {}).items():
        for spec in settings.get("package", {}):
            name, _, version = spec.partition("@")
            matching = [found for found in known if found[0] == name and found[1].startswith(version)]
            if spec != "*" and not matching:
                yield f"{path}: [profile.{profile}.package] {spec} matches no package of this workspace"


def compatible(version):
    """What Cargo calls compatible: it chooses one version of these for a whole workspace."""
    numbers = version.split("+")[0].split("-")[0].split(".")
    leading = next((place for place, number in enumerate(numbers) if number != "0"), len(numbers) - 1)
    return tuple(numbers[: leading + 1])


def steps(path, main, other):
    """Packages that another workspace builds in another version than the main one, though it could be the same."""
    for name in sorted(main.keys() & other.keys()):
        chosen = {compatible(version): version for version in main[name]}
        for version in sorted(other[name]):
            if chosen.get(compatible(version), version) != version:
                yield f"{path}: {name} is locked at {version}, in the main workspace at {chosen[compatible(version)]}"


def table(manifest, name):
    for key in name.split("."):
        manifest = manifest.get(key, {})
    return manifest


def without_paths(dependency):
    return {key: value for key, value in dependency.items() if key != "path"} if isinstance(dependency, dict) else dependency


def copies(path, root, copy):
    """Tables that are said to be copies of the root's, and are not."""
    for name in WHOLE_COPIES:
        if table(copy, name) != table(root, name):
            yield f"{path}: [{name}] is not a copy of the root's"
    for name in PARTIAL_COPIES:
        yield from differences(f"{path}: [{name}]", table(root, name), table(copy, name))


def differences(place, root, copy):
    for key, value in copy.items():
        if key in root and key == "package":
            yield from differences(f"{place} package", root[key], value)
        elif key in root and without_paths(root[key]) != without_paths(value):
            yield f"{place} {key} is another one than the root's"


def features(package):
    """Every package that a function alone is built from, with the features that it is built with."""
    pairs = (line.split("|") for line in cargo_tree(package, "normal", "none", "{p}|{f}"))
    return {name.split()[0]: set(features.split(",")) for name, features in pairs}


def cargo_tree(package, edges, prefix, form):
    """The lines of `cargo tree` for a function alone, without the marks of what has been shown before."""
    command = ["cargo", "tree", "--locked", "--package", package, "--edges", edges, "--prefix", prefix, "--format", form]
    lines = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout.splitlines()
    return [line.removesuffix(" (*)") for line in lines if line]


def raw_events(path, built):
    """A function that reads events as `serde_json::Value` cannot read one with a certain member if `raw_value` is on.
    lambda_http needs it on, and reads types of its own."""
    if "lambda_http" not in built and "raw_value" in built.get("serde_json", ()):
        yield f"{path}: serde_json is built with raw_value, and there is no lambda_http that needs it"


def tree(package):
    """What a function alone is built from: depth, package and features of each line of `cargo tree`."""
    for line in cargo_tree(package, "normal,build", "depth", "|{p}|{f}"):
        depth, name, features = line.split("|")
        yield int(depth), " ".join(name.split()[:2]), features


def below(root, lines):
    """The features of a package and of all that it depends on. `cargo tree` shows what is below a package once."""
    features, dependencies, path = {}, {}, []
    for depth, name, enabled in lines:
        path[depth:] = [name]
        features[name] = enabled
        dependencies.setdefault(name, set())
        if depth:
            dependencies[path[depth - 1]].add(name)
    found, left = {}, [name for name in features if name.split()[0] == root]
    while left:
        name = left.pop()
        if name not in found:
            found[name] = features[name]
            left += dependencies[name]
    return found


def compiled_again(functions):
    """Packages that Cargo compiles more than once, since functions ask for other features of them."""
    sets = {}
    for function, packages in functions.items():
        for package, features in packages.items():
            sets.setdefault(package, {}).setdefault(features, []).append(function)
    for package, by_features in sorted(sets.items()):
        if len(by_features) > 1:
            named = "; ".join(f"{', '.join(those)}: {features or 'none'}" for features, those in by_features.items())
            yield f"aws/Cargo.toml: functions build {package}, a part of the AWS SDK, with different features ({named})"


SDK = "aws-sdk-dynamodb"


def problems():
    found = manifests()
    functions = [path for path in found if path.startswith("functions/")]
    for path in functions:
        yield from raw_events(path, features(pathlib.Path(path).parent.name))
    yield from compiled_again({path: below(SDK, tree(pathlib.Path(path).parent.name)) for path in functions})
    for path, manifest in found.items():
        known = packages(path) if "workspace" in manifest else set()
        if known is None:
            yield f"{path}: the lock file beside it does not go with it"
            continue
        yield from overrides(path, manifest, known)
        if "workspace" in manifest and path != "Cargo.toml":
            yield from steps(path, locked("Cargo.toml"), locked(path))
    yield from copies("bench/Cargo.toml", found["Cargo.toml"], found["bench/Cargo.toml"])
