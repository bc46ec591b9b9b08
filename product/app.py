"""The product service: lists and describes products, whose attributes differ from kind to kind."""

from typing import Any

from chalice import Chalice, CognitoUserPoolAuthorizer
from chalicelib.product import api
from chalicelib.product.wiring import ProductWiring

from common.codec import read
from common.domain.product import Product
from common.errors import NotFound
from common.repositories.mongo.products import migrate as apply_migrations
from common.settings import resource
from common.web.endpoints import endpoint
from common.web.functions import internal
from common.web.identity import signed_in
from common.web.requests import query

app = Chalice(app_name="product", configure_logs=False)
customers = CognitoUserPoolAuthorizer("customers", provider_arns=[resource("USER_POOL_ARN")])
shop = ProductWiring()

# For how many seconds a browser may show what the catalog said. A product's own page has its stock: never.
MINUTE = 60


@app.route("/categories", methods=["GET"], authorizer=customers)
@endpoint(app, max_age=MINUTE)
def list_categories() -> api.Categories:
    """List the categories of the products"""
    signed_in(app.current_request, shop.tokens)
    return api.Categories(tuple(shop.list_categories()))


@app.route("/products", methods=["GET"], authorizer=customers)
@endpoint(app, max_age=MINUTE)
def list_products() -> api.ProductsBody:
    """List, filter and search the products

    In the order of their ids, page by page.
    """
    signed_in(app.current_request, shop.tokens)
    asked = query(app.current_request, api.ProductsQuery)
    narrowed = api.read_filter(asked)
    after = api.read_cursor(asked.cursor, narrowed)
    return api.ProductsBody.of(shop.list_products(narrowed, after, asked.limit), narrowed)


@app.route("/products/{product_id}", methods=["GET"], authorizer=customers)
@endpoint(app, NotFound, max_age=0)
def get_product(product_id: str) -> api.ProductDetail:
    """Describe a product, and how many pieces of it there are"""
    signed_in(app.current_request, shop.tokens)
    return api.ProductDetail.with_stock(*shop.describe_product(api.read_product_id(product_id)))


@app.route("/products/{product_id}/suggestions", methods=["GET"], authorizer=customers)
@endpoint(app, NotFound, max_age=MINUTE)
def get_suggestions(product_id: str) -> api.Suggestions:
    """Suggest what others bought together with a product"""
    signed_in(app.current_request, shop.tokens)
    return api.Suggestions.of(*shop.suggest_products(api.read_product_id(product_id)))


@app.lambda_function(name="get_products")
@internal(app)
def get_products(arguments: dict[str, Any]) -> dict[str, Product]:
    return shop.products.get(read(arguments, api.ProductIds).product_ids)


@app.lambda_function(name="put_products")
@internal(app)
def put_products(arguments: dict[str, Any]) -> None:
    shop.products.put(read(arguments, api.NewProducts).products)


@app.lambda_function(name="migrate")
@internal(app)
def migrate(arguments: dict[str, Any]) -> list[str]:
    return apply_migrations(shop.owner_database)
