"""A stack on the emulator: its template as it was deployed, what it is called, and what it puts out."""

import json
import pathlib
import subprocess
import urllib.parse

import boto3
from botocore.exceptions import ClientError

RETAINED = ("Retain", "RetainExceptOnCreate")


class Stack:
    def __init__(self, name, emulator, template):
        self.name = name
        self.emulator = emulator
        self.template = template
        self.cloudformation = boto3.client("cloudformation")
        self.url = None

    def deploy(self, build, *parameters, template=None):
        """`sam deploy` of a folder that `sam build` wrote. Returns whether it went well; what it said is in `said`."""
        file = pathlib.Path(build, "fitted.json")
        file.write_text(json.dumps(template or self.template))
        command = ["sam", "deploy", "--template-file", str(file), "--stack-name", self.name, "--resolve-s3"]
        command += ["--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset", "--no-progressbar"]
        ended = subprocess.run(
            [*command, "--parameter-overrides", *parameters], capture_output=True, text=True, cwd=self.emulator.work
        )
        self.said = ended.stdout + ended.stderr
        if ended.returncode == 0:
            self.find_url()
        return ended.returncode == 0

    def failures(self):
        """Why a deployment has failed: what the stack says of each resource, or what the SAM CLI said."""
        try:
            pages = self.cloudformation.get_paginator("describe_stack_events").paginate(StackName=self.name)
            events = [each for page in pages for each in page["StackEvents"]]
        except ClientError:
            events = []
        failed = [each for each in events if each["ResourceStatus"].endswith("_FAILED")]
        said = [f"{each['LogicalResourceId']}: {each.get('ResourceStatusReason', each['ResourceStatus'])}" for each in failed]
        return "; ".join(said) or self.said[-3000:]

    def find_url(self):
        """The address that the stack puts out, whose name now leads to the emulator."""
        url = self.output("ApiUrl")
        if url != self.url:
            self.emulator.add_hosts(urllib.parse.urlsplit(url).hostname)
            self.url = url

    def status(self):
        try:
            return self._description()["StackStatus"]
        except ClientError:
            return "none"

    def output(self, key):
        return next(each["OutputValue"] for each in self._description()["Outputs"] if each["OutputKey"] == key)

    def physical(self, logical):
        found = self.cloudformation.describe_stack_resource(StackName=self.name, LogicalResourceId=logical)
        return found["StackResourceDetail"]["PhysicalResourceId"]

    def resources(self, kind):
        """The logical names of what the stack has of a kind."""
        pages = self.cloudformation.get_paginator("list_stack_resources").paginate(StackName=self.name)
        every = [each for page in pages for each in page["StackResourceSummaries"]]
        return [each["LogicalResourceId"] for each in every if each["ResourceType"] == kind]

    def processed(self):
        body = self.cloudformation.get_template(StackName=self.name, TemplateStage="Processed")["TemplateBody"]
        return json.loads(body) if isinstance(body, str) else body

    def parameters(self):
        return {each["ParameterKey"]: each["ParameterValue"] for each in self._description().get("Parameters", [])}

    def recover(self):
        """Finishes a rollback that has failed too, once its cause is gone, as an operator does."""
        if self.status() == "UPDATE_ROLLBACK_FAILED":
            self.cloudformation.continue_update_rollback(StackName=self.name)
            self.cloudformation.get_waiter("stack_rollback_complete").wait(StackName=self.name, WaiterConfig={"Delay": 1})

    def retained(self):
        """The logical names of what must outlive the stack."""
        return [name for name, each in self.template["Resources"].items() if each.get("DeletionPolicy") in RETAINED]

    def delete(self):
        self.cloudformation.delete_stack(StackName=self.name)
        self.cloudformation.get_waiter("stack_delete_complete").wait(StackName=self.name, WaiterConfig={"Delay": 1})

    def _description(self):
        return self.cloudformation.describe_stacks(StackName=self.name)["Stacks"][0]
