"""What SES was given, as LocalEmu keeps it: the same as client.Inbox, which reads what a function was given."""

import json
import pathlib
import re
import urllib.request

import boto3

from ..client import Inbox
from .engine import PORT

FROM = "trial@example.com"
TEXTS = pathlib.Path(__file__).resolve().parents[3] / "functions/mailer/texts"
LINK = re.compile(r"#(\w+)=(\S+)")
SUBJECT = re.compile(r"{% block subject %}(.*?){% endblock %}")


class Mailbox(Inbox):
    def __init__(self):
        boto3.client("sesv2").create_email_identity(EmailIdentity=FROM)
        self.subjects = {file.stem: _pattern(file.read_text()) for file in TEXTS.glob("*.txt")}

    def mails(self, address, kind):
        with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/_aws/ses") as answer:
            sent = json.load(answer)["messages"]
        mine = [mail for mail in sent if mail["Destination"]["ToAddresses"] == [address]]
        return [self._read(mail) for mail in mine if self.subjects[kind].fullmatch(mail["Subject"])]

    @staticmethod
    def _read(mail):
        link = LINK.search(mail["Body"]["text_part"])
        return {"code": link and link[2]}


def _pattern(text):
    """The subject of a text, whatever stands in its places."""
    subject = SUBJECT.search(text)
    return re.compile(".*".join(map(re.escape, re.split(r"{[{%].*?[%}]}", subject[1]))) if subject else "")
