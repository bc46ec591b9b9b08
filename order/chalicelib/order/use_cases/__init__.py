"""What the order service does, one file a use case."""

from chalicelib.order.use_cases.apply_payment import ApplyPayment
from chalicelib.order.use_cases.archive_delivered import ArchiveDelivered
from chalicelib.order.use_cases.cancel_order import CancelOrder
from chalicelib.order.use_cases.deliver_order import DeliverOrder
from chalicelib.order.use_cases.expire_unpaid import ExpireUnpaid
from chalicelib.order.use_cases.find_stuck import FindStuck
from chalicelib.order.use_cases.get_order import GetOrder
from chalicelib.order.use_cases.list_orders import ListOrders
from chalicelib.order.use_cases.note_purchases import NotePurchases
from chalicelib.order.use_cases.place_order import PlaceOrder
from chalicelib.order.use_cases.rank_suggestions import RankSuggestions
from chalicelib.order.use_cases.return_stock import ReturnStock
from chalicelib.order.use_cases.settle_payment import SettlePayment
from chalicelib.order.use_cases.undo_placing import UndoPlacing

__all__ = [
    "ApplyPayment",
    "ArchiveDelivered",
    "CancelOrder",
    "DeliverOrder",
    "ExpireUnpaid",
    "FindStuck",
    "GetOrder",
    "ListOrders",
    "NotePurchases",
    "PlaceOrder",
    "RankSuggestions",
    "ReturnStock",
    "SettlePayment",
    "UndoPlacing",
]
