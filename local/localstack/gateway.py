"""What LocalStack's API Gateway answers by itself."""

from typing import Any

from localstack.services.apigateway.legacy import provider
from localstack.services.apigateway.next_gen.execute_api.gateway_response import (
    build_gateway_response,
    get_gateway_response_or_default,
)
from localstack.services.apigateway.next_gen.execute_api.handlers.gateway_exception import (
    GatewayExceptionHandler,
)


def own_answers() -> None:
    """Let its errors be those that an API's specification has: see local/api_gateway.py.

    LocalStack imports a specification without them, and of one that it is given in other ways it takes the
    status alone.
    """
    original_import = provider.import_api_from_openapi_spec
    original_answer = GatewayExceptionHandler.create_exception_response

    def imported(rest_api: Any, *, context: Any, open_api_spec: Any, mode: Any) -> Any:
        outcome = original_import(rest_api, context=context, open_api_spec=open_api_spec, mode=mode)
        api = provider.get_apigateway_store(context=context).rest_apis[rest_api.id]
        for kind, given in open_api_spec.get("x-amazon-apigateway-gateway-responses", {}).items():
            api.gateway_responses[kind] = build_gateway_response(
                kind, given["statusCode"], given["responseParameters"], given["responseTemplates"]
            )
        return outcome

    def answer(self: Any, error: Any, context: Any) -> Any:
        answered = original_answer(self, error, context)
        given = get_gateway_response_or_default(error.type, context.deployment.rest_api.gateway_responses)
        if given["responseParameters"]:
            answered.set_data(given["responseTemplates"]["application/json"])
        for name, value in given["responseParameters"].items():
            # Either a constant, in quotes, or context.NAME.
            constant = value.startswith("'")
            answered.headers[name.removeprefix("gatewayresponse.header.")] = (
                value.strip("'") if constant else context.context_variables[value.removeprefix("context.")]
            )
        return answered

    provider.import_api_from_openapi_spec = imported
    GatewayExceptionHandler.create_exception_response = answer
