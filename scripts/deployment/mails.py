"""The function that stands for a sender of mail, as MailFunctionArn names one. It writes what it is given into a file."""

import io
import json
import zipfile

import boto3

CODE = """
import json, os

def handler(event, context):
    with open(os.environ["INBOX"], "a") as inbox:
        inbox.write(json.dumps(event) + "\\n")
"""
ANYONE = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}


class MailFunction:
    def __init__(self, work):
        self.file = work / "inbox.jsonl"

    def create(self):
        """Returns its ARN."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            archive.writestr("index.py", CODE)
        trust = json.dumps({"Version": "2012-10-17", "Statement": [ANYONE]})
        role = boto3.client("iam").create_role(RoleName="sender-of-mail", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        made = boto3.client("lambda").create_function(
            FunctionName="sender-of-mail",
            Runtime="python3.13",
            Handler="index.handler",
            Role=role,
            Code={"ZipFile": packed.getvalue()},
            Environment={"Variables": {"INBOX": str(self.file)}},
        )
        return made["FunctionArn"]
