"""Who schemathesis is: somebody with an account of their own, another every two seconds.

Among the requests are those that end the session they come from. A new account after a while lets the next ones in again.
"""

import uuid

import requests
import schemathesis


@schemathesis.auth(refresh_interval=2)
class FreshAccount:
    def get(self, case, context):
        account = {
            "email": f"{uuid.uuid4().hex}@example.com",
            "password": uuid.uuid4().hex,
            "name": "Ada Lovelace",
        }
        answer = requests.post(f"{case.operation.base_url}/register", json=account, timeout=60)
        answer.raise_for_status()
        return answer.json()["access_token"]

    def set(self, case, data, context):
        case.headers = case.headers or {}
        case.headers["Authorization"] = f"Bearer {data}"
