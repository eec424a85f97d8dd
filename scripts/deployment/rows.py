"""Rows of sessions, put into the table as a function that died midway leaves them, or more of them than anybody signs in."""

import uuid

import boto3

MOST_OF_A_BATCH = 25


class SessionRows:
    def __init__(self, stack):
        self.stack = stack

    def of(self, user_id):
        condition = {"KeyConditionExpression": "user_id = :user", "ExpressionAttributeValues": {":user": {"S": user_id}}}
        return self._database.query(TableName=self._table, ConsistentRead=True, **condition)["Items"]

    def change(self, row, **attributes):
        self._database.put_item(TableName=self._table, Item={**row, **attributes})

    def copy(self, row, count, **attributes):
        copies = [{**row, **attributes, "session_id": {"S": str(uuid.uuid4())}} for _ in range(count)]
        for start in range(0, count, MOST_OF_A_BATCH):
            puts = [{"PutRequest": {"Item": each}} for each in copies[start : start + MOST_OF_A_BATCH]]
            self._database.batch_write_item(RequestItems={self._table: puts})

    @property
    def _database(self):
        return boto3.client("dynamodb")

    @property
    def _table(self):
        return self.stack.output("RefreshTokensTableName")
