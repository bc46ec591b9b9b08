"""What the four services share: settings, secrets, calls of one another, and who is signed in."""

import json
from functools import cache
from typing import Annotated, Any

import boto3
import jwt
from fastapi import Depends, HTTPException
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel
from pydantic_settings import BaseSettings

bearer = HTTPBearer()


class Settings(BaseSettings):
    shop_stage: str = "local"
    secret: str = ""
    token_issuer: str = ""
    token_audience: str = ""
    token_keys_url: str = ""
    payment_topic_arn: str = ""
    invoice_bucket: str = ""


@cache
def settings() -> Settings:
    return Settings()


@cache
def aws(service: str) -> Any:
    return boto3.client(service)


@cache
def secret() -> dict[str, Any]:
    answer = aws("secretsmanager").get_secret_value(SecretId=settings().secret)
    found: dict[str, Any] = json.loads(answer["SecretString"])
    return found


def call(service: str, function: str, arguments: dict[str, Any]) -> Any:
    answer = aws("lambda").invoke(
        FunctionName=f"{service}-{settings().shop_stage}-{function}",
        Payload=json.dumps({"arguments": arguments}).encode(),
    )
    return json.loads(answer["Payload"].read())["value"]


class Customer(BaseModel):
    sub: str
    email: str


@cache
def keys() -> jwt.PyJWKClient:
    return jwt.PyJWKClient(settings().token_keys_url)


def customer(credentials: Annotated[HTTPAuthorizationCredentials, Depends(bearer)]) -> Customer:
    try:
        key = keys().get_signing_key_from_jwt(credentials.credentials)
        claims = jwt.decode(
            credentials.credentials,
            key,
            algorithms=["RS256"],
            issuer=settings().token_issuer,
            audience=settings().token_audience,
        )
    except jwt.PyJWTError as error:
        raise HTTPException(401) from error
    return Customer.model_validate(claims)


class Money(BaseModel):
    amount: int
    currency: str
