"""A customer of the shop, as a program: signs in to the pool, speaks to the shop's one address over HTTP."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import boto3
import httpx
from attrs import define, field
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError

from local.errors import LocalError


def sign_in(shop: Mapping[str, Any], name: str, password: str) -> "Customer":
    """Signs a user in to the pool of `shop` (what shop.json says). Raises LocalError if that is refused."""
    pool = boto3.client(
        "cognito-idp",
        endpoint_url=shop["user_pool_endpoint"],
        region_name=shop["region"],
        config=Config(signature_version=UNSIGNED),
    )
    try:
        answer = pool.initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=shop["client_id"],
            AuthParameters={"USERNAME": name, "PASSWORD": password},
        )
    except ClientError as error:
        raise LocalError(f"{name} cannot sign in: {error.response['Error']['Message']}.") from error
    return Customer(shop["api"], answer["AuthenticationResult"]["IdToken"])


@define
class Customer:
    """A signed-in customer. Every call returns the answer, whatever its status."""

    api: str
    token: str = field(repr=False)
    _http: httpx.Client = field(factory=lambda: httpx.Client(timeout=30, trust_env=False), repr=False)

    def get(self, path: str, **query: str | int) -> httpx.Response:
        return self._http.get(self.api + path, params=query, headers=self._headers())

    def post(self, path: str, body: object = None, **headers: str) -> httpx.Response:
        return self._http.post(self.api + path, json=body, headers=self._headers() | headers)

    def order(self, lines: Sequence[tuple[str, int]], key: str | None = None) -> httpx.Response:
        """Places an order of (product id, quantity) lines, under a new Idempotency-Key, or the given one."""
        body = {"lines": [{"product_id": product, "quantity": quantity} for product, quantity in lines]}
        return self.post("/orders", body, **{"Idempotency-Key": key or str(uuid.uuid4())})

    def checkout(self, order_id: str) -> str:
        """The address of the provider's page for the order."""
        answer = self.post("/payments/checkout", {"order_id": order_id})
        if answer.status_code != 201:
            raise LocalError(f"The checkout was refused: {answer.text}")
        return str(answer.json()["url"])

    def press(self, checkout: str, button: str) -> None:
        """Presses `pay` or `decline` on the provider's page. Raises LocalError where it is open no longer."""
        answer = self._http.post(f"{checkout}/{button}")
        if not answer.has_redirect_location:
            raise LocalError(f"The provider's page answered {answer.status_code}.")

    def download(self, address: str) -> httpx.Response:
        """Fetches an address that needs no token."""
        return self._http.get(address)

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}
