"""The custom resource, which LocalEmu leaves out: its function is invoked as CloudFormation does, and its attributes are put where
the template has them.
"""

import json
import uuid

import boto3
from botocore.config import Config

from ..client import Unexpected
from .fitted import ADDRESS

BUCKET = "answers"
# The attribute of KeySet, by the variable that it is the value of.
ATTRIBUTES = {"PUBLIC_KEYS": "PublicKeys", "KEY_SET_VERSION": "Version"}


def make(stack):
    """Makes the keys of a new stack. Returns the attributes of the custom resource."""
    storage = boto3.client("s3", endpoint_url=ADDRESS, config=Config(s3={"addressing_style": "path"}))
    storage.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": storage.meta.region_name})
    place = {"Bucket": BUCKET, "Key": str(uuid.uuid4())}
    properties = {key: _value(stack, each) for key, each in stack.template["Resources"]["KeySet"]["Properties"].items()}
    event = {
        "RequestType": "Create",
        "ResponseURL": storage.generate_presigned_url("put_object", Params={**place, "ContentType": ""}),
        "StackId": stack.name,
        "RequestId": place["Key"],
        "ResourceType": "AWS::CloudFormation::CustomResource",
        "LogicalResourceId": "KeySet",
        "ResourceProperties": properties,
    }
    functions = boto3.client("lambda")
    functions.invoke(FunctionName=stack.physical("KeysFunction"), Payload=json.dumps(event))
    answer = json.loads(storage.get_object(**place)["Body"].read())
    if answer["Status"] != "SUCCESS":
        raise Unexpected(f"the custom resource says: {answer['Reason']}")
    for logical in stack.resources("AWS::Lambda::Function"):
        _put(functions, stack.physical(logical), answer["Data"])
    return answer["Data"]


def _value(stack, node):
    """The value of a property, as CloudFormation gives it to the function."""
    match node:
        case {"Ref": "KeySetSecret"}:
            return stack.output("KeySetSecretArn")
        case {"Ref": parameter}:
            return stack.parameters()[parameter]
        case {"Fn::GetAtt": _}:
            return "the function"
        case _:
            return str(node)


def _put(functions, name, attributes):
    before = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    after = {key: attributes[ATTRIBUTES[key]] if key in ATTRIBUTES else value for key, value in before.items()}
    if after != before:
        functions.update_function_configuration(FunctionName=name, Environment={"Variables": after})
        functions.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
