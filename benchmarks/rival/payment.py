"""Payments in Postgres; the provider's library is imported by those who use it."""

import json
from datetime import datetime
from functools import cache
from typing import Annotated, Any
from uuid import UUID

# An engine imports its driver when it is made, which here is with the first request; a cold start has it.
import psycopg2  # noqa: F401
from fastapi import Depends, FastAPI, HTTPException, Request
from mangum import Mangum
from pydantic import BaseModel
from rival.common import Customer, Money, aws, call, customer, secret, settings
from sqlalchemy import BigInteger, Engine, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

app = FastAPI()
SignedIn = Annotated[Customer, Depends(customer)]


class Base(DeclarativeBase):
    pass


class PaymentRow(Base):
    __tablename__ = "payments"

    payment_id: Mapped[str] = mapped_column(primary_key=True)
    order_id: Mapped[UUID] = mapped_column(index=True)
    status: Mapped[str]
    amount: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str]
    created_at: Mapped[datetime]


class Checkout(BaseModel):
    order_id: UUID


class Opened(Checkout):
    url: str


class Payment(BaseModel):
    payment_id: str
    status: str
    money: Money
    created_at: datetime


@cache
def engine() -> Engine:
    login = secret()
    return create_engine(f"postgresql+psycopg2://{login['host']}:{login['port']}/{login['dbname']}")


@app.post("/payments/checkout", status_code=201)
def open_checkout(who: SignedIn, asked: Checkout) -> Opened:
    import stripe

    order = call("order", "get_order", {"order_id": str(asked.order_id)})
    if order is None or order["customer_id"] != who.sub:
        raise HTTPException(404)
    session: Any = stripe.checkout.Session.create(mode="payment", client_reference_id=str(asked.order_id))
    return Opened(order_id=asked.order_id, url=session.url)


@app.get("/payments/{order_id}")
def get_payments(who: SignedIn, order_id: UUID) -> list[Payment]:
    with Session(engine()) as session:
        rows = session.scalars(select(PaymentRow).where(PaymentRow.order_id == order_id))
        return [
            Payment(
                payment_id=row.payment_id,
                status=row.status,
                money=Money(amount=row.amount, currency=row.currency),
                created_at=row.created_at,
            )
            for row in rows
        ]


@app.post("/webhooks/stripe")
async def receive_webhook(request: Request) -> dict[str, bool]:
    import stripe

    event: Any = stripe.Webhook.construct_event(
        await request.body(), request.headers["stripe-signature"], secret()["webhook_secret"]
    )
    with Session(engine()) as session, session.begin():
        paid = event.data.object
        session.add(
            PaymentRow(
                payment_id=paid.id,
                order_id=UUID(paid.client_reference_id),
                status=event.type,
                amount=paid.amount_total,
                currency=paid.currency,
                created_at=datetime.now(),
            )
        )
    aws("sns").publish(TopicArn=settings().payment_topic_arn, Message=json.dumps({"payment_id": event.id}))
    return {"received": True}


handler = Mangum(app, lifespan="off")
