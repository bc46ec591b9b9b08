"""Corrections of API Gateway's REST APIs."""

import asyncio
import json
from typing import Any

from local.emulator.settings import Settings, service, wrap

MEGABYTE = 1024 * 1024


def rest_api_import(_: Settings) -> None:
    """Route ImportRestApi and PutRestApi, which is how Chalice deploys; MiniStack answers 404.

    It can import a specification for CloudFormation, but drops what Chalice and local/api_gateway.py need:
    binary media types, request templates, MOCK answers, the method that stands for any, gateway responses.
    """
    api = service("apigateway_v1")

    def make_import(original: Any) -> Any:
        def imported(specification: dict[str, Any], base: Any = None) -> str:
            api_id: str = original(specification, base)
            _complete(api, api_id, specification)
            return api_id

        return imported

    wrap(api, "_import_rest_api", make_import)

    def make_handler(original: Any) -> Any:
        async def handle_request(method: str, path: str, headers: Any, body: bytes, query: Any) -> Any:
            parts = [part for part in path.split("/") if part]
            if method == "POST" and parts == ["restapis"] and "import" in str((query or {}).get("mode", "")):
                types = (query or {}).get("endpointConfigurationTypes") or ["EDGE"]
                types = [types] if isinstance(types, str) else types
                made = api._import_rest_api(json.loads(body), {"endpointConfiguration": {"types": types}})
                return api._v1_response(api._rest_api_view(api._rest_apis[made]), 201)
            if method == "PUT" and len(parts) == 2 and parts[0] == "restapis":
                if parts[1] not in api._rest_apis:
                    return api._v1_error("NotFoundException", "Invalid API identifier specified", 404)
                _overwrite(api, parts[1], json.loads(body))
                return api._v1_response(api._rest_api_view(api._rest_apis[parts[1]]), 200)
            return await original(method, path, headers, body, query)

        return handle_request

    wrap(api, "handle_request", make_handler)


def _complete(api: Any, api_id: str, specification: dict[str, Any]) -> None:
    """Add to an imported API what MiniStack's importer left out."""
    imported = api._rest_apis[api_id]
    imported["binaryMediaTypes"] = list(specification.get("x-amazon-apigateway-binary-media-types") or [])
    policy = specification.get("x-amazon-apigateway-policy")
    if isinstance(policy, dict):
        imported["policy"] = json.dumps(policy)
    resources = {resource["path"]: resource for resource in api._resources[api_id].values()}
    for path, item in (specification.get("paths") or {}).items():
        for verb, operation in (item or {}).items():
            name = verb.upper()
            if verb == "x-amazon-apigateway-any-method":
                name = "ANY"
                api._import_operation(api_id, resources[path]["id"], name, operation)
            method = resources.get(path, {}).get("resourceMethods", {}).get(name) or {}
            source = isinstance(operation, dict) and operation.get("x-amazon-apigateway-integration")
            if method.get("methodIntegration") and source:
                _complete_integration(method["methodIntegration"], source)
    for kind, response in (specification.get("x-amazon-apigateway-gateway-responses") or {}).items():
        data = dict(response)
        if "statusCode" in data:
            data["statusCode"] = str(data["statusCode"])
        api._put_gateway_response(api_id, kind, data)


def _complete_integration(target: dict[str, Any], source: dict[str, Any]) -> None:
    for key in ("requestTemplates", "requestParameters", "timeoutInMillis", "contentHandling", "credentials"):
        if source.get(key) is not None:
            target[key] = source[key]
    if source.get("passthroughBehavior") is not None:
        target["passthroughBehavior"] = str(source["passthroughBehavior"]).upper()
    for pattern, response in (source.get("responses") or {}).items():
        status = str(response.get("statusCode", "200"))
        target["integrationResponses"][status] = {
            "statusCode": status,
            "selectionPattern": "" if pattern == "default" else pattern,
            "responseParameters": response.get("responseParameters") or {},
            "responseTemplates": response.get("responseTemplates") or {},
            "contentHandling": response.get("contentHandling"),
        }


def _overwrite(api: Any, api_id: str, specification: dict[str, Any]) -> None:
    """PutRestApi: the API keeps its id and its stages, and becomes what the specification says."""
    scratch = api._import_rest_api(specification)
    for store in (api._resources, api._authorizers_v1, api._models, api._gateway_responses):
        store[api_id] = store.get(scratch) or {}
    kept = dict(api._rest_apis[api_id])
    for key in ("name", "version", "binaryMediaTypes", "policy"):
        kept[key] = api._rest_apis[scratch].get(key)
    api._rest_apis[api_id] = kept
    api._delete_rest_api(scratch)
    api._authorizer_cache.clear()


