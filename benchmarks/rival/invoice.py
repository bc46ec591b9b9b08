"""Links to invoices in S3; what draws them is another function's."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, FastAPI, HTTPException
from mangum import Mangum
from pydantic import BaseModel
from rival.common import Customer, aws, call, customer, settings

app = FastAPI()


class Link(BaseModel):
    order_id: UUID
    url: str


@app.get("/invoices/{order_id}")
def get_invoice(who: Annotated[Customer, Depends(customer)], order_id: UUID) -> Link:
    order = call("order", "get_order", {"order_id": str(order_id)})
    if order is None or order["customer_id"] != who.sub:
        raise HTTPException(404)
    asked = {"Bucket": settings().invoice_bucket, "Key": f"invoices/{order_id}.pdf"}
    return Link(
        order_id=order_id, url=aws("s3").generate_presigned_url("get_object", Params=asked, ExpiresIn=300)
    )


handler = Mangum(app, lifespan="off")
