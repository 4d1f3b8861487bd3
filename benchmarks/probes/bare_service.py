"""The imports of a Lambda of FastAPI, Mangum and boto3 before a line of its own: the floor of our functions."""

import boto3
from fastapi import FastAPI
from mangum import Mangum

app = FastAPI()
handler = Mangum(app, lifespan="off")
dynamodb = boto3.client("dynamodb")
secrets = boto3.client("secretsmanager")
