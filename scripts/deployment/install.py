"""What a stranger does who has the folder of a release and the AWS CLI, but neither cargo nor the SAM CLI: the commands of the
folder's README.
"""

import pathlib
import re
import shutil
import subprocess
import sys

import yaml
from releases import FOLDER, zips

from . import trials
from .fitted import fitted
from .stack import Stack

BLOCK = re.compile(r"<!-- install:start -->\n```sh\n(.*?)```\n<!-- install:end -->", re.DOTALL)
NOT_THERE = ("cargo", "rustc", "sam")


def from_release(run):
    folder = run.work / "stranger"
    shutil.copytree(FOLDER, folder)
    if (folder / "SHA256SUMS").read_text() != zips.sums(folder):
        yield f"the sums of {FOLDER} are wrong"
    template = fitted(yaml.safe_load((folder / "template.yaml").read_text()))[0]
    (folder / "template.yaml").write_text(yaml.safe_dump(template, sort_keys=False))
    (folder / "SHA256SUMS").write_text(zips.sums(folder))
    path = f"{pathlib.Path(sys.executable).parent}:/usr/bin:/bin"
    if there := [name for name in NOT_THERE if shutil.which(name, path=path)]:
        yield f"a stranger would have {', '.join(there)} too"
        return
    commands = BLOCK.search((folder / "README.md").read_text())[1].replace("bucket=your-bucket", "bucket=strangers-bucket")
    script = "aws s3 mb s3://strangers-bucket\n" + commands.replace("--stack-name ratchet ", "--stack-name stranger ")
    environment = {**run.environment, "PATH": path}
    ended = subprocess.run(["bash", "-euo", "pipefail", "-c", script], cwd=folder, env=environment, capture_output=True, text=True)
    if ended.returncode:
        yield f"the commands of the release's README failed:\n{(ended.stdout + ended.stderr)[-2000:]}"
        return
    stack = Stack("stranger", run.emulator, template)
    stack.find_url()
    if (said := ended.stdout.splitlines()[-1]) != stack.url:
        yield f"the last command printed {said} in place of {stack.url}"
    yield from trials.sign_in_works(stack.url)
    stack.delete()
