"""What the product service does, one file a use case."""

from chalicelib.product.use_cases.describe_product import DescribeProduct
from chalicelib.product.use_cases.list_categories import ListCategories
from chalicelib.product.use_cases.list_products import ListProducts
from chalicelib.product.use_cases.suggest_products import SuggestProducts

__all__ = ["DescribeProduct", "ListCategories", "ListProducts", "SuggestProducts"]
