"""A source file in Rust, as tree-sitter reads it."""

import re

import tree_sitter
import tree_sitter_rust

PARSER = tree_sitter.Parser(tree_sitter.Language(tree_sitter_rust.language()))
SKIPPED = ("line_comment", "block_comment", "string_literal", "raw_string_literal", "char_literal")


def read(text):
    """The root of its syntax tree."""
    return PARSER.parse(text.encode()).root_node


def items(parent):
    """The items of a file or a block, but for those of tests; each with the path that an attribute gives it, if one does."""
    attributes = []
    for node in parent.named_children:
        if node.type == "attribute_item":
            attributes.append(node.text.decode())
        elif node.type not in SKIPPED:
            if not any(re.search(r"\bcfg\(.*\btest\b", each) for each in attributes):
                path = [found for each in attributes for found in re.findall(r'^#\[path = "(.*)"\]$', each)]
                yield node, (path or [None])[0]
            attributes = []


def tests(parent):
    """The items of tests, and their attributes."""
    kept = {node.id for node, _ in items(parent)}
    pending = []
    for node in parent.named_children:
        if node.type == "attribute_item":
            pending.append(node)
        elif node.type not in SKIPPED:
            if node.id not in kept:
                yield from [*pending, node]
            pending = []


def name(node):
    return node.child_by_field_name("name").text.decode()


def imports(argument, before=()):
    """What a `use` names: the path of each import, and the name that it has here; `*` for all of a module."""
    if argument.type in ("use_list", "scoped_use_list"):
        path = argument.child_by_field_name("path")
        listed = argument if argument.type == "use_list" else argument.child_by_field_name("list")
        here = (*before, *(segments(path) if path else ()))
        for each in listed.named_children:
            if each.type not in SKIPPED:
                yield from imports(each, here)
    elif argument.type == "use_as_clause":
        path = (*before, *segments(argument.child_by_field_name("path")))
        yield path, argument.child_by_field_name("alias").text.decode()
    elif argument.type == "use_wildcard":
        yield (*before, *(segments(argument.named_children[0]) if argument.named_children else ())), "*"
    else:
        path = (*before, *segments(argument))
        path = path[:-1] if path[-1] == "self" and len(path) > 1 else path
        yield path, path[-1]


def segments(path):
    return tuple(path.text.decode().replace(" ", "").split("::"))


def paths(node):
    """The paths of at least two segments in an item, those inside of macros too, and their lines."""
    found, joined = [], False
    for leaf in leaves(node):
        text = leaf.text.decode()
        if text == "::":
            joined = bool(found)
            continue
        is_word = re.fullmatch(r"\w+", text)
        if is_word and joined:
            found.append(text)
        else:
            if len(found) > 1:
                yield tuple(found), line
            found, line = [text] if is_word else [], leaf.start_point.row + 1
        joined = False
    if len(found) > 1:
        yield tuple(found), line


def leaves(node):
    if node.type in SKIPPED:
        return
    if not node.children:
        yield node
    for child in node.children:
        yield from leaves(child)
