"""Tokens that open nothing: forged, of others, out of time, or not an id token."""

import base64
import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import jwt
from attrs import frozen
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from jwt.algorithms import RSAAlgorithm

from local.customer import sign_in
from tests.e2e.running import Person, RunningShop

Claims = dict[str, Any]


@frozen
class Forger:
    """Somebody who has a customer's true token, and, for some tokens, even the pool's key."""

    shop: RunningShop
    person: Person
    key: RSAPrivateKey
    """The one that the pool signs id tokens with: only so can a true signature stand under a wrong claim."""

    @classmethod
    def of(cls, shop: RunningShop, person: Person) -> "Forger":
        pool = shop.described["user_pool_id"]
        pem = (shop.home / "aws" / "cognito-pool-keys" / f"{pool}-id.pem").read_bytes()
        key = serialization.load_pem_private_key(pem, None)
        assert isinstance(key, RSAPrivateKey)
        return cls(shop, person, key)

    @property
    def header(self) -> Claims:
        return dict(jwt.get_unverified_header(self.person.shop.token))

    @property
    def claims(self) -> Claims:
        return dict(jwt.decode(self.person.shop.token, options={"verify_signature": False}))

    def signed(self, key: RSAPrivateKey | None = None, header: Claims | None = None, **changed: Any) -> str:
        """The true token with some claims changed; those that are None are left out."""
        claims = {name: value for name, value in (self.claims | changed).items() if value is not None}
        return assembled(self.header | (header or {}), claims, _by_rsa(key or self.key))

    def forged(self) -> Iterator[tuple[str, str]]:
        """Tokens by what is wrong with each; nobody is to be let in by one of them."""
        yield from self._unsigned()
        yield from self._by_another_key()
        yield from self._wrong_claims()
        yield from self._damaged()

    def _unsigned(self) -> Iterator[tuple[str, str]]:
        for algorithm in ("none", "None", "NONE", "nOnE", "", None):
            for signature in (b"", b"signature"):
                header = self.header | {"alg": algorithm}
                token = assembled(header, self.claims, lambda _, signature=signature: signature)  # type: ignore[misc]
                yield f"alg {algorithm!r}, signed {signature!r}", token
        public = self.key.public_key()
        for name, secret in {
            "in PEM": public.public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            ),
            "in PKCS 1": public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.PKCS1),
            "in DER": public.public_bytes(
                serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
            ),
            "as JWK": RSAAlgorithm.to_jwk(public).encode(),
            "left out": b"",
        }.items():
            for algorithm, digest in (("HS256", hashlib.sha256), ("HS512", hashlib.sha512)):
                sign = _by_hmac(secret, digest)
                token = assembled(self.header | {"alg": algorithm}, self.claims, sign)
                yield f"{algorithm} with the public key {name}", token

    def _by_another_key(self) -> Iterator[tuple[str, str]]:
        other = generate_private_key(65537, 2048)
        jwk = json.loads(RSAAlgorithm.to_jwk(other.public_key())) | {
            "kid": "mine",
            "use": "sig",
            "alg": "RS256",
        }
        yield "another key under the pool's name", self.signed(other)
        for kid in (
            *("mine", "", "0", None, 1, [], "x" * 8000),
            *("../../../../dev/null", "/dev/null", "file:///dev/null", "http://127.0.0.1:9/jwks.json"),
            *("' UNION SELECT 'mine", "mine\0", self.header["kid"] + "\0", self.header["kid"].upper()),
        ):
            yield f"another key, named {str(kid)[:40]!r}", self.signed(other, {"kid": kid})
        for name, value in {
            "jwk": jwk,
            "jku": "http://127.0.0.1:9/jwks.json",
            "x5u": "http://127.0.0.1:9/cert.pem",
            "x5c": [base64.b64encode(b"certificate").decode()],
            "crit": ["exp"],
        }.items():
            if name != "crit":
                yield f"another key, brought as {name}", self.signed(other, {name: value, "kid": "mine"})
                yield (
                    f"another key, brought as {name}, named as the pool's",
                    self.signed(other, {name: value}),
                )
        yield (
            "the pool's key, RS384",
            assembled(self.header | {"alg": "RS384"}, self.claims, _by_rsa(self.key)),
        )
        access = (
            self.shop.home / "aws" / "cognito-pool-keys" / f"{self.shop.described['user_pool_id']}-access.pem"
        )
        of_access = serialization.load_pem_private_key(access.read_bytes(), None)
        assert isinstance(of_access, RSAPrivateKey)
        yield "the pool's key of access tokens, named as the other", self.signed(of_access)

    def _wrong_claims(self) -> Iterator[tuple[str, str]]:
        now, day = int(time.time()), 24 * 3600
        for changed in (
            {"iss": self.claims["iss"] + "x"},
            {"iss": self.claims["iss"].rsplit("_", 1)[0] + "_another"},
            {"iss": None},
            {"aud": "another-client"},
            {"aud": None, "client_id": self.claims["aud"]},
            {"aud": self.claims["aud"].lower()},
            {"exp": now - 1},
            {"exp": now - day},
            {"exp": 0},
            {"exp": None},
            {"exp": "never"},
            {"iat": now + day, "exp": now + 2 * day},
            {"nbf": now + day},
            {"token_use": "access"},
            {"token_use": "refresh"},
            {"token_use": None},
            {"sub": None},
            {"sub": ""},
            {"sub": 5},
            {"email_verified": False},
            {"email_verified": "false"},
            {"email_verified": None},
            {"email": None},
        ):
            yield f"the pool's key, with {changed}", self.signed(**changed)  # type: ignore[arg-type]

    def _damaged(self) -> Iterator[tuple[str, str]]:
        true = self.person.shop.token
        head, claims, signature = true.split(".")
        other = base64.urlsafe_b64encode(json.dumps(self.claims | {"sub": str(uuid.uuid4())}).encode())
        yield "another's claims under a true signature", f"{head}.{other.decode().rstrip('=')}.{signature}"
        yield "a signature turned round", f"{head}.{claims}.{signature[::-1]}"
        yield "no signature", f"{head}.{claims}."
        yield "no second dot", f"{head}.{claims}"
        yield "a fourth part", f"{true}.{signature}"
        yield "five parts, as if encrypted", f"{head}..{claims}.{signature}.x"
        yield "no token", "null"
        yield "the customer's number", str(self.claims["sub"])
        yield "nothing but dots", ".."


