"""Runs one library in a process of its own, as worker.js does.

python worker.py verifiers/pyjwt.py '{"issuer": ...}'
"""

import json
import os
import runpy
import sys

file, setting = sys.argv[1:]
module = runpy.run_path(os.path.join(os.path.dirname(os.path.abspath(__file__)), file))
opened = None


def answer(call):
    """A library that can't even be set up gives that as its answer to each call."""
    global opened
    try:
        opened = opened or module["open"](json.loads(setting))
        return {"value": opened[call["method"]](*call["parameters"])}
    except Exception as error:
        code = module.get("code_of", lambda _: None)(error)
        return {"error": {"code": code, "message": said_by(error.__cause__ or error)}}


def said_by(error):
    return f"{type(error).__name__}: {error}"


with os.fdopen(3, "w") as answers:
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), file=answers, flush=True)
