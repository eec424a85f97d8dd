import json


def handler(event, context):
    """The caller is in the context that the authorizer has answered with."""
    caller = event["requestContext"]["authorizer"]["lambda"]
    body = {"user": caller["sub"], "session": caller["sid"], "roles": caller["roles"].split(), "orders": []}
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": json.dumps(body)}