def of_others(shop: RunningShop, person: Person) -> Iterator[tuple[str, str]]:
    """True tokens: of another pool, of another client of this one, of a user whose address nobody verified,
    and this customer's access token."""
    cognito, pool = shop.aws("cognito-idp"), shop.described["user_pool_id"]
    flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]

    def token(pool_id: str, client_id: str, kind: str = "IdToken", name: str = person.name) -> str:
        answer = cognito.initiate_auth(
            AuthFlow="USER_PASSWORD_AUTH",
            ClientId=client_id,
            AuthParameters={"USERNAME": name, "PASSWORD": person.password},
        )
        given: str = answer["AuthenticationResult"][kind]
        shop.secrets.add(given)
        return given

    def user(pool_id: str, name: str, verified: str) -> None:
        attributes = {"email": person.email, "email_verified": verified}
        cognito.admin_create_user(
            UserPoolId=pool_id,
            Username=name,
            MessageAction="SUPPRESS",
            UserAttributes=[{"Name": key, "Value": value} for key, value in attributes.items()],
        )
        cognito.admin_set_user_password(
            UserPoolId=pool_id, Username=name, Password=person.password, Permanent=True
        )

    yield "its access token", token(pool, shop.described["client_id"], "AccessToken")
    client = cognito.create_user_pool_client(UserPoolId=pool, ClientName="another", ExplicitAuthFlows=flows)
    client_id = client["UserPoolClient"]["ClientId"]
    yield "of another client of the pool", token(pool, client_id)
    cognito.delete_user_pool_client(UserPoolId=pool, ClientId=client_id)
    unverified = f"{person.name}-unverified"
    user(pool, unverified, "false")
    yield "of an address that nobody verified", token(pool, shop.described["client_id"], name=unverified)
    other = cognito.create_user_pool(PoolName="another")["UserPool"]["Id"]
    client = cognito.create_user_pool_client(UserPoolId=other, ClientName="another", ExplicitAuthFlows=flows)
    user(other, person.name, "true")
    yield "of another pool", token(other, client["UserPoolClient"]["ClientId"])
    cognito.delete_user_pool(UserPoolId=other)


def true_again(shop: RunningShop, person: Person) -> str:
    """A token that opens the shop, to see that the others are not refused for something else."""
    return sign_in(shop.described, person.name, person.password).token


def assembled(header: Claims, claims: Claims, sign: Callable[[bytes], bytes]) -> str:
    """A token by hand, as no decent library would make it."""
    parts = [_base64(json.dumps(part).encode()) for part in (header, claims)]
    return ".".join([*parts, _base64(sign(".".join(parts).encode()))])


def _by_rsa(key: RSAPrivateKey) -> Callable[[bytes], bytes]:
    return lambda content: RSAAlgorithm(RSAAlgorithm.SHA256).sign(content, key)


def _by_hmac(secret: bytes, digest: Callable[..., Any]) -> Callable[[bytes], bytes]:
    return lambda content: hmac.new(secret, content, digest).digest()


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
