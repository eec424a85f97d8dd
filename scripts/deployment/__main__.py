"""A run of scripts/deployed, inside of its namespaces."""

import argparse
import os
import pathlib
import sys

from . import imported_body, install, permissions, trials
from .authenticators import ORIGIN, RP_ID
from .breaks import BREAKS
from .client import Api, Inbox
from .emulator import Emulator
from .fitted import fitted
from .journeys.trial import Trial
from .localemu.run import LocalEmuRun
from .mails import MailFunction
from .runs import Failed, Run, seconds
from .stack import Stack


class MiniStackRun(Run):
    def deploy(self):
        """The stack of `sam build`, in a copy whose template is fitted to the emulator, and what plays around it."""
        self.step("MiniStack, with IAM enforced")
        self.emulator = Emulator(self.work)
        self.emulator.start()
        self.environment = dict(os.environ)
        template = self.copy_build()
        if self.broken:
            BREAKS[self.broken](template)
        self.template, gaps = fitted(template)
        for name, gap in gaps:
            print(f"    {name}: {gap}")
        self.step("sam deploy")
        self.mails = MailFunction(self.work)
        self.stack = Stack("ratchet", self.emulator, self.template)
        parameters = [f"Architecture={self.architecture}", f"MailFunctionArn={self.mails.create()}", f"AppUrl={ORIGIN}"]
        parameters += [f"RpId={RP_ID}", f"PasskeyOrigins={ORIGIN}", "NewDeviceMail=true"]
        if not self.stack.deploy(self.build, *parameters):
            raise Failed(f"sam deploy has failed: {self.stack.failures()}")
        print("   ", "{} gateway responses and {} preflights were put".format(*imported_body.put(self.stack)))
        self.at = Trial(Api(self.stack.url), self.stack, Inbox(self.mails.file))

    def all(self):
        self.deploy()
        self.step("end-to-end tests of any service, and scripts/smoke beside them")
        smoke = trials.start_smoke(self.stack)
        self.add(trials.end_to_end(self.stack.url, self.work, "ministack"))
        self.step("stories")
        self.add(trials.journeys(self.at))
        self.step("what a stranger installs from the folder of a release")
        self.add(install.from_release(self))
        self.step("scripts/smoke: the end")
        self.add(trials.end_smoke(smoke))
        self.step("scripts/set-parameters, and a rotation of the keys")
        self.add(trials.rotation(self.at))
        self.step("a failure, and its rollback")
        self.add(trials.rollback(self.at, self.build, self.template))
        self.step("the end of the stack")
        self.add(trials.teardown(self.stack))

    def permissions(self):
        self.deploy()
        self.step("each permission is taken away")
        self.add(permissions.problems(self.at))


def main():
    arguments = argparse.ArgumentParser(prog="scripts/deployed", description=trials.__doc__)
    arguments.add_argument("what", nargs="?", choices=["all", "permissions", "localemu"], default="all")
    arguments.add_argument("--break", dest="broken", choices=sorted(BREAKS))
    given = arguments.parse_args()
    if given.broken and given.what != "all":
        arguments.error("--break is for a run of all")
    kind = LocalEmuRun if given.what == "localemu" else MiniStackRun
    run = kind(pathlib.Path(os.environ["RATCHET_WORK"]), given.broken)
    try:
        getattr(run, given.what)()
    except Failed as failed:
        run.add([str(failed)])
    if run.problems:
        sys.exit(f"deployed: {len(run.problems)} things are wrong ({seconds():.0f} s); logs are in {run.work}")
    print(f"deployed: nothing but the known gaps ({seconds():.0f} s)")


if __name__ == "__main__":
    main()