def compression_size(_: Settings) -> None:
    """Keep /minimumCompressionSize as a number or nothing.

    Chalice patches it with "" (which means off); MiniStack answers that "" later, and botocore fails to read
    it as a number.
    """

    def make(original: Any) -> Any:
        def apply_patch(thing: Any, operations: Any) -> Any:
            result = original(thing, operations)
            if isinstance(thing, dict) and "minimumCompressionSize" in thing:
                value = str(thing["minimumCompressionSize"] or "")
                thing["minimumCompressionSize"] = int(value) if value.isdigit() else None
            return result

        return apply_patch

    wrap(service("apigateway_v1"), "_apply_patch", make)


def cognito_authorizer(_: Settings) -> None:
    """Let ID tokens in and access tokens not, and hand over groups as "a,b", both as AWS does.

    A method without authorization scopes takes ID tokens only. A claim that is a list reaches a function
    joined by commas; MiniStack writes "[a b]", which is what HTTP APIs do.
    """
    api = service("apigateway_v1")

    def make_validate(original: Any) -> Any:
        async def validate(authorizer: Any, method: Any, *rest: Any) -> Any:
            claims, error = await original(authorizer, method, *rest)
            scoped = bool(method.get("authorizationScopes"))
            if error is None and not scoped and claims.get("token_use") != "id":
                return None, api._gw_error("UNAUTHORIZED", "Unauthorized")
            return claims, error

        return validate

    def make_claims(original: Any) -> Any:
        def stringify(claims: Any) -> Any:
            lists = {key: value for key, value in (claims or {}).items() if isinstance(value, list)}
            return {**original(claims), **{k: ",".join(map(str, v)) for k, v in lists.items()}}

        return stringify

    wrap(api, "_validate_cognito_authorizer", make_validate)
    wrap(api, "_stringify_claims", make_claims)


def proxy_errors(_: Settings) -> None:
    """Answer as API Gateway when a function behind it fails, answers nonsense, is too slow, or gets too much.

    For an exception, a crash and a result without statusCode what the API has for DEFAULT_5XX, or else 502;
    504 after 29 seconds; 413 for a body over 10 MB or an event over Lambda's 6 MB. MiniStack shows the
    exception's text to the client, and knows no limits.
    """
    api = service("apigateway_v1")
    too_large = "request too large"

    def make_call(original: Any) -> Any:
        async def call(function_ref: Any, event: dict[str, Any], **scope: Any) -> Any:
            if len(json.dumps(event)) > 6 * MEGABYTE:
                return {"error": True, "body": {"errorMessage": too_large}}, None
            result, error = await original(function_ref, event, **scope)
            is_proxy = result is not None and "resourcePath" in (event.get("requestContext") or {})
            if is_proxy and not result.get("error") and not result.get("throttle"):
                body = result.get("body")
                if not (isinstance(body, dict) and "statusCode" in body):
                    result = {"error": True, "body": {"errorMessage": "malformed proxy response"}}
                elif len(json.dumps(body)) > 6 * MEGABYTE:
                    result = {"error": True, "body": {"errorMessage": "response too large"}}
            return result, error

        return call

    def make_invoke(original: Any) -> Any:
        # Its ninth argument is the body of the request, its first two are the integration and the API's id.
        async def invoke(*arguments: Any, **named: Any) -> Any:
            integration, api_id, body = arguments[0], arguments[1], arguments[8]
            if len(body or b"") > 10 * MEGABYTE:
                return api._gw_error("REQUEST_TOO_LARGE", "Request Too Long")
            task = asyncio.ensure_future(original(*arguments, **named))
            limit = min(int(integration.get("timeoutInMillis") or 29000), 29000) / 1000
            done, _ = await asyncio.wait({task}, timeout=limit)
            if not done:
                # The function runs on, as on AWS.
                return api._gw_error("INTEGRATION_TIMEOUT", "Endpoint request timed out")
            response = task.result()
            if isinstance(response, tuple) and response[0] == 502 and b"errorMessage" in response[2]:
                if too_large.encode() in response[2]:
                    return api._gw_error("REQUEST_TOO_LARGE", "Request Too Long")
                if "DEFAULT_5XX" in api._gateway_responses.get(api_id, {}):
                    return api._gw_error("DEFAULT_5XX", "Internal server error")
                return 502, {"Content-Type": "application/json"}, b'{"message": "Internal server error"}'
            return response

        return invoke

    wrap(api, "_call_lambda_raw", make_call)
    wrap(api, "_invoke_lambda_proxy_v1", make_invoke)
