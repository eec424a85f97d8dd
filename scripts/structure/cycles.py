"""Cycles between sibling modules: modules of one parent that name each other's items, directly or in a circle.

A module counts with all that is in it, but for tests. A child that names its parent's items is no cycle, and what a parent
only passes on (`pub use`) counts as its origin's. Not seen is what no path names: a method of a value that another module made.
"""

from . import source


class Module:
    """A module: its children, what its imports are called here, and the paths that it names."""

    def __init__(self, path, parent=None):
        self.path, self.parent = path, parent
        self.children, self.imports, self.named = {}, {}, []

    def read(self, parent, file, folder):
        """Takes in the items of a file, or of a module in one. `folder` is where files of its children are."""
        for node, at in source.items(parent):
            if node.type == "mod_item":
                self.child(node, at, file, folder)
            elif node.type == "use_declaration":
                self.uses(node, file)
            else:
                self.named += [(path, f"{file}:{line}") for path, line in source.paths(node)]

    def child(self, node, at, file, folder):
        name = source.name(node)
        module = self.children[name] = Module((*self.path, name), self)
        if body := node.child_by_field_name("body"):
            module.read(body, file, folder / name)
            return
        usual = [folder / f"{name}.rs", folder / name / "mod.rs"]
        there = file.parent / at if at else next(path for path in usual if path.exists())
        module.read(source.read(there.read_text()), there, folder / name)

    def uses(self, node, file):
        for path, alias in source.imports(node.child_by_field_name("argument")):
            self.named.append((path, f"{file}:{node.start_point.row + 1}"))
            if alias != "*":
                self.imports[alias] = path

    def everything(self):
        yield self
        for child in self.children.values():
            yield from child.everything()

    def resolve(self, path, seen=frozenset()):
        """The module of this crate that holds what a path names, or None."""
        if (self.path, path) in seen:
            return None
        seen = seen | {(self.path, path)}
        module, (first, *rest) = self, path
        if first == "crate":
            while module.parent:
                module = module.parent
        elif first == "super":
            module = self.parent
        elif first != "self":
            rest = [first, *rest]
            if first not in self.children and first not in self.imports:
                return None
        return module.descend(tuple(rest), seen) if module else None

    def descend(self, path, seen):
        if not path:
            return self
        first, *rest = path
        if first == "super":
            return self.parent.descend(tuple(rest), seen) if self.parent else None
        if first in self.children:
            return self.children[first].descend(tuple(rest), seen)
        if first in self.imports and self.imports[first] != path:
            return self.resolve((*self.imports[first], *rest), seen)
        return self


def crates(root):
    """The crates of a package: its library and its program."""
    for name in ("lib.rs", "main.rs"):
        file = root / "src" / name
        if file.exists():
            module = Module((root.name,))
            module.read(source.read(file.read_text()), file, file.parent)
            yield module


def siblings(crate):
    """What siblings name of each other: by parent and by pair, where they do so first."""
    found = {}
    for module in crate.everything():
        for path, place in module.named:
            target = module.resolve(path)
            pair = target and apart(module.path, target.path)
            if pair:
                parent, here, there = pair
                found.setdefault(parent, {}).setdefault((here, there), f"{place} {'::'.join(path)}")
    return found


def apart(here, there):
    """Where two paths of modules part: the parent, and the two children of it. None if one is above the other."""
    for place, (one, other) in enumerate(zip(here, there)):
        if one != other:
            return here[:place], one, other
    return None


def within_cycles(pairs):
    """The pairs that are part of a cycle: the second leads back to the first."""
    after = {}
    for here, there in pairs:
        after.setdefault(here, set()).add(there)
    return [pair for pair in pairs if pair[0] in reachable(after, pair[1])]


def reachable(after, start):
    seen, waiting = set(), [start]
    while waiting:
        for each in after.get(waiting.pop(), ()):
            if each not in seen:
                seen.add(each)
                waiting.append(each)
    return seen


def problems(package, root):
    """The cycles of a package, a line for each of the uses that make them. `root` is what paths are named from."""
    for crate in crates(package):
        for parent, pairs in sorted(siblings(crate).items()):
            for here, there in sorted(within_cycles(pairs)):
                place = pairs[here, there].removeprefix(f"{root}/")
                yield f"{'::'.join(parent)}: {here} names {there}, in a cycle: {place}"
