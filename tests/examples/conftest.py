"""Paths, and a reader of CloudFormation's YAML."""

import pathlib

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
RESOURCES = ROOT / "resources"


class Intrinsic(yaml.SafeLoader):
    """Turns `!Sub x` into {"Fn::Sub": x}: the long form, as CloudFormation itself reads it."""


def _intrinsic(loader, suffix, node):
    name = suffix if suffix in ("Ref", "Condition") else "Fn::" + suffix
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
        if suffix == "GetAtt":
            value = value.split(".", 1)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    return {name: value}


Intrinsic.add_multi_constructor("!", _intrinsic)


def template(name):
    return yaml.load((EXAMPLES / "infrastructure" / name).read_text(), Intrinsic)
