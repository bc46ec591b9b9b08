"""Orders in Postgres, delivered ones in Cassandra, whose driver is imported when it is asked for."""

from datetime import datetime
from functools import cache
from typing import Annotated, Any
from uuid import UUID, uuid4

# An engine imports its driver when it is made, which here is with the first request; a cold start has it.
import psycopg2  # noqa: F401
from fastapi import Depends, FastAPI, Header, HTTPException, Query
from mangum import Mangum
from pydantic import BaseModel, Field
from rival.common import Customer, Money, call, customer, secret
from sqlalchemy import JSON, BigInteger, Engine, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

app = FastAPI()
SignedIn = Annotated[Customer, Depends(customer)]


class Base(DeclarativeBase):
    pass


class OrderRow(Base):
    __tablename__ = "orders"

    order_id: Mapped[UUID] = mapped_column(primary_key=True)
    customer_id: Mapped[str] = mapped_column(index=True)
    idempotency_key: Mapped[str]
    status: Mapped[str]
    reason: Mapped[str | None]
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str]
    placed_at: Mapped[datetime]


class Line(BaseModel):
    product_id: str
    quantity: int = Field(ge=1, le=1000)


class Cart(BaseModel):
    lines: list[Line] = Field(min_length=1, max_length=100)


class Order(BaseModel):
    order_id: UUID
    status: str
    reason: str | None
    lines: list[dict[str, Any]]
    total: Money
    placed_at: datetime

    @classmethod
    def of(cls, row: OrderRow) -> "Order":
        return cls(
            order_id=row.order_id,
            status=row.status,
            reason=row.reason,
            lines=row.lines,
            total=Money(amount=row.amount, currency=row.currency),
            placed_at=row.placed_at,
        )


@cache
def engine() -> Engine:
    login = secret()
    return create_engine(f"postgresql+psycopg2://{login['host']}:{login['port']}/{login['dbname']}")


def _own(session: Session, who: Customer, order_id: UUID) -> OrderRow:
    row = session.get(OrderRow, order_id, with_for_update=True)
    if row is None or row.customer_id != who.sub:
        raise HTTPException(404)
    return row


@app.post("/orders", status_code=201)
def place_order(who: SignedIn, cart: Cart, idempotency_key: Annotated[str, Header()]) -> Order:
    known = call("product", "get_products", {"product_ids": [line.product_id for line in cart.lines]})
    with Session(engine()) as session, session.begin():
        row = OrderRow(
            order_id=uuid4(),
            customer_id=who.sub,
            idempotency_key=idempotency_key,
            status="reserving",
            lines=[{**line.model_dump(), "price": known[line.product_id]["price"]} for line in cart.lines],
            amount=sum(known[line.product_id]["price"]["amount"] * line.quantity for line in cart.lines),
            currency="USD",
            placed_at=datetime.now(),
        )
        session.add(row)
    call("inventory", "reserve_stock", {"order_id": str(row.order_id), "lines": row.lines})
    return Order.of(row)


@app.get("/orders")
def list_orders(who: SignedIn, limit: Annotated[int, Query(ge=1, le=100)] = 20) -> list[Order]:
    asked = select(OrderRow).where(OrderRow.customer_id == who.sub).order_by(OrderRow.order_id.desc())
    with Session(engine()) as session:
        return [Order.of(row) for row in session.scalars(asked.limit(limit))]


@app.get("/orders/{order_id}")
def get_order(who: SignedIn, order_id: UUID) -> Order:
    with Session(engine()) as session:
        return Order.of(_own(session, who, order_id))


@app.post("/orders/{order_id}/cancel")
def cancel_order(who: SignedIn, order_id: UUID) -> Order:
    with Session(engine()) as session, session.begin():
        row = _own(session, who, order_id)
        if row.status != "awaiting_payment":
            raise HTTPException(409)
        row.status, row.reason = "canceled", "customer_request"
        return Order.of(row)


@app.post("/orders/{order_id}/deliver")
def deliver_order(who: SignedIn, order_id: UUID) -> Order:
    with Session(engine()) as session, session.begin():
        row = _own(session, who, order_id)
        row.status = "delivered"
        return Order.of(row)


handler = Mangum(app, lifespan="off")
