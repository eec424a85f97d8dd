"""The template as it is deployed to the emulator: without what gaps.py says that it does not take."""

import json

from .gaps import METRIC_MATH, SECRET_REF

ALARM, SECRET = "AWS::CloudWatch::Alarm", "AWS::SecretsManager::Secret"


def fitted(template):
    """The fitted template, and what was done to it: each name with its gap."""
    template = json.loads(json.dumps(template))
    resources, done = template["Resources"], []
    for name in [name for name, each in resources.items() if each["Type"] == ALARM and "Metrics" in each["Properties"]]:
        del resources[name]
        done.append((name, METRIC_MATH))
    secrets = [name for name, each in resources.items() if each["Type"] == SECRET]
    done += [(name, SECRET_REF) for name in secrets]
    for part in ("Resources", "Outputs"):
        template[part] = _with_ids(template[part], secrets)
    return template, done


def _with_ids(node, secrets):
    if isinstance(node, list):
        return [_with_ids(each, secrets) for each in node]
    if not isinstance(node, dict):
        return node
    if len(node) == 1 and node.get("Ref") in secrets:
        return {"Fn::GetAtt": [node["Ref"], "Id"]}
    return {key: _with_ids(each, secrets) for key, each in node.items()}
