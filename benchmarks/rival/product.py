"""Products in MongoDB."""

from functools import cache
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Query
from mangum import Mangum
from pydantic import BaseModel
from pymongo import MongoClient
from pymongo.collection import Collection
from rival.common import Customer, Money, call, customer, secret

app = FastAPI()
SignedIn = Annotated[Customer, Depends(customer)]


class Product(BaseModel):
    product_id: str
    name: str
    category: str
    price: Money
    attributes: dict[str, Any]


class Products(BaseModel):
    products: list[Product]
    next: str | None = None


class Detail(Product):
    available: int | None = None


@cache
def products() -> Collection[dict[str, Any]]:
    login = secret()
    client: MongoClient[dict[str, Any]] = MongoClient(login["uri"], retryWrites=False)
    return client[login["database"]]["products"]


@app.get("/categories")
def list_categories(_: SignedIn) -> list[str]:
    return sorted(products().distinct("category"))


@app.get("/products")
def list_products(
    _: SignedIn,
    category: str | None = None,
    q: str | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: str = "",
) -> Products:
    asked: dict[str, Any] = {"_id": {"$gt": cursor}}
    if category:
        asked["category"] = category
    if q:
        asked["terms"] = {"$all": q.lower().split()}
    found = [Product(product_id=d.pop("_id"), **d) for d in products().find(asked).sort("_id").limit(limit)]
    return Products(products=found, next=found[-1].product_id if len(found) == limit else None)


@app.get("/products/{product_id}")
def get_product(_: SignedIn, product_id: str) -> Detail:
    found = products().find_one({"_id": product_id})
    if found is None:
        raise HTTPException(404)
    stock = call("inventory", "get_inventory", {"product_ids": [product_id]})
    return Detail(product_id=found.pop("_id"), available=stock.get(product_id), **found)


@app.get("/products/{product_id}/suggestions")
def get_suggestions(_: SignedIn, product_id: str) -> list[str]:
    found: list[str] = call("order", "bought_together", {"product_id": product_id})
    return found


handler = Mangum(app, lifespan="off")
