"""A run of `scripts/deployed localemu`, inside of its namespaces."""

from .. import imported_body, trials
from ..authenticators import ORIGIN, RP_ID
from ..client import Api
from ..journeys import JOURNEYS
from ..journeys.trial import Trial
from ..permissions import problem_of
from ..runs import Failed, Run
from ..stack import Stack
from . import gaps, keys
from .engine import Engine
from .fitted import fitted
from .mailbox import FROM, Mailbox


class LocalEmuRun(Run):
    def localemu(self):
        self.deploy()
        self.step("stories")
        self.add(stories(self.at))
        self.step("end-to-end tests of any service")
        for name, gap in gaps.END_TO_END.items():
            print(f"    {name}: {gap}")
        self.add(trials.end_to_end(self.url, self.work, "localemu", gaps.END_TO_END))
        self.step("the end of the stack")
        for name, gap in gaps.LOST.items():
            print(f"    {name}: {gap}")
        self.add(trials.teardown(self.stack, gaps.LOST))

    def deploy(self):
        self.step("Docker and LocalEmu")
        for gap in (gaps.ENDPOINTS, gaps.GATEWAY_RESPONSES, gaps.CUSTOM_RESOURCE):
            print(f"    {gap}")
        engine = Engine(self.work)
        engine.start()
        self.template = fitted(self.copy_build())
        self.step("sam deploy")
        self.stack = Stack("ratchet", engine, self.template)
        parameters = [f"Architecture={self.architecture}", f"MailFrom={FROM}", f"AppUrl={ORIGIN}"]
        parameters += [f"RpId={RP_ID}", f"PasskeyOrigins={ORIGIN}", "NewDeviceMail=true"]
        mailbox = Mailbox()
        if not self.stack.deploy(self.build, *parameters):
            raise Failed(f"sam deploy has failed: {self.stack.failures()}")
        imported_body.put(self.stack, preflights=False)
        if self.stack.output("SigningKeyId") != "unknown":
            self.add([f"no longer a gap, so take it out of gaps.py: {gaps.CUSTOM_RESOURCE}"])
        keys.make(self.stack)
        self.url = self.stack.url.replace("https:", "http:")
        self.at = Trial(Api(self.url), self.stack, mailbox)


def stories(at):
    for journey in JOURNEYS:
        name = journey.__name__
        if gap := gaps.SLOW.get(name) or gaps.STORIES.get(name):
            print(f"    {name}: {gap}", flush=True)
        if name in gaps.SLOW:
            continue
        problem = problem_of(journey, at)
        if problem and name not in gaps.STORIES:
            yield f"{name}: {problem}"
        if not problem and name in gaps.STORIES:
            yield f"no longer a gap, so take it out of gaps.py: {name}"
